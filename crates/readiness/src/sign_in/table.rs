//! Records from the CSV files that the admin centre and PowerShell write.

use super::{
    Audit, AuthStep, Named, Record, SignIn, Time, Who,
    limits::{self, ITEMS},
    words,
};
use std::collections::HashMap;

/// What the rows of a file are, told by the names of its columns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sheet {
    /// One sign-in per row.
    SignIns,
    /// One step of an authentication per row: the second file of a sign-in export.
    AuthDetails,
    /// One audit entry per row.
    Audits,
    /// Sign-ins of programs, which no person makes.
    Programs,
}

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Columns {
    /// What the rows are.
    pub(super) sheet: Sheet,
    /// Columns without which an explanation is poor, and which are not there.
    pub(super) missing: Vec<&'static str>,
    /// Number of columns.
    pub(super) count: usize,
    places: HashMap<String, usize>,
}

/// What one row is.
#[derive(Debug)]
pub(super) enum Entry {
    /// A record.
    Record(Record),
    /// A step of the sign-in with this request id.
    Step(String, AuthStep),
}

impl Columns {
    /// The columns of this first row; `None` when they are of no known file: another language, or another file.
    pub(super) fn read(names: &[String]) -> Option<Self> {
        let mut places = HashMap::new();
        for (place, name) in names.iter().enumerate() {
            // a name may come twice; the portal's second `Incoming token type` is a copy
            places.entry(folded(name)).or_insert(place);
        }
        let mut columns =
            Self { sheet: Sheet::SignIns, missing: Vec::new(), count: names.len(), places };
        columns.sheet = columns.recognize()?;
        columns.missing = columns.missing();
        Some(columns)
    }

    fn recognize(&self) -> Option<Sheet> {
        let has = |names: &[&str]| self.place(names).is_some();
        if has(REQUEST) && has(METHOD) && (has(STEP_RESULT) || has(SUCCEEDED)) {
            Some(Sheet::AuthDetails)
        } else if has(ACTIVITY) && (has(CORRELATION) || has(SERVICE) || has(AUDIT_DATE)) {
            Some(Sheet::Audits)
        } else if has(&["serviceprincipalid"]) && has(CODE) && !has(USER) {
            Some(Sheet::Programs)
        } else if has(CODE) && (has(REQUEST) || has(CORRELATION) || has(USER))
            || has(&["createddatetime"]) && has(CORRELATION) && has(USER)
        {
            Some(Sheet::SignIns)
        } else {
            None
        }
    }

    fn missing(&self) -> Vec<&'static str> {
        let wanted: &[(&[&str], &'static str)] = match self.sheet {
            Sheet::SignIns => &[
                (DATE, "Date (UTC)"),
                (REQUEST, "Request ID"),
                (CORRELATION, "Correlation ID"),
                (USER, "Username"),
                (RESOURCE_ID, "Resource ID"),
                (CODE, "Sign-in error code"),
            ],
            Sheet::Audits => &[
                (AUDIT_DATE, "Date (UTC)"),
                (CORRELATION, "CorrelationId"),
                (RESULT, "Result"),
                (REASON, "ResultReason"),
            ],
            Sheet::AuthDetails | Sheet::Programs => &[],
        };
        wanted
            .iter()
            .filter(|(names, _)| self.place(names).is_none())
            .map(|(_, name)| *name)
            .collect()
    }

    /// The record in this row.
    pub(super) fn entry(&self, fields: &[String]) -> Option<Entry> {
        let row = Row { columns: self, fields };
        match self.sheet {
            Sheet::SignIns => Some(Entry::Record(Record::SignIn(Box::new(row.sign_in())))),
            Sheet::Audits => Some(Entry::Record(Record::Audit(Box::new(row.audit())))),
            Sheet::AuthDetails => row.text(REQUEST).map(|id| Entry::Step(id, row.step())),
            Sheet::Programs => None,
        }
    }

    fn place(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.places.get(*name).copied())
    }
}

/// A name without blanks, dashes, brackets and case: `Sign-in error code` is `signinerrorcode`.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(200).collect()
}

/// Names of columns, folded: the portal's first, then those of Graph's members.
const DATE: &[&str] = &["dateutc", "date", "createddatetime"];
const AUDIT_DATE: &[&str] = &["dateutc", "date", "activitydatetime"];
const REQUEST: &[&str] = &["requestid", "id"];
const CORRELATION: &[&str] = &["correlationid"];
const USER: &[&str] = &["username", "userprincipalname"];
const USER_ID: &[&str] = &["userid"];
const USER_NAME: &[&str] = &["user", "userdisplayname"];
const APP: &[&str] = &["application", "appdisplayname"];
const APP_ID: &[&str] = &["applicationid", "appid"];
const RESOURCE: &[&str] = &["resource", "resourcedisplayname"];
const RESOURCE_ID: &[&str] = &["resourceid"];
const CODE: &[&str] = &["signinerrorcode", "errorcode", "statuserrorcode"];
const FAILURE: &[&str] = &["failurereason", "statusfailurereason"];
const CLIENT_APP: &[&str] = &["clientapp", "clientappused"];
const BROWSER: &[&str] = &["browser"];
const OS: &[&str] = &["operatingsystem"];
const ACCESS: &[&str] = &["conditionalaccess", "conditionalaccessstatus"];
const MFA_RESULT: &[&str] = &["multifactorauthenticationresult"];
const MFA_METHOD: &[&str] = &["multifactorauthenticationauthmethod"];
const METHOD: &[&str] = &["authenticationmethod"];
const SUCCEEDED: &[&str] = &["succeeded"];
const STEP_RESULT: &[&str] = &["resultdetail", "authenticationstepresultdetail"];
const REQUIREMENT: &[&str] = &["requirement", "authenticationsteprequirement"];
const ACTIVITY: &[&str] = &["activity", "activitydisplayname"];
const SERVICE: &[&str] = &["service", "loggedbyservice"];
const RESULT: &[&str] = &["result"];
const REASON: &[&str] = &["resultreason"];

