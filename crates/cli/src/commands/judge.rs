//! What registrations are judged by, and the judgement of one: the same for `verify` and `check`.

use crate::{
    args::JudgeArgs,
    commands::verify_result,
    context::Context,
    document::{
        Finding,
        verify::{FileResult, MetadataUsed, PolicyUsed},
    },
    error::CliError,
    exit::Exit,
    input::{MAX_DOCUMENT_BYTES, shown},
    time_text,
    trust::{self, Metadata},
};
use data_encoding::HEXLOWER;
use keyvet_attestation::{Assessment, assess};
use keyvet_evidence::{JudgedBy, Registration};
use keyvet_finding::{self as finding, Culprit, Kind, Severity};
#[cfg(feature = "hid")]
use keyvet_policy::UserVerification;
use keyvet_policy::{Policy, Provider, Scope, Subject, Verdict, decide, entra::KeyTable};
use keyvet_x509::{Anchor, LeafMemory};
use std::{path::Path, rc::Rc};
use time::OffsetDateTime;

/// What registrations are judged by.
pub(crate) struct Bench {
    pub(crate) at: OffsetDateTime,
    pub(crate) metadata: Option<Rc<Metadata>>,
    policy: Option<PolicyFile>,
    scope: Scope,
    anchors: Vec<Anchor>,
    strict_validity: bool,
    memory: LeafMemory,
    policy_findings: Vec<finding::Finding>,
}

/// A policy and the file it was read from.
pub(crate) struct PolicyFile {
    policy: Policy,
    source: String,
    sha256: [u8; 32],
}

/// Why there is nothing to judge by.
pub(crate) enum Unready {
    /// An argument cannot be used.
    Argument(CliError),
    /// The metadata named is there and cannot be trusted.
    Untrusted(CliError),
}

impl Bench {
    /// Reads everything that `args` name.
    pub(crate) fn prepare(
        args: &JudgeArgs,
        at: OffsetDateTime,
        context: &Context,
    ) -> Result<Self, Unready> {
        let anchors = trust::anchors(&args.anchor, context).map_err(Unready::Argument)?;
        let policy = args.policy.as_deref().map(|path| PolicyFile::read(path, context));
        let policy = policy.transpose().map_err(Unready::Argument)?;
        let metadata = trust::metadata(&args.trust, at, context).map_err(|error| {
            let untrusted = error.exit() == Exit::TrustData;
            if untrusted { Unready::Untrusted(error) } else { Unready::Argument(error) }
        })?;
        Ok(Self {
            at,
            metadata: metadata.map(Rc::new),
            policy,
            scope: Scope { profile: args.profile.clone(), groups: args.group.clone() },
            anchors,
            strict_validity: args.strict_validity,
            memory: LeafMemory::default(),
            policy_findings: Vec::new(),
        })
    }

    /// The result for one registration; `file` is what it is called.
    pub(crate) fn judge(&mut self, file: &Path, registration: &Registration) -> FileResult {
        let catalogue = self.metadata.as_ref().map(|metadata| &metadata.catalogue);
        let mut judge = keyvet_attestation::Context::new(catalogue, self.at);
        judge.extra_anchors = &self.anchors;
        judge.strict_validity = self.strict_validity;
        judge.memory = Some(&mut self.memory);
        let assessment = assess(registration, &mut judge);
        let verdict = self.verdict(&assessment);
        self.keep_policy_findings(verdict.as_ref());
        let catalogue = self.metadata.as_ref().map(|metadata| &metadata.catalogue);
        let verdict = verdict.as_ref();
        let mut result = verify_result::result(file, &assessment, verdict, catalogue, self.at);
        result.findings.extend(self.compared(registration).iter().map(Finding::from));
        result
    }

    /// What the policy says about a credential of which this much is known.
    pub(crate) fn verdict(&self, assessment: &Assessment) -> Option<Verdict> {
        let catalogue = self.metadata.as_ref().map(|metadata| &metadata.catalogue);
        let subject = Subject { assessment, catalogue, key_table: KeyTable::embedded() };
        self.policy.as_ref().map(|file| decide(&file.policy, &subject, &self.scope))
    }

    /// Whether anchors were given beside the metadata's.
    #[cfg(feature = "hid")]
    pub(crate) fn has_anchors(&self) -> bool {
        !self.anchors.is_empty()
    }

    /// Whether the policy says that the person must have been verified.
    #[cfg(feature = "hid")]
    pub(crate) fn wants_verification(&self) -> bool {
        let profiles = self.policy.iter().flat_map(|file| &file.policy.profiles);
        let mut wanted = profiles.map(|profile| profile.requirements.user_verification);
        wanted.any(|wanted| wanted == Some(UserVerification::Required))
    }

