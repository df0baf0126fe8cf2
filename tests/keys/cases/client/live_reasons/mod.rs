//! Which ids of verdict and assessment a live key provokes, and in which scene: every key is registered through the client,
//! assessed with every metadata and judged by every tenant. The page `docs/reference/live-reasons.md` is the outcome, and
//! what no live key can provoke stands there with a reason.

pub(crate) mod keys;
mod not_live;
mod surroundings;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use keys::Live;
use keyvet_attestation::{Assessment, Context, assess};
use keyvet_finding::{Finding, Kind};
use keyvet_policy::entra::KeyTable;
use keyvet_policy::{Decision, Subject, decide};
use keyvet_tests::root;
use surroundings::{Metadata, Tenant};
use time::macros::datetime;

/// Where an id was seen with the least out of the ordinary.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Scene {
    /// How far key, metadata and tenant stand down their lists.
    oddity: usize,
    key: &'static str,
    firmware: BTreeSet<String>,
    metadata: &'static str,
    tenant: Option<&'static str>,
}

type Seen = BTreeMap<&'static str, Scene>;

#[tokio::test]
async fn every_reason_is_provoked_by_a_live_key_or_said_not_to_be() {
    let seen = seen(&keys::registered().await);
    let not_live = not_live::by_id();
    let known: BTreeSet<_> = kinds().map(|kind| kind.id).collect();
    let nowhere: Vec<_> =
        known.iter().filter(|id| !seen.contains_key(*id) && !not_live.contains_key(*id)).collect();
    assert!(nowhere.is_empty(), "no live key provokes these, and no reason is given: {nowhere:#?}");
    let settled: Vec<_> = not_live.keys().filter(|id| seen.contains_key(*id)).collect();
    assert!(
        settled.is_empty(),
        "a live key provokes these, so the reason why not is wrong: {settled:#?}"
    );
    let stale: Vec<_> = not_live.keys().filter(|id| !known.contains(*id)).collect();
    assert!(stale.is_empty(), "there are no such ids: {stale:#?}");
    compare(&page(&seen, &not_live));
}

/// An acceptance under enforced attestation, which takes a model that Microsoft lists: see `LISTED_AAGUID`.
#[tokio::test]
async fn a_listed_model_with_a_chain_to_its_metadata_is_accepted_where_attestation_is_enforced() {
    let registered = keys::registered_as(keys::LISTED).await;
    assert_eq!(registered.len(), 2, "both firmwares");
    for live in &registered {
        let metadata = &surroundings::metadata()[0];
        let tenants = surroundings::tenants();
        let enforced = tenants.iter().find(|tenant| tenant.name == surroundings::ENFORCED).unwrap();
        let verdict = enforced.verdict(&assessed(live, metadata), metadata);
        assert_eq!(
            verdict.registration.decision,
            Decision::Accepted,
            "{}: {verdict:#?}",
            live.firmware
        );
    }
}

fn kinds() -> impl Iterator<Item = &'static Kind> {
    keyvet_policy::KINDS.iter().chain(keyvet_attestation::KINDS).copied()
}

fn seen(keys: &[Live]) -> Seen {
    let (metadata, tenants) = (surroundings::metadata(), surroundings::tenants());
    let mut seen = Seen::new();
    for live in keys {
        for (m, metadata) in metadata.iter().enumerate() {
            let assessment = assessed(live, metadata);
            let oddity = live.oddity + m;
            let mut record = |id, oddity, tenant| {
                let scene = Scene {
                    oddity,
                    key: live.scene,
                    firmware: BTreeSet::new(),
                    metadata: metadata.name,
                    tenant,
                };
                note(&mut seen, id, scene, &live.firmware);
            };
            assessment.findings.iter().for_each(|finding| record(finding.id(), oddity, None));
            for (t, tenant) in tenants.iter().enumerate() {
                for id in tenant.ids(&assessment, metadata) {
                    record(id, oddity + t, Some(tenant.name));
                }
            }
        }
    }
    seen
}

