//! What each file holds: recognised by its content, by its name only where the content leaves it open.

use super::sink::{Sink, is_void, member, text_of};
use crate::Part;
use keyvet_finding::{Culprit, Kind, Severity};
use keyvet_json::{At, Json};

/// Levels of arrays and wrapping objects that are looked into.
const MAX_DEPTH: u32 = 6;

/// What was found in all files, not yet read.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    pub policies: Vec<At<'a>>,
    pub strengths: Vec<At<'a>>,
    pub locations: Vec<At<'a>>,
    /// Passkey configurations, with the file each is in.
    pub passkeys: Vec<(At<'a>, &'a str)>,
    pub methods: Vec<At<'a>>,
    pub users: Vec<At<'a>>,
    pub groups: Vec<At<'a>>,
    /// Parts that are there, be they empty.
    pub present: Vec<Part>,
}

/// What a thing can be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Is {
    Policy,
    Strength,
    Location,
    Passkeys,
    MethodsPolicy,
    Method,
    User,
    Group,
}

impl<'a> Found<'a> {
    /// Looks through one file.
    pub(super) fn file(&mut self, name: &'a str, json: &'a Json, sink: &mut Sink) {
        let mut walk = Walk { found: self, sink, file: name };
        let root = At { json, path: name.to_owned() };
        if !walk.walk(&root, hint(name), MAX_DEPTH) {
            sink.say(&NOT_RECOGNISED, name.to_owned());
        }
    }

    fn mark(&mut self, is: Is) {
        let part = match is {
            Is::Policy => Part::Policies,
            Is::Strength => Part::Strengths,
            Is::Location => Part::Locations,
            Is::Passkeys => Part::Passkeys,
            Is::MethodsPolicy | Is::Method => Part::Methods,
            Is::User | Is::Group => Part::People,
        };
        if !self.present.contains(&part) {
            self.present.push(part);
        }
    }
}

struct Walk<'w, 'a> {
    found: &'w mut Found<'a>,
    sink: &'w mut Sink,
    file: &'a str,
}

impl<'a> Walk<'_, 'a> {
    /// Whether anything was recognised.
    fn walk(&mut self, at: &At<'a>, hint: Option<Is>, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        match at.json {
            Json::Array(items) => {
                if let (Some(is), true) = (hint, items.is_empty()) {
                    self.found.mark(is);
                    return true;
                }
                let items = at.array().unwrap_or_default();
                let known: Vec<bool> = items.iter().map(|at| self.item(at, hint, depth)).collect();
                known.contains(&true)
            }
            Json::Object(_) => self.item(at, hint, depth),
            _ => false,
        }
    }

    fn item(&mut self, at: &At<'a>, hint: Option<Is>, depth: u32) -> bool {
        let hint = context(at).or(hint);
        if at.member("@odata.nextLink").is_some() {
            self.sink.say(&HALF_EXPORT, format!("{} has further pages (@odata.nextLink)", at.path));
        }
        if let Some(code) = error_code(at) {
            self.sink.say(&GRAPH_ERROR, format!("{}: {code}", at.path));
            return true;
        }
        match recognise(at, hint) {
            Some(Is::MethodsPolicy) => self.methods_policy(at, depth),
            Some(is) => self.keep(at, is),
            None if matches!(at.json, Json::Object(_)) => self.wrapper(at, hint, depth),
            None => self.walk(at, hint, depth),
        }
    }

    fn keep(&mut self, at: &At<'a>, is: Is) -> bool {
        self.found.mark(is);
        let list = match is {
            Is::Policy => &mut self.found.policies,
            Is::Strength => &mut self.found.strengths,
            Is::Location => &mut self.found.locations,
            Is::Method | Is::MethodsPolicy => &mut self.found.methods,
            Is::User => &mut self.found.users,
            Is::Group => &mut self.found.groups,
            Is::Passkeys => {
                self.found.passkeys.push((at.clone(), self.file));
                return true;
            }
        };
        list.push(at.clone());
        true
    }

    fn methods_policy(&mut self, at: &At<'a>, depth: u32) -> bool {
        self.found.mark(Is::MethodsPolicy);
        if let Some(configurations) = member(at, "authenticationMethodConfigurations") {
            self.walk(&configurations, Some(Is::Method), depth);
        }
        true
    }

    /// An object around others: `{"value": []}`, or a file that combines several exports.
    fn wrapper(&mut self, at: &At<'a>, around: Option<Is>, depth: u32) -> bool {
        let mut any = false;
        for name in at.names().filter(|name| !name.contains('@')) {
            let Some(inner) = at.member(name) else { continue };
            let is_value = name.eq_ignore_ascii_case("value");
            let inner_hint = if is_value { around } else { hint(name) };
            let known = self.walk(&inner, inner_hint, depth);
            if !known && !is_void(inner.json) {
                self.sink.say(&UNKNOWN_PART, inner.path.clone());
            }
            any |= known;
        }
        any
    }
}

