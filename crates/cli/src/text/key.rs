//! Security keys as text: what each is called, what it claims to be, why it cannot be used.

use super::{Style, findings, plural};
use crate::document::{
    identify::{How, IdentifyDocument},
    key::{Candidate, Key},
    list::{Event, ListDocument, ListEventDocument},
};
use crate::keys::CARD_IN_USE;
use crate::shell::quoted;
use keyvet_finding::Printable;
use std::fmt::Write;

/// `keyvet list`.
pub(super) fn list(document: &ListDocument, style: Style) -> String {
    let mut text = match document.keys.len() {
        0 => format!("{}\n  {NO_KEY}\n", style.strong("No security key is present.")),
        count => format!("{}\n", style.strong(counted(count, document))),
    };
    for key in &document.keys {
        let _ = write!(text, "\n{}", described(key, style));
    }
    for unavailable in &document.unavailable {
        let error = &unavailable.error;
        let _ = writeln!(
            text,
            "\n{}: {}\n  {}\n  hint: {} [{}]",
            style.bad(format_args!("{} could not be asked", unavailable.transport)),
            Printable(&error.detail),
            error.meaning,
            error.next_step,
            error.code
        );
    }
    let about = findings::text("About this run", &document.findings, style);
    if !about.is_empty() {
        let _ = write!(text, "\n{about}");
    }
    text
}

/// How many keys, and how many cards of which it is not known whether they are.
fn counted(count: usize, document: &ListDocument) -> String {
    let dark = document.keys.iter().filter(|key| is_dark(key)).count();
    let keys = match count.saturating_sub(dark) {
        0 => String::from("No security key"),
        keys => plural(keys, "security key"),
    };
    match dark {
        0 => keys,
        dark => format!("{keys}, and {} in use by another program", plural(dark, "card")),
    }
}

/// A card that nobody but another program may ask.
fn is_dark(key: &Key) -> bool {
    key.error.as_ref().is_some_and(|error| error.code == CARD_IN_USE.id)
}

/// One line of `keyvet list --watch`.
pub(super) fn event(document: &ListEventDocument, style: Style) -> String {
    let what = match document.event {
        Event::Added => style.good("added  "),
        Event::Removed => style.doubt("removed"),
        Event::Ready => {
            return format!("{}\n", style.dim("ready    waiting for keys; Ctrl-C ends"));
        }
        Event::Unavailable => style.bad("unavailable"),
    };
    let mut text = what;
    if let Some(key) = &document.key {
        let _ = write!(text, "  {}", one_line(key));
    }
    if let Some(unavailable) = &document.unavailable {
        let error = &unavailable.error;
        let _ = write!(
            text,
            "  {}: {} [{}]",
            unavailable.transport,
            Printable(&error.detail),
            error.code
        );
    }
    text.push('\n');
    text
}

/// `keyvet identify`.
pub(super) fn identify(document: &IdentifyDocument, style: Style) -> String {
    let how = match document.how {
        How::Blink => "This key was told to blink.",
        How::Touch => "This key was touched.",
        How::Reader => "This key is in the reader of that name.",
    };
    format!("{}\n\n{}", style.strong(how), described(&document.key, style))
}

/// The keys that may have been meant, each with the command that names it.
pub(super) fn candidates(candidates: &[Candidate], style: Style) -> String {
    let mut text = String::new();
    if !candidates.is_empty() {
        text.push_str("  The keys present, and the command for each:\n");
    }
    for candidate in candidates {
        let name = style.strong(full_name(&candidate.key));
        let _ = writeln!(text, "    {name}, {}", claim(&candidate.key));
        let _ = writeln!(text, "      {}", Printable(&candidate.command));
    }
    text
}

/// A key in full.
pub(super) fn described(key: &Key, style: Style) -> String {
    let mut text = format!("{}\n", style.strong(name(key)));
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:7} {value}");
    };
    line("select", &format!("-d {}", quoted(&key.selector)));
    if let Some(error) = &key.error {
        line("problem", &format!("{} [{}]", Printable(&error.detail), error.code));
        line("", error.meaning);
        line("hint", &error.next_step);
    } else {
        let model = key.model.as_ref().map(|model| format!("claims to be {}", Printable(model)));
        line("model", model.as_deref().unwrap_or("not known: no metadata entry was found"));
        let aaguid = key.aaguid.as_ref().map(|aaguid| format!("claims {aaguid}"));
        line("AAGUID", aaguid.as_deref().unwrap_or("none"));
    }
    if let Some(serial) = &key.serial {
        line("serial", &Printable(serial).to_string());
    }
    let usb = key.usb.as_ref().map(|usb| format!(", USB {usb}")).unwrap_or_default();
    line("at", &format!("{}{usb}", Printable(&key.name)));
    for other in &key.also {
        line("also", &format!("{}: the same key", Printable(other)));
    }
    text
}

/// `YubiKey OTP+FIDO+CCID (Yubico)`: what the device calls itself.
fn name(key: &Key) -> String {
    let product = key.product.as_deref().filter(|text| !text.trim().is_empty());
    let nameless = match key.transport.as_str() {
        "udp" => "simulator",
        "nfc" if is_dark(key) => "card",
        "nfc" => "key",
        _ => "a key without a name",
    };
    let product = product.unwrap_or(nameless);
    match key.manufacturer.as_deref().filter(|maker| !maker.trim().is_empty()) {
        Some(maker) => format!("{} ({})", Printable(product), Printable(maker)),
        None => Printable(product).to_string(),
    }
}

/// `YubiKey OTP+FIDO+CCID (Yubico) at hid:/dev/hidraw3`.
pub(crate) fn full_name(key: &Key) -> String {
    format!("{} at {}", name(key), Printable(&key.name))
}

/// What it says it is, in a few words.
pub(super) fn claim(key: &Key) -> String {
    match (&key.error, &key.model, &key.aaguid) {
        (Some(error), _, _) => {
            format!("cannot be used: {} [{}]", Printable(&error.detail), error.code)
        }
        (None, Some(model), _) => format!("claims to be {}", Printable(model)),
        (None, None, Some(aaguid)) => {
            format!("claims AAGUID {aaguid}, a model not known")
        }
        (None, None, None) => String::from("names no model"),
    }
}

fn one_line(key: &Key) -> String {
    let also: String =
        key.also.iter().map(|other| format!(", also {}", Printable(other))).collect();
    format!("{}{also}  {}, {}", Printable(&key.name), name(key), claim(key))
}

const NO_KEY: &str = "Plug one in and repeat, or run `keyvet list --watch` and plug it in then.";
