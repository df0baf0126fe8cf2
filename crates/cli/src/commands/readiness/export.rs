//! `keyvet readiness export-help`: the read-only calls of Microsoft Graph that make the folder `--tenant` reads.
//!
//! Permissions are those that the Graph reference calls least privileged (pages of v1.0, read 2026-11).

use crate::document::readiness::{EXPORT_SCHEMA, ExportCall, ExportHelpDocument};

/// The calls, the needed ones first.
pub(super) fn document() -> ExportHelpDocument {
    ExportHelpDocument { schema: EXPORT_SCHEMA, calls: CALLS.to_vec() }
}

const CALLS: [ExportCall; 7] = [
    ExportCall {
        file: "fido2.json",
        required: true,
        url: "https://graph.microsoft.com/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2",
        permission: "Policy.Read.AuthenticationMethod",
        holds: "the passkey (FIDO2) method: for whom, attestation, key restrictions, profiles",
    },
    ExportCall {
        file: "conditionalAccessPolicies.json",
        required: true,
        url: "https://graph.microsoft.com/v1.0/identity/conditionalAccess/policies",
        permission: "Policy.Read.All",
        holds: "the Conditional Access policies",
    },
    ExportCall {
        file: "authenticationStrengths.json",
        required: true,
        url: "https://graph.microsoft.com/v1.0/policies/authenticationStrengthPolicies",
        permission: "Policy.Read.AuthenticationMethod",
        holds: "the authentication strengths that those policies name",
    },
    ExportCall {
        file: "authenticationMethodsPolicy.json",
        required: false,
        url: "https://graph.microsoft.com/v1.0/policies/authenticationMethodsPolicy",
        permission: "Policy.Read.AuthenticationMethod",
        holds: "the other methods: Temporary Access Pass, Authenticator, and for whom they are on",
    },
    ExportCall {
        file: "namedLocations.json",
        required: false,
        url: "https://graph.microsoft.com/v1.0/identity/conditionalAccess/namedLocations",
        permission: "Policy.Read.All",
        holds: "the named locations, where policies ask for them",
    },
    ExportCall {
        file: "users.json",
        required: false,
        url: "https://graph.microsoft.com/v1.0/users?$select=id,displayName,userPrincipalName,userType&$top=999",
        permission: "User.Read.All",
        holds: "people, for --matrix and --plan",
    },
    ExportCall {
        file: "userRegistrationDetails.json",
        required: false,
        url: "https://graph.microsoft.com/v1.0/reports/authenticationMethods/userRegistrationDetails",
        permission: "AuditLog.Read.All",
        holds: "the methods that each of them has registered",
    },
];
