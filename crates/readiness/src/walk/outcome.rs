//! What one demand of one policy comes to, and how several make one.

use crate::rule::RuleSet;
use crate::{MethodMode, Rule, StrengthResult};
use keyvet_finding::Finding;

/// How a demand ends, the best first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Outcome {
    /// It is met.
    Met,
    /// It is met once the person does something.
    Ask,
    /// It is met once the person has registered a method.
    Register,
    /// It cannot be told.
    Open,
    /// It is not met.
    Stop,
}

/// One demand, or what several come to.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    pub(super) outcome: Outcome,
    /// Why it is not met; what to do about it; what is missing. Empty when it is met.
    pub(super) findings: Vec<Finding>,
    pub(super) rules: RuleSet,
    pub(super) strength: Option<StrengthResult>,
    /// Methods that the person is asked for.
    pub(super) prompts: Vec<MethodMode>,
    /// Whether registering a passkey would meet it.
    pub(super) offers_passkey: bool,
    /// Whether it is authentication that is lacking, and not a device or an app.
    pub(super) authentication: bool,
}

impl Demand {
    pub(super) fn met() -> Self {
        Self::of(Outcome::Met, None)
    }

    pub(super) fn of(outcome: Outcome, finding: Option<Finding>) -> Self {
        Self {
            outcome,
            findings: finding.into_iter().collect(),
            rules: RuleSet::default(),
            strength: None,
            prompts: Vec::new(),
            offers_passkey: false,
            authentication: false,
        }
    }

    pub(super) fn by(mut self, rule: &'static Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Operator AND.
    pub(super) fn all(demands: Vec<Self>) -> Self {
        let worst = demands.iter().map(|demand| demand.outcome).max().unwrap_or(Outcome::Met);
        let mut sum = Self::of(worst, None);
        for demand in demands {
            let decides = demand.outcome == worst || demand.outcome == Outcome::Ask;
            sum.strength = sum.strength.or(demand.strength);
            if decides {
                sum.rules.add(demand.rules);
                sum.findings.extend(demand.findings);
                sum.prompts.extend(demand.prompts);
                sum.offers_passkey |= demand.offers_passkey;
                sum.authentication |= demand.authentication;
            }
        }
        sum
    }

    /// Operator OR. Something that cannot be told comes before sending the person to registration.
    pub(super) fn any(demands: Vec<Self>) -> Self {
        let strength = demands.iter().find_map(|demand| demand.strength);
        let rank = |outcome| match outcome {
            Outcome::Met => 0,
            Outcome::Ask => 1,
            Outcome::Open => 2,
            Outcome::Register => 3,
            Outcome::Stop => 4,
        };
        let Some(least) = demands.iter().map(|demand| rank(demand.outcome)).min() else {
            return Self::met();
        };
        let stops = least == rank(Outcome::Stop);
        let mut best = demands.into_iter().filter(|demand| rank(demand.outcome) == least);
        let mut sum = best.next().unwrap_or_else(Self::met);
        for other in best.filter(|_| stops) {
            // every way is closed, so every one is worth naming
            sum.findings.extend(other.findings);
            sum.rules.add(other.rules);
            sum.authentication |= other.authentication;
        }
        sum.strength = strength;
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(outcomes: &[Outcome]) -> (Outcome, Outcome) {
        let demands = || outcomes.iter().map(|outcome| Demand::of(*outcome, None)).collect();
        (Demand::all(demands()).outcome, Demand::any(demands()).outcome)
    }

    #[test]
    fn one_of_several_is_enough_or_all_are_needed() {
        use Outcome::{Ask, Met, Open, Register, Stop};
        assert_eq!(ends(&[]), (Met, Met));
        assert_eq!(ends(&[Met, Stop]), (Stop, Met));
        assert_eq!(ends(&[Ask, Open]), (Open, Ask));
        assert_eq!(ends(&[Register, Open]), (Open, Open));
        assert_eq!(ends(&[Register, Stop]), (Stop, Register));
    }
}
