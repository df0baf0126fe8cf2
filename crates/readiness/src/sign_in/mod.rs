//! Exported sign-in and audit logs: what happened, in order, which rule explains it, what to do next.
//!
//! A [`Reader`] takes one exported file in chunks of any size: Graph's JSON (a page, an array, one record per
//! line) or the admin centre's CSV. A [`Log`] joins what files hold, by person, correlation id and request id, and
//! [`Log::explain`] tells one [`Story`] for each attempt in it that has to do with passkeys, Temporary Access
//! Passes or the registration of security info, or that failed. Codes that no public page explains are shown as
//! unknown. Times are those of the log; nothing here knows the present.
//!
//! ```
//! use keyvet_readiness::sign_in::{Log, Names, Outcome, Reader};
//! let mut reader = Reader::new();
//! reader.push(br#"{"createdDateTime": "2025-11-20T09:04:11Z", "id": "1", "correlationId": "c",
//!     "userPrincipalName": "ada@contoso.example", "status": {"errorCode": 130505}}"#);
//! let mut log = Log::default();
//! log.add(reader.finish());
//! let told = log.explain(Names::Shown);
//! assert_eq!(told.stories[0].outcome, Outcome::Stopped);
//! assert_eq!(told.stories[0].why[0].id(), "readiness.sign-in-tap-used");
//! ```

mod codes;
mod csv;
mod decode;
mod explain;
mod findings;
mod found;
mod json;
mod judge;
mod kinds;
mod limits;
mod log;
mod members;
mod people;
mod reader;
mod record;
mod split;
mod story;
mod table;
mod time;
mod words;

pub use codes::{Code, CodeClass};
pub use judge::EventResult;
pub use kinds::KINDS;
pub use log::Log;
pub use people::Names;
pub use reader::{File, Format, Reader};
pub use record::{AppliedPolicy, Audit, AuthStep, Named, Record, SignIn, StrengthUse, Who};
pub use story::{Change, Event, Explanation, Outcome, Source, Story};
pub use time::Time;
