//! `keyvet trace show`: a recording, command by command.
//!
//! A recording is what a command wrote with `--trace FILE`. Each request is shown with its parameters in words, the
//! answer with its status, how long it took, and what went wrong on the line. What the recording does not hold, because it
//! was replaced when it was written, is shown by its length.
//!
//! `keyvet trace replay FILE -- COMMAND…` runs a command on a recording: the program is called again with the recording in
//! the place of every key.

use crate::{
    args::{TraceCommand as Args, TraceShowArgs},
    commands::Outcome,
    context::Context,
    document::{
        Document, findings,
        trace::{SCHEMA, TraceAnswer, TraceCommand, TraceDevice, TraceDocument},
    },
    error::CliError,
    input::shown,
    keys::tracing,
};
use keyvet_trace::{Explained, ExplainedAnswer, RecordedDevice, Recording, explain};

/// Shows one recording.
///
/// # Errors
/// When it cannot be read, or is none.
pub fn run(args: &Args, context: &Context) -> Result<Outcome, CliError> {
    match args {
        Args::Show(args) => show(args, context),
        Args::Replay(_) => Err(CliError::internal("replay runs another command")),
    }
}

fn show(args: &TraceShowArgs, context: &Context) -> Result<Outcome, CliError> {
    let recording = tracing::read(&args.file, context)?;
    Ok(Outcome::ok(Document::Trace(Box::new(document(shown(&args.file), &recording)))))
}

fn document(file: String, recording: &Recording) -> TraceDocument {
    TraceDocument {
        schema: SCHEMA,
        file,
        keyvet: recording.keyvet.clone(),
        platform: recording.platform.clone(),
        devices: recording.devices.iter().map(device).collect(),
        packets: recording.packets.len(),
        commands: explain(recording).into_iter().map(command).collect(),
        findings: findings(&recording.findings),
    }
}

fn device(device: &RecordedDevice) -> TraceDevice {
    TraceDevice {
        number: device.number,
        transport: device.transport.to_string(),
        path: device.path.clone(),
        product: device.product.clone(),
        manufacturer: device.manufacturer.clone(),
        usb: device.usb.map(|(vendor, product)| format!("{vendor:04x}:{product:04x}")),
    }
}

fn command(command: Explained) -> TraceCommand {
    TraceCommand {
        at_us: command.at_us,
        device: command.device,
        command: command.command,
        parameters: command.parameters,
        request_bytes: command.request_len,
        request_packets: command.request_packets,
        answer: command.answer.map(answer),
        keep_alives: command.keep_alives,
        touch: command.touch,
        cancelled: command.cancelled,
        longest_silence_us: command.longest_silence_us,
        troubles: command.troubles,
    }
}

fn answer(answer: ExplainedAnswer) -> TraceAnswer {
    TraceAnswer {
        after_us: answer.after_us,
        status: answer.status,
        says: answer.says,
        bytes: answer.len,
    }
}
