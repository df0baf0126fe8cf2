//! Arguments of `keyvet trace`.

use clap::{Args, Subcommand, ValueHint};
use std::{ffi::OsString, path::PathBuf};

/// `keyvet trace …`
#[derive(Debug, Subcommand)]
pub enum TraceCommand {
    /// Explain a recording command by command
    Show(TraceShowArgs),
    /// Run a command on a recording instead of a key, as `--device trace:FILE` does
    Replay(TraceReplayArgs),
}

/// Arguments of `keyvet trace show`.
#[derive(Debug, Args)]
pub struct TraceShowArgs {
    /// A recording, written with `--trace`; `-` is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

/// Arguments of `keyvet trace replay`.
#[derive(Debug, Args)]
pub struct TraceReplayArgs {
    /// A recording, written with `--trace`
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,

    /// The command to run on it, with its arguments: `-- info --json`
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}
