//! The built program on virtual keys over UDP: what a person sees, what a script gets.

#[cfg(test)]
mod check;
#[cfg(test)]
mod choosing;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod identify;
#[cfg(test)]
mod info;
#[cfg(test)]
mod list;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod nfc;
#[cfg(test)]
mod nfc_page;
#[cfg(test)]
mod pin;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod support;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod trace;
#[cfg(test)]
mod trace_cards;
#[cfg(test)]
mod trace_proof;
#[cfg(test)]
mod watching;
