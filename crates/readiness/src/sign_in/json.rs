//! Records from Graph's JSON, as Graph, the admin centre or PowerShell writes it.

use super::{
    AppliedPolicy, Audit, AuthStep, Named, Record, SignIn, StrengthUse, Time, Who,
    limits::{self, ITEMS},
    members,
};
use keyvet_json::{At, Json, JsonError};

/// What one object of an export is.
#[derive(Debug)]
pub(super) enum Object {
    /// A record, and what could not be read of it.
    Record(Record, Remarks),
    /// Neither a sign-in of a person nor an audit entry.
    Foreign,
}

/// What was noticed about one record.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// Members of another type than Graph's.
    pub(super) wrong: Vec<JsonError>,
    /// Members that Graph's reference does not name.
    pub(super) unknown: Vec<String>,
}

/// Reads one object; the records of diagnostic settings carry Graph's in `properties`.
pub(super) fn object(json: &Json) -> Object {
    let root = At::root(json);
    let inner = root.member("properties").filter(|_| root.member("category").is_some());
    let root = inner.unwrap_or(root);
    let mut reader = Reader::default();
    let is_audit =
        root.member("activityDisplayName").is_some() || root.member("activityDateTime").is_some();
    let is_sign_in = root.member("createdDateTime").is_some()
        && ["status", "userPrincipalName", "userId", "appId"]
            .iter()
            .any(|name| root.member(name).is_some());
    if !is_audit && !is_sign_in {
        return Object::Foreign;
    }
    reader.remarks.unknown =
        members::unknown(root.names(), is_audit).take(ITEMS).map(limits::text).collect();
    let record = match is_audit {
        true => Record::Audit(Box::new(reader.audit(&root))),
        false => Record::SignIn(Box::new(reader.sign_in(&root))),
    };
    Object::Record(record, reader.remarks)
}

#[derive(Default)]
struct Reader {
    remarks: Remarks,
}

impl Reader {
    fn sign_in(&mut self, at: &At<'_>) -> SignIn {
        let status = at.member("status");
        let device = at.member("deviceDetail");
        let policies = at.member("appliedConditionalAccessPolicies");
        SignIn {
            time: self.time(at, "createdDateTime"),
            id: self.text(at, "id"),
            correlation_id: self.text(at, "correlationId"),
            original_request_id: self.text(at, "originalRequestId"),
            person: Who {
                user: self.text(at, "userPrincipalName"),
                id: self.text(at, "userId"),
                name: self.text(at, "userDisplayName"),
            },
            app: Named { id: self.text(at, "appId"), name: self.text(at, "appDisplayName") },
            resource: Named {
                id: self.text(at, "resourceId"),
                name: self.text(at, "resourceDisplayName"),
            },
            audiences: self.words(at, "conditionalAccessAudiences"),
            code: status.as_ref().and_then(|status| self.code(status)),
            reason: status.as_ref().and_then(|status| self.text(status, "failureReason")),
            additional: status.as_ref().and_then(|status| self.text(status, "additionalDetails")),
            access_status: self.text(at, "conditionalAccessStatus"),
            tells_policies: policies.is_some(),
            policies: self.items(at, "appliedConditionalAccessPolicies", Self::policy),
            steps: self.items(at, "authenticationDetails", Self::step),
            os: device.as_ref().and_then(|device| self.text(device, "operatingSystem")),
            browser: device.as_ref().and_then(|device| self.text(device, "browser")),
            client_app: self.text(at, "clientAppUsed"),
        }
    }

