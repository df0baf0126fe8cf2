//! People × devices × routes: who gets through, who is stuck, and where.

mod kin;
mod situation;

pub(crate) use kin::Named;
pub use situation::{SignIn, Situation, personas};
pub(crate) use situation::{is_pass, usual_pass, with_pass};

use crate::walk::{Standing, in_brief};
use crate::{Answer, Confidence, Context, Knowledge, Person, Rule, Tenant, Verdict};
use keyvet_finding::Finding;
use keyvet_policy::entra::KeyTable;
use kin::Kin;
use std::collections::HashMap;
use std::rc::Rc;

/// Kinds of people whose row is kept: memory does not grow with the number of people beyond them.
const MAX_KEPT: usize = 1024;

/// Rows of answers, one per person, computed once for all whom the tenant cannot tell apart.
///
/// ```
/// use keyvet_readiness::{Matrix, Situation, Tenant, personas};
/// let files = [("conditionalAccessPolicies.json", &b"{\"value\": []}"[..])];
/// let tenant = Tenant::read(&files)?;
/// let mut matrix = Matrix::new(&tenant, Situation::standard(&tenant));
/// for person in personas() {
///     assert_eq!(matrix.row(&person).len(), matrix.situations().len());
/// }
/// # Ok::<(), keyvet_readiness::ReadinessError>(())
/// ```
#[derive(Debug)]
pub struct Matrix<'a> {
    tenant: &'a Tenant,
    situations: Vec<Situation>,
    named: Named,
    kept: HashMap<Kin, Rc<[Summary]>>,
}

/// What one answer comes to.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// The outcome.
    pub verdict: Verdict,
    /// Where a verdict other than ready is decided.
    pub stopped_at: Option<Context>,
    /// Why: what that step says first.
    pub why: Option<Finding>,
    /// What has to be done for the registration to succeed.
    pub conditions: Vec<Finding>,
    /// What is not decided.
    pub unresolved: Vec<Finding>,
    /// Every rule used.
    pub rules: Vec<&'static Rule>,
    /// That of the weakest of them.
    pub confidence: Confidence,
}

impl<'a> Matrix<'a> {
    /// A matrix with these columns.
    #[must_use]
    pub fn new(tenant: &'a Tenant, situations: Vec<Situation>) -> Self {
        let named = Named::by(tenant);
        Self { tenant, situations, named, kept: HashMap::new() }
    }

    /// The columns.
    #[must_use]
    pub fn situations(&self) -> &[Situation] {
        &self.situations
    }

    /// One person's answers, one per column.
    pub fn row(&mut self, person: &Person) -> Rc<[Summary]> {
        let reduced = self.named.reduce(person);
        let kin = Kin::of(&reduced);
        if let Some(row) = self.kept.get(&kin) {
            return Rc::clone(row);
        }
        let knowledge = Knowledge { key_table: KeyTable::embedded(), catalogue: None };
        let standing = Standing::of(self.tenant, &reduced, &knowledge);
        let answer =
            |situation: &Situation| Summary::of(in_brief(&standing, &situation.attempt(&reduced)));
        let row: Rc<[Summary]> = self.situations.iter().map(answer).collect();
        if self.kept.len() < MAX_KEPT {
            self.kept.insert(kin, Rc::clone(&row));
        }
        row
    }
}

impl Summary {
    /// Of an answer.
    #[must_use]
    pub fn of(answer: Answer) -> Self {
        let stop = answer.stopped_at.and_then(|index| answer.steps.into_iter().nth(index));
        let (stopped_at, why) = match stop {
            Some(step) => (Some(step.context), step.findings.into_iter().next()),
            None => (None, None),
        };
        Self {
            verdict: answer.verdict,
            stopped_at,
            why,
            conditions: answer.conditions,
            unresolved: answer.unresolved,
            rules: answer.rules,
            confidence: answer.confidence,
        }
    }
}

/// Asks everybody: `visit` gets each person's place in `people` and their row. Nothing is kept of a person.
pub fn matrix<'p>(
    tenant: &Tenant,
    people: impl IntoIterator<Item = &'p Person>,
    situations: Vec<Situation>,
    mut visit: impl FnMut(usize, &'p Person, &[Summary]),
) {
    let mut matrix = Matrix::new(tenant, situations);
    for (index, person) in people.into_iter().enumerate() {
        let row = matrix.row(person);
        visit(index, person, &row);
    }
}

#[cfg(test)]
mod tests;
