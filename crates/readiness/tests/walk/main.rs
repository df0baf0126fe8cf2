//! The walk from outside: exports and attempts in as JSON, answers out.

#[cfg(test)]
mod counterfactuals;
#[cfg(test)]
mod field_report;
#[cfg(test)]
mod support;
