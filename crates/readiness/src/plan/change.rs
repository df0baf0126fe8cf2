//! One change to a tenant, or to how people sign in: what it does, what it loosens, under which rule.

use crate::matrix::{is_pass, with_pass};
use crate::resources::{AZURE_AD, CREDENTIAL_CONFIGURATION, CREDENTIAL_REGISTRATION};
use crate::rules::{R4, R10, R12, R13, R15, R16, R18, R20};
use crate::{
    Attempt, AuthenticationStrength, ConditionalAccessPolicy, MethodMode, Rule, TapKind, Tenant,
};
use keyvet_ctap::Aaguid;
use keyvet_policy::{Attestation, ListMode, ListedModel, Policy, Stated};

/// Azure Credential Configuration Endpoint Service and Windows Azure Active Directory (R15).
pub const APP_RESOURCES: [&str; 2] = [CREDENTIAL_CONFIGURATION, AZURE_AD];

/// One change.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Change {
    /// Give a Temporary Access Pass to those who are stuck; no policy changes.
    IssuePass(PassKind),
    /// Exclude resources from a Conditional Access policy.
    ExcludeResources {
        /// The policy.
        policy: NamedObject,
        /// Application ids.
        resources: Vec<&'static str>,
    },
    /// Let a strength take further combinations of methods.
    AllowMethods {
        /// The strength.
        strength: NamedObject,
        /// The combinations.
        combinations: Vec<Vec<MethodMode>>,
    },
    /// Demand, in place of a built-in strength, a custom one that takes further combinations.
    ReplaceBuiltIn {
        /// The policy.
        policy: NamedObject,
        /// The built-in strength.
        strength: NamedObject,
        /// The combinations that are added to its own.
        combinations: Vec<Vec<MethodMode>>,
    },
    /// Add models to the passkeys that a strength takes.
    AllowModels {
        /// The strength.
        strength: NamedObject,
        /// The models.
        models: Vec<Aaguid>,
    },
    /// Let models in where the passkey policy keeps them out.
    LetModelsIn {
        /// The passkey profile.
        profile: NamedObject,
        /// The models.
        models: Vec<Aaguid>,
    },
    /// Switch the passkey method on.
    EnablePasskeys,
    /// Let people register passkeys themselves.
    EnableSelfService,
    /// Switch the Temporary Access Pass on for everyone.
    EnablePass,
    /// Let passes be issued for more than one sign-in.
    MultiUsePass,
    /// Stop demanding attestation.
    AttestationOff {
        /// The passkey profile.
        profile: NamedObject,
    },
}

/// [`TapKind`], in an order.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum PassKind {
    /// For any number of sign-ins until it expires.
    MultiUse,
    /// For one sign-in.
    OneTime,
}

impl From<TapKind> for PassKind {
    fn from(kind: TapKind) -> Self {
        match kind {
            TapKind::OneTime => Self::OneTime,
            TapKind::MultiUse => Self::MultiUse,
        }
    }
}

impl From<PassKind> for TapKind {
    fn from(kind: PassKind) -> Self {
        match kind {
            PassKind::OneTime => Self::OneTime,
            PassKind::MultiUse => Self::MultiUse,
        }
    }
}

/// A thing of the tenant by id, with the name that people know it by.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct NamedObject {
    /// The id, as written.
    pub id: String,
    /// The name, as written.
    pub name: String,
}

impl NamedObject {
    pub(super) fn policy(policy: &ConditionalAccessPolicy) -> Self {
        Self { id: policy.id.to_string(), name: policy.name.to_string() }
    }

    pub(super) fn strength(strength: &AuthenticationStrength) -> Self {
        Self { id: strength.id.clone(), name: strength.name.clone() }
    }

    fn is(&self, id: &str, name: &str) -> bool {
        self.id.eq_ignore_ascii_case(id) && (!id.is_empty() || self.name == name)
    }
}

impl Change {
    /// Makes the change in a copy of a tenant.
    pub fn apply(&self, tenant: &mut Tenant) {
        match self {
            Self::IssuePass(_) => {}
            Self::ExcludeResources { policy, resources } => {
                let found = tenant.policies.iter_mut().filter(|p| policy.is(&p.id, &p.name));
                let added = || resources.iter().map(|id| (*id).to_owned());
                found.for_each(|p| p.applications.resources.exclude.extend(added()));
            }
            Self::AllowMethods { strength, combinations } => {
                let found = tenant.strengths.iter_mut().filter(|s| strength.is(&s.id, &s.name));
                found.for_each(|s| s.combinations.extend(combinations.iter().cloned()));
            }
            Self::ReplaceBuiltIn { policy, strength, combinations } => {
                replace(tenant, policy, strength, combinations);
            }
            Self::AllowModels { strength, models } => {
                let found = tenant.strengths.iter_mut().filter(|s| strength.is(&s.id, &s.name));
                found.filter_map(|s| s.aaguids.as_mut()).for_each(|list| list.extend(models));
            }
            Self::EnablePass | Self::MultiUsePass => self.apply_to_pass(tenant),
            Self::LetModelsIn { .. }
            | Self::EnablePasskeys
            | Self::EnableSelfService
            | Self::AttestationOff { .. } => {
                tenant.passkeys.iter_mut().for_each(|policy| self.apply_to_passkeys(policy));
            }
        }
    }

