//! What a change is called, how it is made, and what it gives up, in sentences for an administrator.

use super::change::{Change, PassKind};
use crate::MethodMode;
use crate::resources;
use keyvet_ctap::Aaguid;

impl Change {
    /// What to do, as an instruction.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::IssuePass(kind) => format!("Issue a {} to those who are stuck", pass(*kind)),
            Self::ExcludeResources { policy, resources } => {
                format!("Exclude {} from policy '{}'", these(resources), policy.name)
            }
            Self::AllowMethods { strength, combinations } => {
                format!(
                    "Let strength '{}' take {} as well",
                    strength.name,
                    alternatives(combinations)
                )
            }
            Self::ReplaceBuiltIn { policy, strength, combinations } => format!(
                "Demand a custom strength in policy '{}': '{}' and {}",
                policy.name,
                strength.name,
                alternatives(combinations)
            ),
            Self::AllowModels { strength, models } => {
                format!(
                    "Add {} to the passkeys that strength '{}' takes",
                    list(models),
                    strength.name
                )
            }
            Self::LetModelsIn { profile, models } => {
                format!("Let {} in by the key restrictions of '{}'", list(models), profile.name)
            }
            Self::EnablePasskeys => "Enable the passkey (FIDO2) method".to_owned(),
            Self::EnableSelfService => "Allow self-service set-up of passkeys".to_owned(),
            Self::EnablePass => "Enable Temporary Access Pass for all users".to_owned(),
            Self::MultiUsePass => "Allow Temporary Access Passes for multiple use".to_owned(),
            Self::AttestationOff { profile } => {
                format!("Stop enforcing attestation in '{}'", profile.name)
            }
        }
    }

    /// Where it is made, in Graph's terms.
    #[must_use]
    pub fn how(&self) -> String {
        const PASSKEYS: &str =
            "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2";
        const PASSES: &str = "/policies/authenticationMethodsPolicy/\
                              authenticationMethodConfigurations/temporaryAccessPass";
        match self {
            Self::IssuePass(kind) => format!(
                "POST /users/{{id}}/authentication/temporaryAccessPassMethods with isUsableOnce {}",
                *kind == PassKind::OneTime
            ),
            Self::ExcludeResources { policy, resources } => format!(
                "add {} to conditions.applications.excludeApplications of \
                 /identity/conditionalAccess/policies/{}; a resource that the list does not offer needs its \
                 service principal first, Windows Azure Active Directory a filter by custom attribute",
                resources.join(" and "),
                policy.id
            ),
            Self::AllowMethods { strength, combinations } => format!(
                "POST /policies/authenticationStrengthPolicies/{}/updateAllowedCombinations, adding {}",
                strength.id,
                written(combinations)
            ),
            Self::ReplaceBuiltIn { policy, strength, combinations } => format!(
                "POST /policies/authenticationStrengthPolicies with the combinations of {} and {}, then name it in \
                 grantControls.authenticationStrength of /identity/conditionalAccess/policies/{}",
                strength.id,
                written(combinations),
                policy.id
            ),
            Self::AllowModels { strength, .. } => format!(
                "PATCH the fido2CombinationConfiguration of /policies/authenticationStrengthPolicies/{}: \
                 allowedAAGUIDs",
                strength.id
            ),
            Self::LetModelsIn { .. } => format!("PATCH {PASSKEYS}: keyRestrictions.aaGuids"),
            Self::EnablePasskeys => format!("PATCH {PASSKEYS}: state enabled"),
            Self::EnableSelfService => {
                format!("PATCH {PASSKEYS}: isSelfServiceRegistrationAllowed true")
            }
            Self::EnablePass => format!("PATCH {PASSES}: state enabled, includeTargets all_users"),
            Self::MultiUsePass => format!("PATCH {PASSES}: isUsableOnce false"),
            Self::AttestationOff { .. } => {
                format!(
                    "PATCH {PASSKEYS}: attestationEnforcement disabled, isAttestationEnforced false"
                )
            }
        }
    }

    /// What it gives up.
    #[must_use]
    pub fn loosens(&self) -> String {
        match self {
            Self::IssuePass(PassKind::OneTime) => {
                "No policy. Whoever gets hold of the pass can sign in with it once.".to_owned()
            }
            Self::IssuePass(PassKind::MultiUse) => {
                "No policy. Whoever gets hold of the pass can sign in with it until it expires.".to_owned()
            }
            Self::ExcludeResources { policy, resources } => format!(
                "Policy '{}' no longer guards {}, for everyone and every program: another policy that demands \
                 ordinary MFA for them keeps part of it. A policy with exclusions also lets go of low-privilege \
                 scopes.",
                policy.name,
                these(resources)
            ),
            Self::AllowMethods { strength, combinations } => format!(
                "Every policy that demands '{}' takes {} from then on, for every resource it guards, and for \
                 everyone.",
                strength.name,
                alternatives(combinations)
            ),
            Self::ReplaceBuiltIn { policy, combinations, .. } => format!(
                "Policy '{}' takes {} from then on, for every resource it guards, and for everyone.",
                policy.name,
                alternatives(combinations)
            ),
            Self::AllowModels { strength, models } => {
                format!("Strength '{}' takes passkeys of {} more.", strength.name, count(models))
            }
            Self::LetModelsIn { profile, models } => format!(
                "Everyone with '{}' may register and use passkeys of {} more.",
                profile.name,
                count(models)
            ),
            Self::EnablePasskeys => "Everyone who is included may register and use passkeys.".to_owned(),
            Self::EnableSelfService => {
                "Whoever can sign in strongly enough may add a passkey without an administrator.".to_owned()
            }
            Self::EnablePass => {
                "Whoever may issue passes can let anyone in; a pass counts as multifactor authentication.".to_owned()
            }
            Self::MultiUsePass => {
                "A pass that is intercepted can be used again until it expires.".to_owned()
            }
            Self::AttestationOff { .. } => "What a passkey claims to be is no longer proved: lists of models become \
                                            guidance, and keys made by software register as anything. This weakens \
                                            every registration from then on; take it last."
                .to_owned(),
        }
    }
}

fn pass(kind: PassKind) -> &'static str {
    match kind {
        PassKind::OneTime => "Temporary Access Pass for one sign-in",
        PassKind::MultiUse => "Temporary Access Pass for multiple use",
    }
}

fn these(ids: &[&str]) -> String {
    let name = |id: &&str| match resources::name(id) {
        Some(name) => format!("{name} ({id})"),
        None => (*id).to_owned(),
    };
    ids.iter().map(name).collect::<Vec<_>>().join(" and ")
}

fn alternatives(combinations: &[Vec<MethodMode>]) -> String {
    let words = |modes: &Vec<MethodMode>| {
        modes.iter().map(MethodMode::as_str).collect::<Vec<_>>().join(" with ")
    };
    combinations.iter().map(words).collect::<Vec<_>>().join(" or ")
}

/// As Graph writes them.
fn written(combinations: &[Vec<MethodMode>]) -> String {
    let words = |modes: &Vec<MethodMode>| {
        let modes: Vec<_> = modes.iter().map(MethodMode::as_str).collect();
        format!("\"{}\"", modes.join(","))
    };
    combinations.iter().map(words).collect::<Vec<_>>().join(", ")
}

fn list(models: &[Aaguid]) -> String {
    models.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

fn count(models: &[Aaguid]) -> String {
    if models.len() == 1 { "one model".to_owned() } else { format!("{} models", models.len()) }
}