    /// They are the same for every file, and are told once.
    fn keep_policy_findings(&mut self, verdict: Option<&Verdict>) {
        if let Some(verdict) = verdict {
            self.policy_findings.clone_from(&verdict.findings);
        }
    }

    /// What is to be said about the run as a whole.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let about_metadata = match &self.metadata {
            Some(metadata) => metadata.catalogue.staleness(self.at),
            None => Some(finding::Finding::new(&trust::NO_METADATA, "none imported, none given")),
        };
        about_metadata.iter().chain(&self.policy_findings).map(Finding::from).collect()
    }

    /// The metadata, as documents name it.
    pub(crate) fn metadata_used(&self) -> Option<MetadataUsed> {
        let metadata = self.metadata.as_ref();
        metadata.map(|metadata| verify_result::metadata_used(metadata, self.at))
    }

    /// The policy, as documents name it.
    pub(crate) fn policy_used(&self) -> Option<PolicyUsed> {
        let file = self.policy.as_ref()?;
        let form = match file.policy.provider {
            Provider::EntraLegacy => "entra-legacy",
            Provider::EntraProfiles => "entra-profiles",
            Provider::AaguidList => "aaguid-list",
            _ => "other",
        };
        Some(PolicyUsed {
            source: file.source.clone(),
            form: form.to_owned(),
            profile: self.scope.profile.clone(),
            groups: self.scope.groups.clone(),
        })
    }

    /// What an evidence file keeps of all this.
    pub(crate) fn record(&self) -> JudgedBy {
        let mut record = JudgedBy::default();
        record.at = Some(time_text::show(self.at));
        record.metadata_no = self.metadata.as_ref().map(|metadata| metadata.catalogue.no);
        record.metadata_sha256 = self.metadata.as_ref().map(|metadata| metadata.source.file_sha256);
        record.policy_sha256 = self.policy.as_ref().map(|file| file.sha256);
        record
    }

    /// Where this judgement rests on something else than the one recorded with the registration.
    fn compared(&self, registration: &Registration) -> Vec<finding::Finding> {
        let Some(then) = &registration.judged_by else { return Vec::new() };
        let now = self.record();
        let metadata = differ(then.metadata_sha256, now.metadata_sha256).then(|| {
            let no = |no: Option<u64>| no.map_or(String::from("unknown"), |no| no.to_string());
            let detail =
                format!("no {} then, no {} now", no(then.metadata_no), no(now.metadata_no));
            finding::Finding::new(&OTHER_METADATA, detail)
        });
        let policy = differ(then.policy_sha256, now.policy_sha256).then(|| {
            let short = |hash: Option<[u8; 32]>| {
                hash.map(|hash| HEXLOWER.encode(&hash).chars().take(12).collect::<String>())
            };
            let (then, now) = (short(then.policy_sha256), short(now.policy_sha256));
            let detail = format!(
                "SHA-256 {}… then, {}… now",
                then.unwrap_or_default(),
                now.unwrap_or_default()
            );
            finding::Finding::new(&OTHER_POLICY, detail)
        });
        metadata.into_iter().chain(policy).collect()
    }
}

/// Both are known and they are not the same.
fn differ(then: Option<[u8; 32]>, now: Option<[u8; 32]>) -> bool {
    then.zip(now).is_some_and(|(then, now)| then != now)
}

impl PolicyFile {
    fn read(path: &Path, context: &Context) -> Result<Self, CliError> {
        let bytes = context.inputs.read(path, MAX_DOCUMENT_BYTES)?;
        let policy = keyvet_policy::read(&bytes)
            .map_err(|error| CliError::about(shown(path), &error, Exit::Usage))?;
        Ok(Self { policy, source: shown(path), sha256: keyvet_x509::sha256(&bytes) })
    }
}

/// The evidence was judged by other metadata when it was made.
pub(crate) static OTHER_METADATA: Kind = Kind {
    id: "cli.other-metadata",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "When this registration was made it was judged by another metadata BLOB, so the answer may differ \
              from the one given then.",
    next_step: "Give the metadata of that day with --mds to see the answer of that day.",
    source: "keyvet",
};

/// The evidence was judged by another policy when it was made.
pub(crate) static OTHER_POLICY: Kind = Kind {
    id: "cli.other-policy",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "When this registration was made it was judged by another policy, or by another state of this one, \
              so the answer may differ from the one given then.",
    next_step: "Give the policy of that day with --policy to see the answer of that day.",
    source: "keyvet",
};