/// Keeps the least odd scene, with every firmware that plays it.
fn note(seen: &mut Seen, id: &'static str, scene: Scene, firmware: &str) {
    let best = seen.entry(id).or_insert_with(|| scene.clone());
    if scene.oddity < best.oddity {
        *best = scene.clone();
    }
    if (best.key, best.metadata, best.tenant) == (scene.key, scene.metadata, scene.tenant) {
        best.firmware.insert(firmware.to_owned());
    }
}

fn assessed(live: &Live, metadata: &Metadata) -> Assessment {
    let mut context = Context::new(metadata.catalogue.as_ref(), AT);
    context.extra_anchors = &metadata.given;
    assess(&live.registration, &mut context)
}

impl Tenant {
    fn verdict(&self, assessment: &Assessment, metadata: &Metadata) -> keyvet_policy::Verdict {
        let catalogue = metadata.catalogue.as_ref();
        let subject = Subject { assessment, catalogue, key_table: KeyTable::embedded() };
        decide(&self.policy, &subject, &self.scope)
    }

    fn ids(&self, assessment: &Assessment, metadata: &Metadata) -> BTreeSet<&'static str> {
        let verdict = self.verdict(assessment, metadata);
        let reasons = verdict.registration.reasons.iter().chain(&verdict.sign_in.reasons);
        reasons.map(|reason| reason.id()).chain(verdict.findings.iter().map(Finding::id)).collect()
    }
}

fn page(seen: &Seen, not_live: &BTreeMap<&'static str, &'static str>) -> String {
    let mut page = HEAD.to_owned();
    let of_ours: Vec<_> =
        seen.iter().filter(|(id, _)| kinds().any(|kind| kind.id == **id)).collect();
    write!(page, "{} ids of {} are provoked by a live key.\n\n", of_ours.len(), kinds().count())
        .unwrap();
    page.push_str("| id | key | firmware | metadata | tenant |\n|---|---|---|---|---|\n");
    for (id, Scene { key, firmware, metadata, tenant, .. }) in of_ours {
        let firmware: Vec<_> = firmware.iter().map(String::as_str).collect();
        let tenant = tenant.unwrap_or("any");
        writeln!(page, "| `{id}` | {key} | {} | {metadata} | {tenant} |", firmware.join(", "))
            .unwrap();
    }
    page.push_str("\n## What no live key provokes\n");
    let reasons: BTreeSet<_> = not_live.values().collect();
    for reason in reasons {
        write!(page, "\n{reason}\n\n").unwrap();
        for (id, _) in not_live.iter().filter(|(_, why)| *why == reason) {
            writeln!(page, "- `{id}`").unwrap();
        }
    }
    page
}

fn compare(page: &str) {
    let path = root().join("docs/reference/live-reasons.md");
    if std::env::var_os("KEYVET_BLESS").is_some() {
        std::fs::write(&path, page).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    let line = stored.lines().zip(page.lines()).position(|(stored, made)| stored != made);
    assert!(
        stored == page,
        "docs/reference/live-reasons.md is stale from line {:?}; KEYVET_BLESS=1 writes it anew",
        line.map(|line| line + 1)
    );
}

/// Within the life of every test certificate.
const AT: time::OffsetDateTime = datetime!(2026-11-22 0:00 UTC);

const HEAD: &str = "\
# Reasons that a live key provokes

Every id that an assessment or a verdict may give, and a scene in which a key that talks to keyvet provokes it: the key is
registered through the client, assessed with the metadata named and judged by the tenant named. `fido-authenticator` and
`opensk` are firmware of real products, `hostile` is a key of ours that misbehaves. A test makes this page and fails when an
id is missing (`tests/keys/cases/client/live_reasons`). The [reference of findings](findings.md) tells what the ids mean.

Models and metadata are invented but for one AAGUID: enforced attestation takes models of Microsoft's key table only, so the
*listed model* is a virtual key under the AAGUID of the YubiKey 5 Series with NFC, whose chain leads to a home-made root in
home-made metadata.

";