/// What an object is, by its type and members; by where it stands when they leave it open.
fn recognise(at: &At<'_>, hint: Option<Is>) -> Option<Is> {
    let Json::Object(_) = at.json else { return None };
    let has = |name: &str| member(at, name).is_some();
    let id = text_of(at, "id").unwrap_or_default();
    let by_type = text_of(at, "@odata.type").and_then(by_type);
    if has("authenticationMethodConfigurations") {
        Some(Is::MethodsPolicy)
    } else if by_type.is_some() {
        by_type
    } else if has("allowedCombinations") {
        Some(Is::Strength)
    } else if has("conditions") && (has("state") || has("id") || has("grantControls")) {
        Some(Is::Policy)
    } else if PASSKEY_MEMBERS.iter().any(|name| has(name)) || id.eq_ignore_ascii_case("fido2") {
        Some(Is::Passkeys)
    } else if has("ipRanges") || has("countriesAndRegions") {
        Some(Is::Location)
    } else if has("userPrincipalName") || has("userType") || has("methodsRegistered") {
        Some(Is::User)
    } else if has("groupTypes") || has("securityEnabled") || has("members") {
        Some(Is::Group)
    } else if has("includeTargets") && has("state") {
        Some(Is::Method)
    } else if has("value") || !(has("id") || has("displayName")) {
        None
    } else {
        hint.filter(|is| match is {
            Is::MethodsPolicy => false,
            // other policies of a tenant stand beside these, security defaults for one
            Is::Policy => has("state") || has("conditions") || has("grantControls"),
            Is::Passkeys | Is::Method => has("state"),
            Is::Strength | Is::Location | Is::User | Is::Group => true,
        })
    }
}

const PASSKEY_MEMBERS: [&str; 3] = ["passkeyProfiles", "isAttestationEnforced", "keyRestrictions"];

/// By `@odata.type`, `#microsoft.graph.ipNamedLocation`.
fn by_type(name: &str) -> Option<Is> {
    let name = name.rsplit(['.', '#']).next()?.to_ascii_lowercase();
    match name.as_str() {
        "conditionalaccesspolicy" | "whatifanalysisresult" => Some(Is::Policy),
        "authenticationstrengthpolicy" => Some(Is::Strength),
        "fido2authenticationmethodconfiguration" => Some(Is::Passkeys),
        "user" | "userregistrationdetails" => Some(Is::User),
        "group" => Some(Is::Group),
        name if name.ends_with("namedlocation") => Some(Is::Location),
        name if name.ends_with("authenticationmethodconfiguration") => Some(Is::Method),
        _ => None,
    }
}

/// By `@odata.context`, `…/$metadata#identity/conditionalAccess/policies`.
fn context(at: &At<'_>) -> Option<Is> {
    let context = at.member("@odata.context")?;
    let (_, what) = context.text().ok()?.split_once('#')?;
    // `policies/authenticationMethodsPolicy/authenticationMethodConfigurations/$entity`: the nearest name counts
    what.split(['/', '(']).rev().find_map(hint)
}

/// By the name of a file or member.
fn hint(name: &str) -> Option<Is> {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    let has = |word: &str| name.contains(word);
    if has("strength") {
        Some(Is::Strength)
    } else if has("fido2") || has("passkey") {
        Some(Is::Passkeys)
    } else if has("methodconfigurations") || has("temporaryaccesspass") {
        Some(Is::Method)
    } else if has("methodspolicy") {
        Some(Is::MethodsPolicy)
    } else if has("location") {
        Some(Is::Location)
    } else if has("conditionalaccess") || has("policies") || has("whatifanalysis") {
        Some(Is::Policy)
    } else if has("user") || has("people") || has("registrationdetails") {
        Some(Is::User)
    } else if has("group") {
        Some(Is::Group)
    } else {
        None
    }
}

/// The code of a Graph error that was saved in place of an answer.
fn error_code<'a>(at: &At<'a>) -> Option<&'a str> {
    at.member("error")?.member("code")?.text().ok()
}

pub(crate) static NOT_RECOGNISED: Kind = Kind {
    id: "readiness.tenant-not-recognised",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "A file holds nothing keyvet knows of a tenant; it was left out.",
    next_step: "Remove the file, or export it again; `keyvet readiness export-help` prints the calls.",
    source: "Microsoft Graph reference, conditionalAccessPolicy",
};

pub(crate) static UNKNOWN_PART: Kind = Kind {
    id: "readiness.tenant-unknown-part",
    severity: Severity::Note,
    culprit: Culprit::Input,
    meaning: "A member of a file holds nothing keyvet knows of a tenant; it was left out.",
    next_step: "Nothing, unless it was meant to be used: then export it as `keyvet readiness export-help` shows.",
    source: "keyvet",
};

pub(crate) static HALF_EXPORT: Kind = Kind {
    id: "readiness.tenant-half-export",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The export is not whole: Graph had more to give, or a part that answers depend on is absent.",
    next_step: "Export the part named again and whole; `keyvet readiness export-help` prints the calls.",
    source: "Microsoft Graph documentation, paging",
};

pub(crate) static GRAPH_ERROR: Kind = Kind {
    id: "readiness.tenant-graph-error",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "Graph refused the export, and its error was saved in place of the answer.",
    next_step: "Grant the permission that `keyvet readiness export-help` names for this call and export it again.",
    source: "Microsoft Graph documentation, error responses",
};