struct Row<'a> {
    columns: &'a Columns,
    fields: &'a [String],
}

impl Row<'_> {
    fn text(&self, names: &[&str]) -> Option<String> {
        let field = self.fields.get(self.columns.place(names)?)?.trim();
        (!field.is_empty()).then(|| limits::text(field))
    }

    fn time(&self, names: &[&str]) -> Time {
        self.text(names).as_deref().map(Time::read).unwrap_or_default()
    }

    fn sign_in(&self) -> SignIn {
        SignIn {
            time: self.time(DATE),
            id: self.text(REQUEST),
            correlation_id: self.text(CORRELATION),
            person: Who {
                user: self.text(USER),
                id: self.text(USER_ID),
                name: self.text(USER_NAME),
            },
            app: Named { id: self.text(APP_ID), name: self.text(APP) },
            resource: Named { id: self.text(RESOURCE_ID), name: self.text(RESOURCE) },
            code: self.text(CODE).and_then(|code| code.parse().ok()),
            reason: self.text(FAILURE).filter(|reason| reason != "Other."),
            access_status: self.text(ACCESS),
            steps: self.mfa().into_iter().collect(),
            os: self.text(OS),
            browser: self.text(BROWSER),
            client_app: self.text(CLIENT_APP),
            ..SignIn::default()
        }
    }

    /// The one step that the sign-in file itself tells of.
    fn mfa(&self) -> Option<AuthStep> {
        let (method, result) = (self.text(MFA_METHOD), self.text(MFA_RESULT));
        (method.is_some() || result.is_some()).then(|| AuthStep {
            succeeded: result.as_deref().and_then(words::succeeded),
            requirement: Some("Multifactor authentication".to_owned()),
            method,
            result,
            ..AuthStep::default()
        })
    }

    fn step(&self) -> AuthStep {
        AuthStep {
            time: self.time(DATE),
            method: self.text(METHOD),
            succeeded: self.text(SUCCEEDED).as_deref().and_then(words::succeeded),
            result: self.text(STEP_RESULT),
            requirement: self.text(REQUIREMENT),
        }
    }

    fn audit(&self) -> Audit {
        let targets: Vec<(String, Who)> =
            ["1", "2", "3"].iter().filter_map(|n| self.target(n)).collect();
        let is_person = |target: &(String, Who)| {
            target.0.eq_ignore_ascii_case("User") || target.1.user.is_some()
        };
        let person = targets.iter().find(|target| is_person(target)).map(|target| target.1.clone());
        let object = targets.into_iter().find(|target| !is_person(target)).map(|target| target.1);
        Audit {
            time: self.time(AUDIT_DATE),
            id: self.text(&["id"]),
            correlation_id: self.text(CORRELATION),
            activity: self.text(ACTIVITY),
            result: self.text(RESULT),
            reason: self.text(REASON),
            service: self.text(SERVICE),
            actor: Who {
                user: self.text(&["actoruserprincipalname"]),
                id: self.text(&["actorobjectid"]),
                name: self.text(&["actordisplayname", "actorserviceprincipalname"]),
            },
            person: person.unwrap_or_default(),
            object: object.map(|who| Named { id: who.id, name: who.name }).unwrap_or_default(),
            details: (1..=ITEMS).map_while(|n| self.detail(n)).collect(),
        }
    }

    fn target(&self, n: &str) -> Option<(String, Who)> {
        let cell = |what: &str| self.text(&[format!("target{n}{what}").as_str()]);
        let who = Who {
            user: cell("userprincipalname"),
            id: cell("objectid"),
            name: cell("displayname"),
        };
        (!who.is_nobody()).then(|| (cell("type").unwrap_or_default(), who))
    }

    fn detail(&self, n: usize) -> Option<(String, String)> {
        let key = self.text(&[format!("additionaldetail{n}key").as_str()])?;
        let value = self.text(&[format!("additionaldetail{n}value").as_str()]);
        Some((key, value.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Option<Columns> {
        Columns::read(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn files_are_told_by_their_columns_in_any_order() {
        let sheet = |names: &[&str]| columns(names).map(|columns| columns.sheet);
        assert_eq!(sheet(&["Username", "Sign-in error code", "Request ID"]), Some(Sheet::SignIns));
        assert_eq!(
            sheet(&["Succeeded", "Request ID", "Authentication method"]),
            Some(Sheet::AuthDetails)
        );
        assert_eq!(sheet(&["Activity", "Result", "CorrelationId"]), Some(Sheet::Audits));
        assert_eq!(
            sheet(&["Service principal ID", "Request ID", "Sign-in error code"]),
            Some(Sheet::Programs)
        );
        assert_eq!(
            sheet(&["Datum (UTC)", "Anforderungs-ID", "Benutzername", "Anmeldefehlercode"]),
            None
        );
    }

    #[test]
    fn a_column_that_is_not_there_is_named() {
        let columns = columns(&["Username", "Sign-in error code", "Request ID"]).unwrap();
        assert_eq!(columns.missing, ["Date (UTC)", "Correlation ID", "Resource ID"]);
    }
}
