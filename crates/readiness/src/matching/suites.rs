//! Words that stand for several resources in `includeApplications` and `excludeApplications`.

use crate::resources;

/// A word and the resources it stands for, as far as they are known by id.
pub(super) struct Suite {
    /// The word.
    pub name: &'static str,
    /// What to ask for when membership is not known.
    pub question: &'static str,
    /// Application ids known to be in it.
    members: &'static [&'static str],
}

/// Both suites of the Graph reference (conditionalAccessApplications). Microsoft lists members by name
/// (Apps included in Conditional Access Office 365 app suite, 2024-12-06; Target resources, 2026-01-26); the
/// ids are those of its page on first-party applications in sign-in reports.
pub(super) static SUITES: [Suite; 2] = [
    Suite {
        name: "Office365",
        question: "whether the resource is in Office365",
        members: &[
            "00000002-0000-0ff1-ce00-000000000000", // Office 365 Exchange Online
            "00000003-0000-0ff1-ce00-000000000000", // Office 365 SharePoint Online
            "00000004-0000-0ff1-ce00-000000000000", // Skype for Business Online
            "00000005-0000-0ff1-ce00-000000000000", // Viva Engage (Yammer)
            "00000006-0000-0ff1-ce00-000000000000", // Microsoft Office 365 Portal
            "00000007-0000-0ff1-ce00-000000000000", // Microsoft Exchange Online Protection
            "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe", // Microsoft Teams Services
            "1fec8e78-bce4-4aaf-ab1b-5451cc387264", // Microsoft Teams
            "5e3ce6c0-2b1f-4285-8d4b-75ee78787346", // Microsoft Teams Web Client
            "66a88757-258c-4c72-893c-3e8bed4d6899", // Office 365 Search Service
            "94c63fef-13a3-47bc-8074-75af8c65887a", // Office Delve
            "09abbdfd-ed23-44ee-a2d9-a627aa1c90f3", // ProjectWorkManagement
            "75f31797-37c9-498e-8dc9-53c16a36afca", // Microsoft Planner Client
            "c9a559d2-7aab-4f13-a6ed-e7e9c52aec87", // Microsoft Forms
            "905fcf26-4eb7-48a0-9ff0-8dcc7194b5ba", // Sway
            "4765445b-32c6-49b0-83e6-1d93765276ca", // OfficeHome
            "2d4d3d8e-2be3-4bef-9f87-7875a61c29de", // OneNote
            "2634dd23-5e5a-431c-81ca-11710d9079f4", // Microsoft Stream Service
        ],
    },
    Suite {
        name: "MicrosoftAdminPortals",
        question: "whether the resource is in MicrosoftAdminPortals",
        members: &[
            "c44b4083-3bb0-49c1-b47d-974e53cbdf3c", // Azure portal, Microsoft Entra admin center
            "618dd325-23f6-4b6f-8380-4df78026e39b", // Microsoft 365 admin center
            "497effe9-df71-4043-a8bb-14cf78c4b63b", // Exchange admin center
            "80ccca67-54bd-44ab-8625-4b79c4dc7775", // Microsoft Defender and Purview portals
        ],
    },
];

/// Resources on the way to a passkey that are in neither suite: no name on either list is theirs.
const IN_NO_SUITE: [&str; 5] = [
    resources::CREDENTIAL_CONFIGURATION,
    resources::AZURE_AD,
    resources::CREDENTIAL_REGISTRATION,
    "19db86c3-b2b9-44cc-b339-36da233a3be2", // My Signins
    "00000003-0000-0000-c000-000000000000", // Microsoft Graph
];

impl Suite {
    /// Whether the resource is in it; `None` when that is not known.
    pub(super) fn has(&self, id: &str) -> Option<bool> {
        let among = |ids: &[&str]| ids.iter().any(|known| known.eq_ignore_ascii_case(id));
        if among(self.members) {
            return Some(true);
        }
        let elsewhere = SUITES.iter().any(|suite| among(suite.members)) || among(&IN_NO_SUITE);
        elsewhere.then_some(false)
    }
}
