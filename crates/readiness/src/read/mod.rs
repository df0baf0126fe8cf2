//! A tenant from exported files.
//!
//! Each file is a Graph object, an array of them, `{"value": []}`, or one object around several of those.
//! What cannot be used is said in [`Tenant::findings`]; only a file that is no JSON, or a passkey policy that
//! cannot be read, is an error.

pub(crate) mod conditions;
pub(crate) mod documents;
pub(crate) mod groups;
mod methods;
pub(crate) mod people;
pub(crate) mod policies;
pub(crate) mod references;
pub(crate) mod sink;
pub(crate) mod strengths;
mod words;

pub(crate) use words::GUEST_TYPES;

use crate::{ConditionalAccessPolicy, Part, ReadinessError, Tenant};
use documents::Found;
use groups::Groups;
use keyvet_json::Json;
use keyvet_policy::{Policy, read_graph};
use sink::Sink;

/// The most bytes one file of an export may have.
pub const MAX_FILE_LEN_BYTES: usize = 256 << 20;

impl Tenant {
    /// Reads a tenant from files, each with its name. What a file holds is told by its content; its name helps
    /// where the content leaves that open. The order of files changes nothing.
    ///
    /// # Errors
    /// [`ReadinessError`] when a file is too large, no text or no JSON, when the passkey policy cannot be read,
    /// or when nothing in any file was recognised.
    pub fn read(files: &[(&str, &[u8])]) -> Result<Self, ReadinessError> {
        let mut documents = files.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        documents.sort_by_key(|(name, _)| *name);
        let mut sink = Sink::default();
        let mut found = Found::default();
        for (name, json) in &documents {
            found.file(name, json, &mut sink);
        }
        if found.present.is_empty() {
            return Err(nothing(files, sink));
        }
        tenant(&found, sink)
    }
}

fn parse<'a>((name, bytes): &(&'a str, &[u8])) -> Result<(&'a str, Json), ReadinessError> {
    match keyvet_json::read(bytes, MAX_FILE_LEN_BYTES) {
        Ok(json) => Ok((name, json)),
        Err(cause) => Err(ReadinessError::Json { file: (*name).to_owned(), cause }),
    }
}

fn nothing(files: &[(&str, &[u8])], sink: Sink) -> ReadinessError {
    let findings = sink.into_findings();
    let what = match (files.is_empty(), findings.first()) {
        (true, _) => "no file".to_owned(),
        (false, Some(finding)) => finding.to_string(),
        (false, None) => format!("nothing in {} files is known", files.len()),
    };
    ReadinessError::NoTenant { what }
}

fn tenant(found: &Found<'_>, mut sink: Sink) -> Result<Tenant, ReadinessError> {
    let mut embedded = Vec::new();
    let policies: Vec<_> =
        found.policies.iter().map(|at| policies::read(at, &mut sink, &mut embedded)).collect();
    let policies = references::once(policies, "policy", |policy| &policy.id, &mut sink);
    let own = found.strengths.iter().map(|at| strengths::read(at, &mut sink)).collect();
    let locations = found.locations.iter().map(|at| methods::location(at, &mut sink)).collect();
    let methods = found.methods.iter().map(|at| methods::read(at, &mut sink)).collect();
    let groups = Groups::read(&found.groups, &mut sink);
    let mut tenant = Tenant {
        passkeys: passkeys(found, &mut sink)?,
        methods: references::once(methods, "method", |method| &method.id, &mut sink),
        strengths: strengths::merge(own, embedded, &policies, &mut sink),
        policies,
        locations: references::once(
            locations,
            "named location",
            |location| &location.id,
            &mut sink,
        ),
        people: people::read(&found.users, &groups, &mut sink),
        absent: Part::ALL.into_iter().filter(|part| !found.present.contains(part)).collect(),
        findings: Vec::new(),
    };
    references::check(&tenant, &mut sink);
    tenant.findings = sink.into_findings();
    Ok(tenant)
}

/// The one passkey policy. Two that differ: the first by name of file is used, and that is said.
fn passkeys(found: &Found<'_>, sink: &mut Sink) -> Result<Option<Policy>, ReadinessError> {
    let mut first: Option<(Policy, &str)> = None;
    for (at, file) in &found.passkeys {
        let policy = read_graph(at.json)
            .map_err(|cause| ReadinessError::Passkeys { file: (*file).to_owned(), cause })?;
        match &first {
            None => first = Some((policy, file)),
            Some((used, of)) if *used != policy => {
                let detail =
                    format!("passkey policy: that of {of} is used, not that of {}", at.path);
                sink.say(&references::TWICE, detail);
            }
            Some(_) => {}
        }
    }
    Ok(first.map(|(policy, _)| policy))
}

/// For findings that name a policy.
fn label(policy: &ConditionalAccessPolicy) -> String {
    format!("policy '{}'", policy.name)
}

#[cfg(test)]
mod tests;