    /// A policy that had a say; those out of scope, off or only reporting are left out.
    fn policy(&mut self, at: &At<'_>) -> Option<AppliedPolicy> {
        let result = self.text(at, "result");
        let strength = at.member("authenticationStrength");
        let silent = ["notApplied", "notEnabled", "unknownFutureValue"];
        let word = result.as_deref().unwrap_or_default();
        if silent.iter().any(|silent| word.eq_ignore_ascii_case(silent))
            || word.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("reportOnly"))
        {
            return None;
        }
        Some(AppliedPolicy {
            policy: Named { id: self.text(at, "id"), name: self.text(at, "displayName") },
            result,
            controls: self.words(at, "enforcedGrantControls"),
            strength: strength.map(|at| StrengthUse {
                strength: Named {
                    id: self.text(&at, "authenticationStrengthId"),
                    name: self.text(&at, "displayName"),
                },
                result: self.text(&at, "authenticationStrengthResult"),
            }),
        })
    }

    fn step(&mut self, at: &At<'_>) -> Option<AuthStep> {
        Some(AuthStep {
            time: self.time(at, "authenticationStepDateTime"),
            method: self.text(at, "authenticationMethod"),
            succeeded: self.succeeded(at),
            result: self.text(at, "authenticationStepResultDetail"),
            requirement: self.text(at, "authenticationStepRequirement"),
        })
    }

    fn audit(&mut self, at: &At<'_>) -> Audit {
        let actor = at.member("initiatedBy");
        let user = actor.as_ref().and_then(|actor| actor.member("user"));
        let app = actor.as_ref().and_then(|actor| actor.member("app"));
        let actor = match (user, app) {
            (Some(user), _) => self.who(&user),
            (None, Some(app)) => Who {
                user: None,
                id: self.text(&app, "servicePrincipalId"),
                name: self.text(&app, "displayName"),
            },
            (None, None) => Who::default(),
        };
        let mut targets = self.items(at, "targetResources", Self::target);
        targets.extend(self.items(at, "targetResource", Self::target));
        let is_person = |target: &(String, Who)| {
            target.0.eq_ignore_ascii_case("User") || target.1.user.is_some()
        };
        let person = targets.iter().find(|target| is_person(target)).map(|target| target.1.clone());
        let object = targets.into_iter().find(|target| !is_person(target)).map(|target| target.1);
        Audit {
            time: self.time(at, "activityDateTime"),
            id: self.text(at, "id"),
            correlation_id: self.text(at, "correlationId"),
            activity: self.text(at, "activityDisplayName"),
            result: self.text(at, "result"),
            reason: self.text(at, "resultReason"),
            service: self.text(at, "loggedByService"),
            person: person.unwrap_or_default(),
            actor,
            object: object.map(|who| Named { id: who.id, name: who.name }).unwrap_or_default(),
            details: self.items(at, "additionalDetails", Self::detail),
        }
    }

    fn target(&mut self, at: &At<'_>) -> Option<(String, Who)> {
        Some((self.text(at, "type").unwrap_or_default(), self.who(at)))
    }

    fn who(&mut self, at: &At<'_>) -> Who {
        Who {
            user: self.text(at, "userPrincipalName"),
            id: self.text(at, "id"),
            name: self.text(at, "displayName"),
        }
    }

    fn detail(&mut self, at: &At<'_>) -> Option<(String, String)> {
        Some((self.text(at, "key")?, self.text(at, "value").unwrap_or_default()))
    }

    /// A text; an empty one counts as none.
    fn text(&mut self, at: &At<'_>, name: &str) -> Option<String> {
        let text = at.member(name)?.text();
        self.checked(text).filter(|text| !text.is_empty()).map(limits::text)
    }

    fn time(&mut self, at: &At<'_>, name: &str) -> Time {
        let text = at.member(name).map(|at| at.text());
        text.and_then(|text| self.checked(text)).map(Time::read).unwrap_or_default()
    }

    /// `errorCode`: a number, or one written as a text.
    fn code(&mut self, status: &At<'_>) -> Option<u32> {
        let code = status.member("errorCode")?;
        let read = match code.json {
            Json::Text(text) => text.trim().parse().ok(),
            _ => code.number().ok().and_then(|number| u32::try_from(number).ok()),
        };
        read.or_else(|| self.checked(Err(code.wrong("a code: a whole number, 0 or more"))))
    }

    /// `succeeded`: a truth value, or one of the two words of the reference.
    fn succeeded(&mut self, at: &At<'_>) -> Option<bool> {
        let value = at.member("succeeded")?;
        match value.json {
            Json::Text(word) => super::words::succeeded(word)
                .or_else(|| self.checked(Err(value.wrong("true or false")))),
            _ => {
                let read = value.boolean();
                self.checked(read)
            }
        }
    }

    /// A list of texts; a single text with commas, as some exports write it, is one as well.
    fn words(&mut self, at: &At<'_>, name: &str) -> Vec<String> {
        let Some(list) = at.member(name) else { return Vec::new() };
        if let Json::Text(text) = list.json {
            let words = text.split([',', ';', ' ', '[', ']', '"']).filter(|word| !word.is_empty());
            return words.take(ITEMS).map(limits::text).collect();
        }
        let items = list.array();
        let items = self.checked(items).unwrap_or_default();
        let texts = items.iter().take(ITEMS).map(At::text);
        texts.filter_map(|text| self.checked(text)).map(limits::text).collect()
    }

    fn items<T>(
        &mut self,
        at: &At<'_>,
        name: &str,
        mut read: impl FnMut(&mut Self, &At<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(list) = at.member(name) else { return Vec::new() };
        // PowerShell writes a list of one as the one itself
        let items = match list.json {
            Json::Object(_) => Ok(vec![list]),
            _ => list.array(),
        };
        let items = self.checked(items).unwrap_or_default();
        let objects = items.into_iter().take(ITEMS).map(At::object);
        let objects: Vec<_> = objects.filter_map(|object| self.checked(object)).collect();
        objects.iter().filter_map(|object| read(self, object)).collect()
    }

    /// Keeps what is wrong, a few times.
    fn checked<T>(&mut self, result: Result<T, JsonError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                if self.remarks.wrong.len() < ITEMS {
                    self.remarks.wrong.push(error);
                }
                None
            }
        }
    }
}