    /// How somebody who is stuck signs in after the change.
    pub fn apply_to_attempt(&self, attempt: &mut Attempt) {
        if let Self::IssuePass(kind) = self {
            with_pass(attempt, (*kind).into());
        }
    }

    fn apply_to_pass(&self, tenant: &mut Tenant) {
        for method in tenant.methods.iter_mut().filter(|method| is_pass(&method.id)) {
            if *self == Self::MultiUsePass {
                method.usable_once = Some(false);
            } else {
                method.enabled = Some(true);
                method.include = vec!["all_users".to_owned()];
                method.exclude.clear();
            }
        }
    }

    fn apply_to_passkeys(&self, policy: &mut Policy) {
        match self {
            Self::EnablePasskeys => policy.enabled = Stated::Value(true),
            Self::EnableSelfService => policy.self_service = Stated::Value(true),
            _ => {}
        }
        for profile in &mut policy.profiles {
            let demands = &mut profile.requirements;
            match self {
                Self::AttestationOff { profile: named } if named.is(&profile.id, &profile.name) => {
                    demands.attestation = Stated::Value(Attestation::NotDemanded);
                }
                Self::LetModelsIn { profile: named, models }
                    if named.is(&profile.id, &profile.name) =>
                {
                    if let Stated::Value(rule) = &mut demands.aaguids {
                        let is_one =
                            |row: &ListedModel| row.aaguid().is_some_and(|id| models.contains(&id));
                        rule.list.retain(|row| rule.mode == ListMode::Allow || !is_one(row));
                        let rows = models.iter().map(|id| ListedModel::read(&id.to_string()));
                        rule.list.extend(rows.filter(|_| rule.mode == ListMode::Allow));
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether it changes the tenant, and not only how people are helped.
    #[must_use]
    pub const fn is_of_the_tenant(&self) -> bool {
        !matches!(self, Self::IssuePass(_))
    }

    /// Whether it gives up a protection of every passkey, so that it comes last.
    #[must_use]
    pub const fn is_weaker(&self) -> bool {
        matches!(self, Self::AttestationOff { .. })
    }

    /// The rules it rests on.
    #[must_use]
    pub fn rules(&self) -> Vec<&'static Rule> {
        match self {
            Self::IssuePass(_) | Self::MultiUsePass => vec![&R10],
            Self::EnablePass => vec![&R4, &R10],
            Self::ExcludeResources { resources, .. } => {
                let two = resources.iter().any(|id| APP_RESOURCES.contains(id));
                let third = resources.contains(&CREDENTIAL_REGISTRATION);
                let rules = [(third, &R13), (two, &R15), (two, &R16)];
                rules.into_iter().filter(|(on, _)| *on).map(|(_, rule)| rule).collect()
            }
            Self::AllowMethods { .. } | Self::ReplaceBuiltIn { .. } => vec![&R12],
            Self::AllowModels { .. } => vec![&R20],
            Self::LetModelsIn { .. } | Self::EnablePasskeys | Self::EnableSelfService => vec![&R4],
            Self::AttestationOff { .. } => vec![&R18],
        }
    }
}

/// A copy of the built-in strength with further combinations, demanded by this policy alone.
fn replace(
    tenant: &mut Tenant,
    policy: &NamedObject,
    strength: &NamedObject,
    combinations: &[Vec<MethodMode>],
) {
    let Some(built_in) = tenant.strength(&strength.id).cloned() else { return };
    let id = format!("{} for {}", built_in.id, policy.id);
    for grant in tenant
        .policies
        .iter_mut()
        .filter(|p| policy.is(&p.id, &p.name))
        .filter_map(|p| p.grant.as_mut())
    {
        grant.strength = Some(id.clone());
    }
    let name = format!("{} and more", built_in.name);
    let all = built_in.combinations.iter().chain(combinations).cloned().collect();
    tenant.strengths.push(AuthenticationStrength { id, name, combinations: all, ..built_in });
}
