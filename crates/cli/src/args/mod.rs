//! The command line: every command, argument and help text.

#[cfg(feature = "hid")]
mod keys;
mod readiness;
mod sign_in;
#[cfg(feature = "hid")]
mod trace;

use crate::exit::Exit;
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

#[cfg(feature = "hid")]
pub use keys::{CheckArgs, Enterprise, IdentifyArgs, KeyArgs, ListArgs, PinArgs};
pub use readiness::{
    EntryArg, Format, OneAttemptArgs, PhoneArg, ReadinessArgs, ReadinessCommand, RouteArg,
};
pub use sign_in::{SignInCommand, SignInExplainArgs};
#[cfg(feature = "hid")]
pub use trace::{TraceCommand, TraceReplayArgs, TraceShowArgs};

/// Will this security key be accepted by this organisation, and if not, exactly why?
#[derive(Debug, Parser)]
#[command(name = "keyvet", version, max_term_width = 100, after_help = Exit::table())]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct Cli {
    /// Print one JSON document on standard output instead of text
    #[arg(long, global = true, help_heading = OUTPUT)]
    pub json: bool,

    /// Colour the text: auto, always or never; NO_COLOR and a pipe turn auto off
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(hide_possible_values = true, hide_default_value = true, help_heading = OUTPUT)]
    pub color: ColorWhen,

    /// Record what crosses the wire to and from keys in this new file; PINs, credentials and users are
    /// replaced before anything is written
    #[cfg(feature = "hid")]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(help_heading = OUTPUT)]
    pub trace: Option<PathBuf>,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Whether the answer is printed as JSON.
    #[must_use]
    pub fn wants_json(&self) -> bool {
        let format = match &self.command {
            Command::Readiness(args) => args.format,
            _ => None,
        };
        self.json || format == Some(Format::Json)
    }
}

/// Heading of the options that every command has.
const OUTPUT: &str = "Output";
/// Heading of the options about metadata.
const METADATA: &str = "Metadata";

/// When text is coloured.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands of `keyvet`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the security keys present, and how to name each one
    #[cfg(feature = "hid")]
    List(ListArgs),
    /// Register on a key, judge the registration, explain the verdict, keep the evidence
    #[cfg(feature = "hid")]
    Check(Box<CheckArgs>),
    /// Judge registrations: is the attestation genuine, which model is it, does the tenant take it
    Verify(VerifyArgs),
    /// Exported sign-in and audit logs: explain
    #[command(subcommand)]
    SignIn(SignInCommand),
    /// FIDO metadata: import, fetch, status, show, diff
    #[command(subcommand)]
    Mds(MdsCommand),
    /// Will this person's passkey registration succeed, on this device, under this tenant's policies?
    Readiness(Box<ReadinessArgs>),
    /// Show what a key says about itself (authenticatorGetInfo), with its oddities
    Info(InfoArgs),
    /// Make one key blink, or tell which of several is touched
    #[cfg(feature = "hid")]
    Identify(IdentifyArgs),
    /// Find what on this machine stops security keys from working, and the command that mends it
    #[cfg(feature = "hid")]
    Doctor(DoctorArgs),
    /// Recordings of what crossed the wire: show, replay
    #[cfg(feature = "hid")]
    #[command(subcommand)]
    Trace(TraceCommand),
    /// Explain the id of a finding, a reason, an error or a rule; without an id, list them all
    Explain(ExplainArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write one page per command into a folder
    Man(ManArgs),
}

/// Arguments of `keyvet verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Evidence file, RegistrationResponseJSON, object with attestationObject and clientDataJSON, or
    /// raw attestation object; `-` is standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,

    /// What to judge by.
    #[command(flatten)]
    pub judge: JudgeArgs,

    /// Client data JSON that belongs to a raw attestation object
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "client_data_hash")]
    pub client_data: Option<PathBuf>,

    /// SHA-256 of the client data, in hexadecimal, for a raw attestation object
    #[arg(long, value_name = "HEX")]
    pub client_data_hash: Option<String>,
}

/// What a registration is judged by.
#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// What metadata to judge by.
    #[command(flatten)]
    pub trust: TrustArgs,

    /// Also trust this certificate as an anchor (PEM or DER; may be repeated)
    #[arg(long, value_name = "PEM", value_hint = ValueHint::FilePath)]
    pub anchor: Vec<PathBuf>,

    /// Judge by this tenant policy: a Graph fido2 configuration, or a list of AAGUIDs
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub policy: Option<PathBuf>,

    /// Only this passkey profile of the policy, by name or id
    #[arg(long, value_name = "NAME", requires = "policy", conflicts_with = "group")]
    pub profile: Option<String>,

    /// The profiles that a member of this group gets (may be repeated)
    #[arg(long, value_name = "ID", requires = "policy")]
    pub group: Vec<String>,

    /// An expired certificate is a failure, not a note
    #[arg(long)]
    pub strict_validity: bool,

    /// Stale metadata is a failure (exit 12), not a warning
    #[arg(long)]
    pub strict: bool,
}

/// Which metadata is used, and at what time it is judged.
#[derive(Debug, Args)]
pub struct TrustArgs {
    /// Signed metadata BLOB to use instead of the imported one
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = METADATA)]
    pub mds: Option<PathBuf>,

    /// What the signature of a BLOB is judged by.
    #[command(flatten)]
    pub signer: SignerArgs,
}

