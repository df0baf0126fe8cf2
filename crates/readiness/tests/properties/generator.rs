//! Small tenants and attempts at random, always the same for the same seed.

use serde_json::{Value, json};

/// SplitMix64: enough for choosing, and the same everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(sides).unwrap()).unwrap()
    }

    pub(crate) fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.roll(of.len())]
    }

    /// Each with the same chance; none at all is possible.
    pub(crate) fn some(&mut self, of: &[&str]) -> Vec<String> {
        of.iter().filter(|_| self.one_in(3)).map(|item| (*item).to_owned()).collect()
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.roll(i + 1));
        }
    }
}

pub(crate) const PERSON: &str = "u1";
pub(crate) const GROUPS: [&str; 2] = ["g1", "g2"];
const APPS: [&str; 4] = [
    "ea890292-c8c8-4433-b5ea-b09d0668e1a6",
    "00000002-0000-0000-c000-000000000000",
    "6aa00308-ea33-4caa-90d6-ae905d8cb51b",
    "app1",
];
const IOS: &str = "90a3ccdf-635c-4729-a248-9b709135078f";
const ANDROID: &str = "de1e552d-db1d-4423-a619-566b625cdc84";
const KEY: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
const COMBINATIONS: [&str; 7] = [
    "fido2",
    "windowsHelloForBusiness",
    "password, microsoftAuthenticatorPush",
    "password,sms",
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "deviceBasedPush",
];

/// Policies, and a passkey policy.
pub(crate) fn tenant(dice: &mut Dice) -> Value {
    let count = 1 + dice.roll(4);
    let policies: Vec<Value> = (0..count).map(|number| policy(dice, number)).collect();
    json!({ "conditionalAccessPolicies": policies, "fido2": fido2(dice) })
}

