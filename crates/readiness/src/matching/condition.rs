//! One condition's answer, and how the answers of several make one.

use crate::Applies;

/// Whether one condition holds. Reasons are static, so that asking is cheap; only the final answer owns text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Holds {
    Yes,
    No(&'static str),
    /// By the names of the inputs that are missing.
    Undecided(Vec<String>),
}

impl Holds {
    pub(super) fn undecided(input: &str) -> Self {
        Self::Undecided(vec![input.to_owned()])
    }

    pub(super) fn when(holds: bool, otherwise: &'static str) -> Self {
        if holds { Self::Yes } else { Self::No(otherwise) }
    }
}

/// Everything must hold: a condition that does not decides, else one that is open leaves it open.
pub(super) fn all(conditions: impl IntoIterator<Item = Holds>) -> Applies {
    let mut missing: Vec<String> = Vec::new();
    for condition in conditions {
        match condition {
            Holds::Yes => {}
            Holds::No(why) => return Applies::No(why),
            Holds::Undecided(inputs) => add(&mut missing, inputs),
        }
    }
    if missing.is_empty() { Applies::Yes } else { Applies::Undecided(missing) }
}

/// One is enough: the first that holds decides, else one that is open leaves it open.
pub(super) fn any(alternatives: impl IntoIterator<Item = Holds>, otherwise: &'static str) -> Holds {
    let mut missing: Vec<String> = Vec::new();
    for alternative in alternatives {
        match alternative {
            Holds::Yes => return Holds::Yes,
            Holds::No(_) => {}
            Holds::Undecided(inputs) => add(&mut missing, inputs),
        }
    }
    if missing.is_empty() { Holds::No(otherwise) } else { Holds::Undecided(missing) }
}

/// Included and not excluded; an exclusion wins.
pub(super) fn except(included: Holds, excluded: Holds, why: &'static str) -> Holds {
    match (included, excluded) {
        (no @ Holds::No(_), _) => no,
        (_, Holds::Yes) => Holds::No(why),
        (included, Holds::No(_)) => included,
        (Holds::Yes, open @ Holds::Undecided(_)) => open,
        (Holds::Undecided(mut missing), Holds::Undecided(inputs)) => {
            add(&mut missing, inputs);
            Holds::Undecided(missing)
        }
    }
}

fn add(missing: &mut Vec<String>, inputs: Vec<String>) {
    for input in inputs {
        if !missing.contains(&input) {
            missing.push(input);
        }
    }
}

pub(super) fn contains(list: &[String], wanted: &str) -> bool {
    list.iter().any(|item| item.eq_ignore_ascii_case(wanted))
}
