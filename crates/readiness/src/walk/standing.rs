//! What a tenant makes of one person, whatever they try: asked once for all their attempts.

use super::Knowledge;
use crate::matching::Prepared;
use crate::{Person, Tenant};
use keyvet_policy::{Prediction, Prospect, Scope, predict};
use std::cell::RefCell;
use std::rc::Rc;

/// One person before one tenant.
#[derive(Debug)]
pub(crate) struct Standing<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) knowledge: &'a Knowledge<'a>,
    /// The policies, in the tenant's order.
    pub(super) policies: Vec<Prepared<'a>>,
    /// The person, as the passkey policy sees them.
    scope: Scope,
    /// Prospects are few: one for each way to make a passkey.
    predictions: RefCell<Vec<(Prospect, Rc<Prediction>)>>,
}

impl<'a> Standing<'a> {
    pub(crate) fn of(tenant: &'a Tenant, person: &Person, knowledge: &'a Knowledge<'a>) -> Self {
        let policies = tenant.policies.iter().map(|policy| Prepared::new(policy, person));
        let groups = match &person.groups {
            None => Vec::new(),
            // in no group, which is not the same as not said
            Some(groups) if groups.is_empty() => vec![NO_GROUP.to_owned()],
            Some(groups) => groups.clone(),
        };
        Self {
            tenant,
            knowledge,
            policies: policies.collect(),
            scope: Scope { profile: None, groups },
            predictions: RefCell::default(),
        }
    }

    /// What the tenant's passkey policy says; `None` when the export does not hold one.
    pub(super) fn predicted(&self, prospect: &Prospect) -> Option<Rc<Prediction>> {
        let policy = self.tenant.passkeys.as_ref()?;
        let mut known = self.predictions.borrow_mut();
        if let Some((_, prediction)) = known.iter().find(|(asked, _)| asked == prospect) {
            return Some(Rc::clone(prediction));
        }
        let Knowledge { key_table, catalogue } = self.knowledge;
        let prediction = predict(policy, prospect, key_table, *catalogue, &self.scope);
        let prediction = Rc::new(prediction);
        known.push((*prospect, Rc::clone(&prediction)));
        Some(prediction)
    }
}

/// An id that no group has.
const NO_GROUP: &str = "(no group)";