fn policy(dice: &mut Dice, number: usize) -> Value {
    let state = dice.pick(&[
        "enabled",
        "enabled",
        "enabled",
        "disabled",
        "enabledForReportingButNotEnforced",
    ]);
    let applications = match dice.roll(4) {
        0 => json!({"includeUserActions": ["urn:user:registersecurityinfo"]}),
        1 => json!({"includeApplications": dice.some(&APPS)}),
        _ => json!({"includeApplications": ["All"], "excludeApplications": dice.some(&APPS)}),
    };
    let users = match dice.roll(4) {
        0 => json!({"includeGroups": dice.some(&["g1", "g2", "g3"])}),
        1 => json!({"includeUsers": dice.some(&["u1", "u2"])}),
        _ => json!({"includeUsers": ["All"], "excludeGroups": dice.some(&["g3", "g4"])}),
    };
    let mut conditions = json!({"users": users, "applications": applications});
    match dice.roll(6) {
        0 => conditions["platforms"] = json!({"includePlatforms": ["android", "iOS"]}),
        1 => {
            conditions["platforms"] =
                json!({"includePlatforms": ["all"], "excludePlatforms": ["android", "iOS"]});
        }
        2 if dice.one_in(3) => conditions["signInRiskLevels"] = json!(["high"]),
        3 if dice.one_in(3) => {
            conditions["locations"] =
                json!({"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]});
        }
        _ => {}
    }
    json!({"id": format!("p{number}"), "displayName": format!("Policy {number}"), "state": state,
        "conditions": conditions, "grantControls": grant(dice, number)})
}

fn grant(dice: &mut Dice, number: usize) -> Value {
    let operator = dice.pick(&["AND", "OR"]);
    let controls = match dice.roll(8) {
        0 => vec!["block"],
        1 => vec!["compliantDevice"],
        2 => vec!["compliantApplication"],
        3 | 4 => vec!["mfa"],
        _ => vec![],
    };
    let strength = match dice.roll(3) {
        _ if controls == ["block"] => Value::Null,
        0 if !controls.is_empty() => Value::Null,
        1 => json!({"id": format!("00000000-0000-0000-0000-00000000000{}", 2 + dice.roll(3))}),
        _ => strength(dice, number),
    };
    json!({"operator": operator, "builtInControls": controls, "authenticationStrength": strength})
}

fn strength(dice: &mut Dice, number: usize) -> Value {
    let mut combinations = dice.some(&COMBINATIONS);
    if combinations.is_empty() {
        combinations.push("fido2".to_owned());
    }
    let configurations = match dice.one_in(2) {
        true => json!([]),
        false => json!([{"@odata.type": "#microsoft.graph.fido2CombinationConfiguration",
            "appliesToCombinations": ["fido2"], "allowedAAGUIDs": dice.some(&[IOS, ANDROID, KEY])}]),
    };
    json!({"id": format!("s{number}"), "displayName": format!("Strength {number}"),
        "allowedCombinations": combinations, "combinationConfigurations": configurations})
}

fn fido2(dice: &mut Dice) -> Value {
    json!({"id": "Fido2", "state": if dice.one_in(12) { "disabled" } else { "enabled" },
        "isSelfServiceRegistrationAllowed": !dice.one_in(12),
        "isAttestationEnforced": dice.one_in(2),
        "keyRestrictions": {"isEnforced": dice.one_in(6), "enforcementType": "allow", "aaGuids": [IOS]},
        "includeTargets": [{"targetType": "group", "id": "all_users", "isRegistrationRequired": false}],
        "excludeTargets": [{"targetType": "group", "id": "g4"}]})
}

/// One attempt of the same person.
pub(crate) fn attempt(dice: &mut Dice) -> Value {
    let app = dice.one_in(2);
    let platform = match app {
        true => dice.pick(&["iOS", "android"]),
        false => dice.pick(&["windows", "macOS", "linux", "iOS", "android"]),
    };
    let used: Vec<&str> = match dice.roll(5) {
        0 => vec!["temporaryAccessPassMultiUse"],
        1 => vec!["temporaryAccessPassOneTime"],
        2 => vec!["fido2"],
        3 => vec!["password"],
        _ => vec!["password", "microsoftAuthenticatorPush"],
    };
    let key = json!({"mode": "fido2", "aaguid": KEY});
    let registered = match dice.roll(3) {
        0 => json!([]),
        1 => json!([{"mode": "microsoftAuthenticatorPush"}]),
        _ => json!([{"mode": "microsoftAuthenticatorPush"}, key]),
    };
    let (surface, entry, route) = match app {
        true => ("authenticatorApp", "inApp", "inApp"),
        false => (
            dice.pick(&["browser:edge", "browser:chrome", "browser:safari"]),
            dice.pick(&["interrupt", "manage"]),
            dice.pick(&["local", "crossDevice", "inApp", "any"]),
        ),
    };
    let mut groups = GROUPS.to_vec();
    dice.shuffle(&mut groups);
    let mut attempt = json!({
        "user": {"id": PERSON, "groups": groups, "roles": [], "external": false, "registered": registered},
        "attempt": {"platform": platform, "surface": surface, "entry": entry, "signedInWith": used,
            "minutesSinceStrongAuth": dice.roll(8)},
        "candidate": {"route": route},
    });
    if dice.one_in(2) {
        attempt["attempt"]["signInRiskLevel"] = json!(dice.pick(&["low", "high"]));
        attempt["attempt"]["trustedLocation"] = json!(dice.one_in(2));
    }
    if dice.one_in(3) {
        attempt["attempt"]["device"] = json!({"isCompliant": dice.one_in(2)});
    }
    attempt
}

/// The same document with the members of every object in another order.
pub(crate) fn reordered(value: &Value, dice: &mut Dice) -> String {
    match value {
        Value::Object(members) => {
            let mut parts: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}: {}", json!(name), reordered(value, dice)))
                .collect();
            dice.shuffle(&mut parts);
            format!("{{{}}}", parts.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| reordered(item, dice)).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}
