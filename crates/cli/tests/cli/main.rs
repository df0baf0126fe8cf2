//! The program as other programs see it.

#[cfg(test)]
mod cases;
#[cfg(test)]
mod exits;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod readiness;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod support;
