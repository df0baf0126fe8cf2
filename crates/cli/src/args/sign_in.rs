//! Arguments of `keyvet sign-in …`.

use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// `keyvet sign-in …`
#[derive(Debug, Subcommand)]
pub enum SignInCommand {
    /// Explain exported sign-in and audit logs: what happened, which rule, what to do next
    Explain(SignInExplainArgs),
}

/// Arguments of `keyvet sign-in explain`.
#[derive(Debug, Args)]
pub struct SignInExplainArgs {
    /// Exported sign-in or audit log: JSON of Graph (a page, an array, one record per line) or CSV of the
    /// admin centre; `-` is standard input. Several files are read as one log
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,

    /// Only stories of people whose user name, display name or object id has this in it, in any case
    #[arg(long, value_name = "TEXT")]
    pub user: Option<String>,

    /// Only stories with this correlation id or request id
    #[arg(long, value_name = "ID")]
    pub correlation: Option<String>,

    /// Replace people by numbers, the same wherever they appear, and leave addresses out of the log's own words
    #[arg(long)]
    pub no_names: bool,
}
