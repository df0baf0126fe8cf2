//! Arguments of `keyvet readiness`.

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

/// Heading of the options that say what is asked.
const QUESTION: &str = "Question";
/// Heading of the options that describe one attempt.
const ONE: &str = "One attempt, with --as";

/// Arguments of `keyvet readiness`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = AFTER, after_long_help = AFTER)]
pub struct ReadinessArgs {
    /// Print what to export, and how.
    #[command(subcommand)]
    pub command: Option<ReadinessCommand>,

    /// The tenant: a folder of exported Graph JSON (every *.json in it), or one file that holds all of it;
    /// `keyvet readiness export-help` prints the calls that write it
    #[arg(long, value_name = "DIR|FILE", required = true, value_hint = ValueHint::AnyPath)]
    pub tenant: Option<PathBuf>,

    /// Attempts as data: an object `{user, attempt, candidate}` or an array of them; `-` is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = QUESTION)]
    pub attempt: Option<PathBuf>,

    /// One attempt by this person: a user with `groups` and `registered` methods, as JSON; with --matrix or
    /// --plan, this person in every usual context
    #[arg(long = "as", value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = QUESTION)]
    pub person: Option<PathBuf>,

    /// Everybody in every usual context (people × devices × routes): who gets through, who is stuck, where
    #[arg(long, help_heading = QUESTION)]
    pub matrix: bool,

    /// The smallest policy changes that unblock the stuck ones, each evaluated again: of everybody, or of
    /// --attempt or --as
    #[arg(long, help_heading = QUESTION)]
    pub plan: bool,

    /// What the attempt is.
    #[command(flatten)]
    pub one: OneAttemptArgs,

    /// How the answer is printed; html is one self-contained page [default: text]
    #[arg(long, value_name = "FORMAT", help_heading = super::OUTPUT)]
    pub format: Option<Format>,
}

/// One attempt, in words.
#[derive(Debug, Args)]
pub struct OneAttemptArgs {
    /// Where: windows, macos, linux, ios or android, a slash, and a browser (edge, chrome, safari, …),
    /// `authenticator` for the app, or `graph` for an administrator's program
    #[arg(long, value_name = "PLATFORM/WHERE", help_heading = ONE)]
    pub on: Option<String>,

    /// Signed in with what, joined by `+`: tap:multi, tap:once, password, push, passkey, whfb, sms, totp, …, or
    /// Graph's names of methods
    #[arg(long, value_name = "METHODS", help_heading = ONE)]
    pub signed_in_with: Option<String>,

    /// How the person comes to registration; without it, in the app `in-app`, elsewhere `interrupt`
    #[arg(long, value_name = "ENTRY", help_heading = ONE)]
    pub entry: Option<EntryArg>,

    /// How the passkey is to be made; without it, by whichever way works
    #[arg(long, value_name = "ROUTE", help_heading = ONE)]
    pub route: Option<RouteArg>,

    /// The phone that Authenticator is on, where the attempt begins elsewhere
    #[arg(long, value_name = "PHONE", help_heading = ONE)]
    pub phone: Option<PhoneArg>,

    /// The model of the passkey to be made
    #[arg(long, value_name = "AAGUID", help_heading = ONE)]
    pub aaguid: Option<String>,

    /// Minutes since the person last signed in with multifactor authentication
    #[arg(long, value_name = "N", help_heading = ONE)]
    pub minutes_since_mfa: Option<u32>,
}

/// `keyvet readiness …`
#[derive(Debug, Subcommand)]
pub enum ReadinessCommand {
    /// Print the read-only calls and permissions that export what keyvet reads of a tenant
    ExportHelp,
}

/// How the answer is printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs, as --json
    Json,
    /// A page for a browser: it needs nothing else and runs nothing
    Html,
}

/// How the person comes to registration.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum EntryArg {
    /// A sign-in demands it (wizard)
    Interrupt,
    /// On the page "My security info"
    Manage,
    /// In Microsoft Authenticator
    InApp,
}

/// How the passkey is to be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum RouteArg {
    /// On a security key, or by the device itself
    Local,
    /// On a phone, by QR code and Bluetooth
    CrossDevice,
    /// In Microsoft Authenticator
    InApp,
    /// By whichever way works
    Any,
}

/// The system of a phone.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum PhoneArg {
    /// iPhone or iPad
    Ios,
    /// Android
    Android,
}

/// Shown under the help.
const AFTER: &str = "\
Exit codes of --attempt and --as: 0 when every attempt is ready or conditional, 3 when one is blocked, 4 when \
one is unknown and none is blocked. --matrix and --plan end with 0 when they could be computed: people who are \
stuck are their answer. 2 when a file cannot be used.

Examples:
  keyvet readiness --tenant export/ --as user.json --on windows/edge --signed-in-with tap:multi
  keyvet readiness --tenant export/ --attempt attempts.json --json
  keyvet readiness --tenant export/ --matrix --format html > readiness.html
  keyvet readiness --tenant export/ --plan
  keyvet readiness export-help";
