//! The same question before there is a registration: a passkey known only by its model, its kind and the
//! attestation it can give.
//!
//! The gates P1 to P6 are those of [`decide`](crate::decide()). P7 takes the attestation on trust: whoever plans
//! says what the key will send, and only [`decide`](crate::decide()) looks at what it did send.

use crate::entra::decision::{Judged, answer_by, place};
use crate::entra::{KeyTable, chain, demand, known, models, restrictions, scope, types};
use crate::facts::{Facts, Metadata};
use crate::model::{Attestation, Moment, Policy, Profile, Provider, Stated};
use crate::verdict::{Answer, Decision, Reason, Scope, decision_of};
use crate::{aaguid_list, unjudged};
use keyvet_attestation::{AaguidStanding, Statement, Trust};
use keyvet_ctap::Aaguid;
use keyvet_finding::{Culprit, Kind, Severity};
use keyvet_mds::Catalogue;

/// A passkey that does not exist yet; `None` is "not said".
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Prospect {
    /// Its model.
    pub aaguid: Option<Aaguid>,
    /// Whether it is copied between devices.
    pub synced: Option<bool>,
    /// The attestation it will come with.
    pub attestation: Option<ProspectAttestation>,
    /// Whether it is made inside Microsoft Authenticator.
    pub in_app: bool,
}

/// The attestation a passkey will come with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProspectAttestation {
    /// `packed`, with a chain to FIDO metadata.
    MdsPacked,
    /// App Attest or Play Integrity, by an app.
    AppAttest,
    /// `tpm`.
    Tpm,
    /// None.
    None,
}

/// What a policy says about a [`Prospect`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Prediction {
    /// Whether it could be registered.
    pub registration: Answer,
    /// Whether it could be used, had it been registered.
    pub sign_in: Answer,
    /// What the attestation alone leads to, in the profile that decides; accepted where none is in scope.
    pub attestation: Decision,
    /// Whether some profile in scope enforces attestation; `None` when the policy does not say.
    pub attestation_enforced: Option<bool>,
}

/// Judges a passkey that does not exist yet by one policy.
#[must_use]
pub fn predict(
    policy: &Policy,
    prospect: &Prospect,
    key_table: &KeyTable,
    catalogue: Option<&Catalogue>,
    scope: &Scope,
) -> Prediction {
    let outlook = Outlook { prospect, table: key_table, facts: facts(prospect, catalogue) };
    let answer = |moment| match policy.provider {
        Provider::AaguidList => aaguid_list::answer(policy, &outlook.facts, moment),
        provider => answer_by(policy, scope, moment, |p| outlook.judge(provider, p, moment)),
    };
    let in_scope = scope::resolve(policy, scope, Moment::Registration).profiles;
    Prediction {
        registration: answer(Moment::Registration),
        sign_in: answer(Moment::SignIn),
        attestation: outlook.attestation(policy.provider, &in_scope),
        attestation_enforced: enforced(&in_scope),
    }
}

/// One prospect, ready to be judged by any profile.
struct Outlook<'a> {
    prospect: &'a Prospect,
    table: &'a KeyTable,
    facts: Facts,
}

