//! What each fuzz target does with its input, and what must hold afterwards.
//!
//! The functions here are called by libFuzzer (`fuzz/fuzz_targets`) and by the plain test that replays the corpus
//! (`tests/corpus.rs`), so the two cannot drift apart. A broken invariant is a panic: that is how a fuzzer hears of it.
//!
//! Every target is bounded by its parser's own limits; none touches the network, the clock or a file after start-up.
#![expect(
    clippy::expect_used,
    reason = "an invariant that does not hold must stop the fuzzer and fail the test"
)]

mod cbor;
mod certificates;
mod channel;
mod checks;
mod ctaphid;
mod evidence;
mod iso7816;
mod large_blobs;
mod metadata;
mod parts;
mod pin_uv;
mod policy;
mod readiness;
mod responses;
mod sign_in;
mod statements;
mod trace;
mod wire;

pub use cbor::cbor;
pub use certificates::certificate_path;
pub use ctaphid::{ctaphid_client, ctaphid_device, report_descriptor};
pub use evidence::evidence_file;
pub use iso7816::{iso7816_card, iso7816_client};
pub use large_blobs::large_blobs;
pub use metadata::{mds_cache, mds_entry, mds_jws};
pub use pin_uv::pin_uv;
pub use policy::policy_json;
pub use readiness::tenant_files;
pub use responses::{answer, client_pin, credential_management, get_assertion, make_credential};
pub use sign_in::sign_in_log;
pub use statements::{
    attestation_statement_android_key, attestation_statement_android_safetynet,
    attestation_statement_apple, attestation_statement_compound, attestation_statement_fido_u2f,
    attestation_statement_none, attestation_statement_packed, attestation_statement_tpm,
};
pub use trace::{trace_recording, trace_redaction};
pub use wire::{attestation_object, auth_data, get_info};

/// A target: what `fuzz/corpus/<name>` holds, and what is done with it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Name of the corpus folder and of the libFuzzer binary.
    pub name: &'static str,
    /// Panics when an invariant is broken.
    pub run: fn(&[u8]),
}

/// Every target there is.
pub static TARGETS: &[Target] = &[
    Target { name: "answer", run: answer },
    Target { name: "attestation_object", run: attestation_object },
    Target { name: "attestation_statement_android_key", run: attestation_statement_android_key },
    Target {
        name: "attestation_statement_android_safetynet",
        run: attestation_statement_android_safetynet,
    },
    Target { name: "attestation_statement_apple", run: attestation_statement_apple },
    Target { name: "attestation_statement_compound", run: attestation_statement_compound },
    Target { name: "attestation_statement_fido_u2f", run: attestation_statement_fido_u2f },
    Target { name: "attestation_statement_none", run: attestation_statement_none },
    Target { name: "attestation_statement_packed", run: attestation_statement_packed },
    Target { name: "attestation_statement_tpm", run: attestation_statement_tpm },
    Target { name: "auth_data", run: auth_data },
    Target { name: "cbor", run: cbor },
    Target { name: "certificate_path", run: certificate_path },
    Target { name: "client_pin", run: client_pin },
    Target { name: "credential_management", run: credential_management },
    Target { name: "ctaphid_client", run: ctaphid_client },
    Target { name: "ctaphid_device", run: ctaphid_device },
    Target { name: "evidence_file", run: evidence_file },
    Target { name: "get_assertion", run: get_assertion },
    Target { name: "get_info", run: get_info },
    Target { name: "iso7816_card", run: iso7816_card },
    Target { name: "iso7816_client", run: iso7816_client },
    Target { name: "large_blobs", run: large_blobs },
    Target { name: "make_credential", run: make_credential },
    Target { name: "mds_cache", run: mds_cache },
    Target { name: "mds_entry", run: mds_entry },
    Target { name: "mds_jws", run: mds_jws },
    Target { name: "pin_uv", run: pin_uv },
    Target { name: "policy_json", run: policy_json },
    Target { name: "report_descriptor", run: report_descriptor },
    Target { name: "sign_in_log", run: sign_in_log },
    Target { name: "tenant_files", run: tenant_files },
    Target { name: "trace_recording", run: trace_recording },
    Target { name: "trace_redaction", run: trace_redaction },
];
