//! Records as read: the members that an explanation uses, as written.

use super::Time;

/// One record of a log.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Record {
    /// Of the sign-in log.
    SignIn(Box<SignIn>),
    /// Of the audit log.
    Audit(Box<Audit>),
}

/// One sign-in (Graph `signIn`).
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct SignIn {
    /// `createdDateTime`.
    pub time: Time,
    /// `id`, which the portal calls request id.
    pub id: Option<String>,
    /// `correlationId`.
    pub correlation_id: Option<String>,
    /// `originalRequestId`: the first request of the sequence.
    pub original_request_id: Option<String>,
    /// Who signs in.
    pub person: Who,
    /// The application that asks: `appId`, `appDisplayName`.
    pub app: Named,
    /// The resource asked for: `resourceId`, `resourceDisplayName`.
    pub resource: Named,
    /// `conditionalAccessAudiences`: application ids that policies were judged for.
    pub audiences: Vec<String>,
    /// `status.errorCode`; 0 is success.
    pub code: Option<u32>,
    /// `status.failureReason`.
    pub reason: Option<String>,
    /// `status.additionalDetails`.
    pub additional: Option<String>,
    /// `conditionalAccessStatus`.
    pub access_status: Option<String>,
    /// Policies that had a say: neither out of scope nor switched off nor only reporting.
    pub policies: Vec<AppliedPolicy>,
    /// Whether the record tells of policies at all.
    pub tells_policies: bool,
    /// `authenticationDetails`.
    pub steps: Vec<AuthStep>,
    /// `deviceDetail.operatingSystem`.
    pub os: Option<String>,
    /// `deviceDetail.browser`.
    pub browser: Option<String>,
    /// `clientAppUsed`.
    pub client_app: Option<String>,
}

/// A person, as far as a record tells.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct Who {
    /// `userPrincipalName`.
    pub user: Option<String>,
    /// Object id.
    pub id: Option<String>,
    /// Display name.
    pub name: Option<String>,
}

/// Something with an id and a name.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct Named {
    /// Its id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
}

/// A Conditional Access policy that had a say (Graph `appliedConditionalAccessPolicy`).
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct AppliedPolicy {
    /// Which.
    pub policy: Named,
    /// `result`: `success`, `failure`, …
    pub result: Option<String>,
    /// `enforcedGrantControls`.
    pub controls: Vec<String>,
    /// The strength it demands.
    pub strength: Option<StrengthUse>,
}

/// An authentication strength that was demanded (Graph `authenticationStrength`).
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct StrengthUse {
    /// Which.
    pub strength: Named,
    /// `authenticationStrengthResult`, as written.
    pub result: Option<String>,
}

/// One method used, or tried (Graph `authenticationDetail`).
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct AuthStep {
    /// `authenticationStepDateTime`.
    pub time: Time,
    /// `authenticationMethod`.
    pub method: Option<String>,
    /// `succeeded`.
    pub succeeded: Option<bool>,
    /// `authenticationStepResultDetail`.
    pub result: Option<String>,
    /// `authenticationStepRequirement`.
    pub requirement: Option<String>,
}

/// One entry of the audit log (Graph `directoryAudit`).
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub struct Audit {
    /// `activityDateTime`.
    pub time: Time,
    /// `id`.
    pub id: Option<String>,
    /// `correlationId`.
    pub correlation_id: Option<String>,
    /// `activityDisplayName`.
    pub activity: Option<String>,
    /// `result`, as written.
    pub result: Option<String>,
    /// `resultReason`.
    pub reason: Option<String>,
    /// `loggedByService`.
    pub service: Option<String>,
    /// The person, or the app, that did it.
    pub actor: Who,
    /// The person it was done to.
    pub person: Who,
    /// What else it was done to: a policy's name.
    pub object: Named,
    /// `additionalDetails`: keys and values.
    pub details: Vec<(String, String)>,
}

impl Record {
    /// When it happened.
    #[must_use]
    pub fn time(&self) -> &Time {
        match self {
            Self::SignIn(record) => &record.time,
            Self::Audit(record) => &record.time,
        }
    }

    /// Its own id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::SignIn(record) => record.id.as_deref(),
            Self::Audit(record) => record.id.as_deref(),
        }
    }

    /// The id that it shares with what belongs to it.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        match self {
            Self::SignIn(record) => record.correlation_id.as_deref(),
            Self::Audit(record) => record.correlation_id.as_deref(),
        }
    }

    /// Whom it is about.
    #[must_use]
    pub fn person(&self) -> &Who {
        match self {
            Self::SignIn(record) => &record.person,
            Self::Audit(record) => &record.person,
        }
    }

    pub(super) fn time_mut(&mut self) -> &mut Time {
        match self {
            Self::SignIn(record) => &mut record.time,
            Self::Audit(record) => &mut record.time,
        }
    }
}

impl Who {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        self.user.is_none() && self.id.is_none() && self.name.is_none()
    }
}

impl Named {
    /// Whether it has this id, in any case.
    #[must_use]
    pub fn has_id(&self, id: &str) -> bool {
        self.id.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(id))
    }

    /// What to call it: its name, else its id.
    #[must_use]
    pub fn call(&self) -> Option<&str> {
        self.name.as_deref().or(self.id.as_deref())
    }
}
