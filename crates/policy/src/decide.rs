//! The one question: what does this policy say about this credential?

use crate::entra::KeyTable;
use crate::facts::Facts;
use crate::model::{Moment, Policy, Provider};
use crate::verdict::{Scope, Verdict};
use crate::{aaguid_list, entra};
use keyvet_attestation::Assessment;
use keyvet_mds::Catalogue;

/// One credential and what is known around it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// What its registration proves.
    pub assessment: &'a Assessment,
    /// The FIDO metadata the assessment was made with, if any.
    pub catalogue: Option<&'a Catalogue>,
    /// Microsoft's published table; [`KeyTable::embedded`] unless there is a newer one.
    pub key_table: &'a KeyTable,
}

/// Judges one credential by one policy, for registration and for sign-in.
#[must_use]
pub fn decide(policy: &Policy, subject: &Subject<'_>, scope: &Scope) -> Verdict {
    let facts = Facts::of(subject.assessment, subject.catalogue);
    let table = subject.key_table;
    let answer = |moment| match policy.provider {
        Provider::AaguidList => aaguid_list::answer(policy, &facts, moment),
        _ => entra::decision::answer(policy, &facts, table, scope, moment),
    };
    let mut findings = policy.findings.clone();
    if policy.provider != Provider::AaguidList {
        findings.extend(entra::lint::findings(policy, table));
    }
    Verdict {
        registration: answer(Moment::Registration),
        sign_in: answer(Moment::SignIn),
        findings,
    }
}