impl Outlook<'_> {
    fn judge<'p>(&self, provider: Provider, profile: &'p Profile, moment: Moment) -> Judged<'p> {
        let place = place(provider, profile);
        let mut reasons = vec![self.kind_of_passkey(provider, profile, &place)];
        reasons.extend(self.model(profile, &place));
        reasons.extend(self.demand(profile, &place, moment));
        reasons.extend(unjudged::judge(profile, &place));
        Judged { profile, reasons }
    }

    /// P5.
    fn kind_of_passkey(&self, provider: Provider, profile: &Profile, place: &str) -> Reason {
        match self.prospect.synced {
            None if !lets_both_in(profile) => {
                let place = format!("{place} passkeyTypes");
                Reason::leaves_open(&TYPE_NOT_GIVEN, place, "device-bound or synced is not said")
            }
            None => Reason::passes(&types::TYPE_ALLOWED, place, "both types are let in"),
            Some(_) => types::judge(provider, profile, &self.facts, place),
        }
    }

    /// P6.
    fn model(&self, profile: &Profile, place: &str) -> Vec<Reason> {
        let lists = profile.requirements.aaguids.value();
        let listed = lists.is_some_and(|rule| !rule.list.is_empty());
        if self.prospect.aaguid.is_none() && listed {
            let place = format!("{place} keyRestrictions.aaGuids");
            return vec![Reason::leaves_open(&MODEL_NOT_GIVEN, place, "the AAGUID is not said")];
        }
        restrictions::judge(profile, &self.facts, place)
    }

    /// P7.
    fn demand(&self, profile: &Profile, place: &str, moment: Moment) -> Vec<Reason> {
        let demand = &profile.requirements.attestation;
        if !profile.requirements.applies.attestation.include(moment) {
            return Vec::new();
        }
        match demand {
            Stated::Value(Attestation::NotDemanded) => {
                let detail = self.facts.identity();
                vec![Reason::passes(&demand::NOT_ENFORCED, place, detail)]
            }
            Stated::Value(_) => self.enforced(place),
            Stated::Missing => vec![scope::missing(place, "whether attestation is enforced")],
            Stated::Unknown(text) => vec![scope::unknown(place, text)],
        }
    }

    fn enforced(&self, place: &str) -> Vec<Reason> {
        let Prospect { aaguid, attestation, in_app, .. } = *self.prospect;
        let who = self.facts.identity();
        let authenticator = aaguid.is_some_and(known::is_authenticator_app);
        let refuses = |kind| vec![Reason::refuses(kind, place, &who)];
        match attestation {
            None => vec![Reason::leaves_open(&ATTESTATION_NOT_GIVEN, place, who)],
            Some(ProspectAttestation::AppAttest) if authenticator && in_app => {
                vec![Reason::passes(&ATTESTED_IN_APP, place, who)]
            }
            Some(ProspectAttestation::None) => refuses(&chain::FORMAT_NONE),
            Some(_) if authenticator => refuses(&models::AUTHENTICATOR_APP),
            Some(ProspectAttestation::Tpm) => refuses(&chain::FORMAT_TPM),
            Some(ProspectAttestation::AppAttest) => refuses(&chain::FORMAT_OTHER),
            Some(ProspectAttestation::MdsPacked) => self.listed(place),
        }
    }

    fn listed(&self, place: &str) -> Vec<Reason> {
        let Some(aaguid) = self.prospect.aaguid else {
            return vec![Reason::leaves_open(&MODEL_NOT_GIVEN, place, "the AAGUID is not said")];
        };
        match models::special(aaguid, place) {
            Some(reason) => vec![reason],
            None => models::judge(&self.facts, self.table),
        }
    }

    /// P7 alone, in the profile that comes nearest.
    fn attestation(&self, provider: Provider, in_scope: &[&Profile]) -> Decision {
        let judged = in_scope.iter().map(|p| self.judge(provider, p, Moment::Registration));
        let nearest = judged.min_by_key(Judged::distance);
        let reasons = nearest.map(|nearest| {
            let place = place(provider, nearest.profile);
            self.demand(nearest.profile, &place, Moment::Registration)
        });
        reasons.map_or(Decision::Accepted, |reasons| decision_of(&reasons))
    }
}

fn lets_both_in(profile: &Profile) -> bool {
    profile.requirements.types.value().is_some_and(|types| types.device_bound && types.synced)
}

fn enforced(in_scope: &[&Profile]) -> Option<bool> {
    let stated = in_scope.iter().map(|profile| {
        let demand = profile.requirements.attestation.value()?;
        Some(*demand != Attestation::NotDemanded)
    });
    let stated: Vec<Option<bool>> = stated.collect();
    if stated.contains(&Some(true)) {
        return Some(true);
    }
    stated.iter().all(Option::is_some).then_some(false)
}

fn facts(prospect: &Prospect, catalogue: Option<&Catalogue>) -> Facts {
    let attested = matches!(
        prospect.attestation,
        Some(ProspectAttestation::MdsPacked | ProspectAttestation::AppAttest)
    );
    Facts {
        aaguid: prospect.aaguid,
        // nothing is proven before it is made; under enforcement the key table decides, not this
        standing: if attested { AaguidStanding::Proven } else { AaguidStanding::Claimed },
        format: None,
        statement: Statement::Valid,
        self_attestation: false,
        trust: Trust::NotApplicable,
        backup_eligible: prospect.synced,
        user_verified: None,
        algorithm: None,
        metadata: catalogue.map(|catalogue| Metadata::of(catalogue, prospect.aaguid)),
    }
}

pub(crate) static TYPE_NOT_GIVEN: Kind = Kind {
    id: "entra.prospect-type-not-given",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The profile asks whether the passkey stays in its authenticator or is synced, and the plan \
              does not say.",
    next_step: "Say the type of the passkey: deviceBound or synced.",
    source: "Microsoft Graph reference, passkeyProfile: passkeyTypes",
};

pub(crate) static MODEL_NOT_GIVEN: Kind = Kind {
    id: "entra.prospect-model-not-given",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The answer depends on the model of the passkey, and the plan does not name it.",
    next_step: "Say the AAGUID of the model.",
    source: "Microsoft Graph reference, fido2KeyRestrictions",
};

pub(crate) static ATTESTATION_NOT_GIVEN: Kind = Kind {
    id: "entra.prospect-attestation-not-given",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "Attestation is enforced, and the plan does not say which attestation the passkey will come \
              with.",
    next_step: "Say the attestation: mdsPacked for a security key in Microsoft's table, appAttest for \
                Authenticator.",
    source: "Microsoft Entra documentation, concept-fido2-hardware-vendor",
};

pub(crate) static ATTESTED_IN_APP: Kind = Kind {
    id: "entra.authenticator-attested-in-app",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The passkey is made inside Microsoft Authenticator, which attests it by App Attest on iOS \
              and by Play Integrity and key attestation on Android.",
    next_step: "Nothing: this check passed. An outage of Apple's or Google's service stops it.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey",
};
