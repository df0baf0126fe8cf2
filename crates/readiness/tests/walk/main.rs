//! The walk from outside: exports and attempts in as JSON, answers out.

#[cfg(test)]
mod adversary;
#[cfg(test)]
mod counterfactuals;
#[cfg(test)]
mod either_phone;
#[cfg(test)]
mod field_report;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod support;
