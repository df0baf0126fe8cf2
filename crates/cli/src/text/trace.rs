//! `keyvet trace show` as text.

use super::{Style, findings, plural};
use crate::document::trace::{TraceCommand, TraceDevice, TraceDocument};
use keyvet_finding::Printable;
use std::fmt::Write;

/// What the recording is of, then one paragraph per command.
pub(super) fn text(document: &TraceDocument, style: Style) -> String {
    let mut text = String::new();
    let keyvet = document.keyvet.as_deref().unwrap_or("of unknown version");
    let platform = document.platform.as_deref().unwrap_or("an unknown system");
    let _ = writeln!(
        text,
        "{}: {}, {}, by keyvet {} on {}",
        Printable(&document.file),
        plural(document.commands.len(), "command"),
        plural(document.packets, "packet"),
        Printable(keyvet),
        Printable(platform),
    );
    for device in &document.devices {
        let _ = writeln!(text, "  device {}: {}", device.number, name(device));
    }
    for command in &document.commands {
        text.push_str(&one(command, document.devices.len() > 1, style));
    }
    text.push_str(&findings::text("Noticed about the file", &document.findings, style));
    text
}

fn name(device: &TraceDevice) -> String {
    let texts = [&device.manufacturer, &device.product, &device.usb];
    let mut name = format!("{}:{}", device.transport, Printable(&device.path));
    for text in texts.into_iter().flatten() {
        let _ = write!(name, ", {}", Printable(text));
    }
    name
}

fn one(command: &TraceCommand, several: bool, style: Style) -> String {
    let device = if several { format!("  device {}", command.device) } else { String::new() };
    let mut text = format!(
        "{:>10}{device}  {} ({} in {})\n",
        milliseconds(command.at_us),
        style.strong(&command.command),
        plural(command.request_bytes, "byte"),
        plural(command.request_packets, "packet"),
    );
    let mut line = |what: &str, said: &str| {
        let _ = writeln!(text, "              {what:10} {said}");
    };
    if let Some(parameters) = &command.parameters {
        line("asks", parameters);
    }
    if let Some(waited) = waited(command) {
        line("waits", &waited);
    }
    if let Some(answer) = &command.answer {
        let status = answer.status.as_deref().unwrap_or("answered");
        let (bytes, after) = (plural(answer.bytes, "byte"), milliseconds(answer.after_us));
        line("answer", &format!("{status}, {bytes}, after {after}"));
        if let Some(says) = &answer.says {
            line("says", says);
        }
    }
    for trouble in &command.troubles {
        line("trouble", trouble);
    }
    text
}

/// Keep-alives, and silence that a person notices.
fn waited(command: &TraceCommand) -> Option<String> {
    let mut words = Vec::new();
    if command.keep_alives > 0 {
        words.push(plural(command.keep_alives, "keep-alive"));
    }
    if command.touch {
        words.push(String::from("for a touch"));
    }
    if command.longest_silence_us >= NOTICED_US {
        words.push(format!("at most {} in silence", milliseconds(command.longest_silence_us)));
    }
    if command.cancelled {
        words.push(String::from("cancelled from this side"));
    }
    (!words.is_empty()).then(|| words.join(", "))
}

/// `12.3 ms`.
fn milliseconds(us: u64) -> String {
    let (whole, rest) = (us.checked_div(1000), us.checked_rem(1000));
    let tenths = rest.and_then(|rest| rest.checked_div(100)).unwrap_or_default();
    format!("{}.{tenths} ms", whole.unwrap_or_default())
}

/// Half a second.
const NOTICED_US: u64 = 500_000;