/// What the signature of a metadata BLOB is judged by.
#[derive(Debug, Args)]
pub struct SignerArgs {
    /// Root that signs the metadata, instead of the built-in GlobalSign R3 and R46 (may be repeated)
    #[arg(long, value_name = "PEM", value_hint = ValueHint::FilePath, help_heading = METADATA)]
    pub mds_root: Vec<PathBuf>,

    /// Host name the signer must bear, instead of mds.fidoalliance.org
    #[arg(long, value_name = "NAME", help_heading = METADATA)]
    pub mds_host: Option<String>,

    /// Judge as of this time instead of now, for example 2024-12-01T00:00:00Z
    #[arg(long, value_name = "RFC3339")]
    pub at: Option<String>,

    /// Revocation list for the metadata signer (PEM or DER; may be repeated)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = METADATA)]
    pub crl: Vec<PathBuf>,
}

/// `keyvet mds …`
#[derive(Debug, Subcommand)]
pub enum MdsCommand {
    /// Verify a downloaded BLOB and keep it for later commands
    Import(MdsImportArgs),
    /// Download the current BLOB, verify it and keep it; the only command that uses the network
    #[cfg(feature = "fetch")]
    Fetch(MdsFetchArgs),
    /// Say which metadata is in use, who signed it, how old it is and what is in it
    Status(MdsStatusArgs),
    /// Show what the metadata says about one model
    Show(MdsShowArgs),
    /// List what changed between two BLOBs
    Diff(MdsDiffArgs),
}

/// Arguments of `keyvet mds import`.
#[derive(Debug, Args)]
pub struct MdsImportArgs {
    /// Signed BLOB as downloaded; `-` is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// What the signature is judged by.
    #[command(flatten)]
    pub signer: SignerArgs,
    /// How the stored metadata may be replaced.
    #[command(flatten)]
    pub replace: ReplaceArgs,
}

/// How the stored metadata may be replaced.
#[derive(Debug, Args)]
pub struct ReplaceArgs {
    /// Replace the stored metadata even by an older BLOB, or by another one of the same number
    #[arg(long)]
    pub danger_allow_rollback: bool,
}

/// Arguments of `keyvet mds fetch`.
#[cfg(feature = "fetch")]
#[derive(Debug, Args)]
pub struct MdsFetchArgs {
    /// Address of the BLOB
    #[arg(long, default_value = crate::fetch::MDS_URL, value_hint = ValueHint::Url)]
    pub url: String,
    /// What the signature is judged by.
    #[command(flatten)]
    pub signer: SignerArgs,
    /// How the stored metadata may be replaced.
    #[command(flatten)]
    pub replace: ReplaceArgs,
    /// Also take http:// addresses of this machine, for tests
    #[arg(long, hide = true)]
    pub danger_http_loopback: bool,
}

/// Arguments of `keyvet mds status`.
#[derive(Debug, Args)]
pub struct MdsStatusArgs {
    /// Which metadata.
    #[command(flatten)]
    pub trust: TrustArgs,
    /// Stale metadata is a failure (exit 12), not a warning
    #[arg(long)]
    pub strict: bool,
}

/// Arguments of `keyvet mds show`.
#[derive(Debug, Args)]
pub struct MdsShowArgs {
    /// AAGUID of the model, with or without dashes; or a certificate key identifier (40 hexadecimal
    /// digits) of a U2F key
    #[arg(value_name = "AAGUID")]
    pub id: String,
    /// Which metadata.
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// Arguments of `keyvet mds diff`.
#[derive(Debug, Args)]
pub struct MdsDiffArgs {
    /// The older signed BLOB
    #[arg(value_hint = ValueHint::FilePath)]
    pub old: PathBuf,
    /// The newer signed BLOB
    #[arg(value_hint = ValueHint::FilePath)]
    pub new: PathBuf,
    /// What the signatures are judged by.
    #[command(flatten)]
    pub signer: SignerArgs,
}

/// Arguments of `keyvet info`.
#[derive(Debug, Args)]
pub struct InfoArgs {
    /// Decode this getInfo answer instead of asking a key: hexadecimal, with or without the leading
    /// status byte 00; `-` reads the digits from standard input
    #[arg(long, value_name = "HEX")]
    #[cfg_attr(not(feature = "hid"), arg(required = true))]
    #[cfg_attr(feature = "hid", arg(conflicts_with_all = ["device", "touch"]))]
    pub from_cbor: Option<String>,

    /// Which key.
    #[cfg(feature = "hid")]
    #[command(flatten)]
    pub key: KeyArgs,

    /// What metadata the model is named by.
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// Arguments of `keyvet doctor`.
#[cfg(feature = "hid")]
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Look at the machine that this file describes instead of this one; for tests and documents
    #[arg(long, hide = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub made_up: Option<PathBuf>,
}

/// Arguments of `keyvet explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The id as printed, for example attestation.aaguid-mismatch or R18
    pub id: Option<String>,
}

/// Arguments of `keyvet completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Which shell
    pub shell: clap_complete::Shell,
}

/// Arguments of `keyvet man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write keyvet.1 and one page per command into this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
