//! `--client-data` and `--client-data-hash`: what a raw attestation object lacks.

use crate::{
    args::VerifyArgs,
    commands::info::bad_hex,
    context::Context,
    error::CliError,
    input::{MAX_DOCUMENT_BYTES, shown},
};
use data_encoding::HEXLOWER_PERMISSIVE;
use keyvet_evidence::Registration;
use keyvet_finding::{Culprit, Kind, Severity};
use std::path::Path;

/// The client data given on the command line.
#[derive(Debug)]
pub(crate) enum ClientData {
    NotGiven,
    Json(Vec<u8>),
    Hash([u8; 32]),
}

impl ClientData {
    /// Reads the file or the digits that `args` name.
    pub(crate) fn read(args: &VerifyArgs, context: &Context) -> Result<Self, CliError> {
        match (&args.client_data, &args.client_data_hash) {
            (Some(path), _) => context.inputs.read(path, MAX_DOCUMENT_BYTES).map(Self::Json),
            (None, Some(hex)) => {
                let bytes = HEXLOWER_PERMISSIVE.decode(hex.trim().as_bytes());
                let bytes =
                    bytes.map_err(|error| bad_hex(&format!("--client-data-hash: {error}")))?;
                let hash = bytes.try_into().map(Self::Hash);
                hash.map_err(|_| bad_hex("--client-data-hash is not 32 bytes"))
            }
            (None, None) => Ok(Self::NotGiven),
        }
    }

    /// `registration` with the client data it lacks.
    pub(crate) fn complete(
        &self,
        mut registration: Registration,
        file: &Path,
    ) -> Result<Registration, CliError> {
        if matches!(self, Self::NotGiven) {
            return Ok(registration);
        }
        if registration.client_data_hash().is_some() {
            return Err(CliError::usage(&TWICE, format_args!("{} has its own", shown(file))));
        }
        match self {
            Self::Json(json) => registration.client_data_json = Some(json.clone()),
            Self::Hash(hash) => registration.client_data_hash = Some(*hash),
            Self::NotGiven => {}
        }
        Ok(registration)
    }
}

/// The file has client data, and so has the command line.
pub(crate) static TWICE: Kind = Kind {
    id: "cli.client-data-twice",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The file already holds the client data of its registration, and other client data is given on \
              the command line. Only one of them can be the one that was signed.",
    next_step: "Leave --client-data and --client-data-hash out; they are for raw attestation objects.",
    source: "keyvet",
};
