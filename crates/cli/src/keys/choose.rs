//! Which key is meant. Between two it is never guessed: the candidates are listed, each with its command.

use super::{Answer, Around, Found, Keys, Models};
use crate::{
    args::KeyArgs, document::key::Candidate as Listed, error::CliError, exit::Exit, shell::quoted,
};
use keyvet_finding::{Coded, Culprit, Kind, Printable, Severity};
use keyvet_transport::{Candidate, Device, SelectionError, Selector, Transport};

/// The selector that `args` give.
///
/// # Errors
/// When its text names nothing.
pub(crate) fn selector(args: &KeyArgs) -> Result<Selector, CliError> {
    match (&args.device, args.touch) {
        (Some(text), _) => text.parse().map_err(|error| {
            CliError::usage(&BAD_SELECTOR, format_args!("--device {}: {error}", quoted(text)))
        }),
        (None, true) => Ok(Selector::Touch),
        (None, false) => Ok(Selector::Only),
    }
}

/// What a choice came to.
pub(crate) enum Choice {
    /// This key.
    Key(Box<Found>),
    /// There are several, and the person is to touch the one that is meant.
    ByTouch,
}

impl Keys {
    /// The one key that `selector` names. Where it names card readers, a key is waited for.
    ///
    /// # Errors
    /// Exit class 5 when there is none, or more than one; the candidates are part of the error.
    pub(crate) async fn choose(
        &mut self,
        selector: &Selector,
        models: &Models,
        around: &Around,
    ) -> Result<Choice, CliError> {
        self.reach(selector);
        self.leave_out(selector);
        #[cfg(feature = "nfc")]
        self.await_card(selector, around).await?;
        let refused = match selector.choose(&self.candidates()) {
            Ok(position) => return self.chosen(position),
            Err(SelectionError::None) => return Err(self.none(selector)),
            Err(refused) => refused,
        };
        if *selector == Selector::Touch && !self.on_several_transports() {
            return self.by_touch(&refused, models);
        }
        // a list of keys is easier to choose from when it says what they are; an AAGUID may be meant; and two may be one
        self.ask_all(&around.cancel).await;
        let united =
            selector.transport() != Some(Transport::Nfc) && self.unite(&around.cancel).await;
        match (&refused, selector.choose(&self.candidates())) {
            (_, Ok(position)) if united => self.chosen(position),
            (SelectionError::NoMatch { .. }, Ok(position)) => self.chosen(position),
            (_, Err(refused)) if *selector == Selector::Touch => self.by_touch(&refused, models),
            (_, Err(refused)) => Err(self.not_one(&refused, models)),
            (_, Ok(_)) => Err(self.not_one(&refused, models)),
        }
    }

    /// A card that cannot be asked may be a key or a bank's; it is nothing to choose from for who names no reader.
    fn leave_out(&mut self, selector: &Selector) {
        let is_dark = |found: &Found| !found.can_be_touched() && found.device.denied.is_some();
        let unnamed = matches!(selector, Selector::Only | Selector::Touch);
        if unnamed && !self.found.iter().all(is_dark) {
            self.found.retain(|found| !is_dark(found));
        }
    }

    /// The person is to touch the one that is meant. A key on a reader counts as touched, so it is never asked.
    fn by_touch(&self, refused: &SelectionError, models: &Models) -> Result<Choice, CliError> {
        match self.found.iter().any(Found::can_be_touched) {
            true => Ok(Choice::ByTouch),
            false => Err(self.not_one(refused, models)),
        }
    }

    fn chosen(&self, position: usize) -> Result<Choice, CliError> {
        let found = self.found.get(position).cloned();
        let found = found.ok_or_else(|| CliError::internal("a key was chosen that is not there"));
        found.map(|found| Choice::Key(Box::new(found)))
    }

    fn candidates(&self) -> Vec<Candidate> {
        self.found.iter().map(Found::candidate).collect()
    }

    /// No key; or a transport that could not be asked, which is the likelier reason. Card readers are only where they are
    /// meant.
    fn none(&self, selector: &Selector) -> CliError {
        let meant =
            |transport| transport != Transport::Nfc || selector.transport() == Some(transport);
        match self.failed.iter().find(|(transport, _)| meant(*transport)) {
            Some((_, error)) => super::channel_error(error),
            None => {
                let error = SelectionError::None;
                CliError::new(error.kind(), error, Exit::NoKey)
            }
        }
    }

    fn not_one(&self, refused: &SelectionError, models: &Models) -> CliError {
        let meant = |found: &&Found| {
            let id = &found.device.id;
            refused.candidates().iter().any(|candidate| candidate.device.id == *id)
        };
        let candidates = self.found.iter().filter(meant).map(|found| {
            let key = self.describe(found, models);
            let command = command_naming(&key.selector, std::env::args().skip(1));
            Listed { key, command }
        });
        CliError::new(refused.kind(), refused, Exit::NoKey).with_candidates(candidates.collect())
    }
}

impl Found {
    fn candidate(&self) -> Candidate {
        let mut candidate = Candidate::new(self.device.clone());
        if let Answer::Claims(claim) = &self.answer {
            candidate.aaguid = claim.aaguid;
        }
        candidate
    }

    /// Whether a touch tells it from the others.
    pub(super) fn can_be_touched(&self) -> bool {
        !self.device.is_card()
    }
}

/// The shortest name by which `--device` finds `device` and no other of `devices`: the last part of its path, all of it,
/// or a word that only it answers to.
pub(crate) fn shortest_name(device: &Device, devices: &[Device]) -> String {
    let candidates: Vec<_> = devices.iter().cloned().map(Candidate::new).collect();
    let path = device.id.path.as_str();
    let last = path.rsplit('/').next().unwrap_or_default();
    let finds = |name: &str| {
        let selector = name.parse::<Selector>().ok();
        let found = selector.and_then(|selector| selector.choose(&candidates).ok());
        found.and_then(|position| devices.get(position)).is_some_and(|found| found.id == device.id)
    };
    // an address without its transport would be short too, but says nothing to a reader
    let short = path.contains('/') && device.usb.is_some();
    if short && finds(last) {
        return last.to_owned();
    }
    let whole = device.id.to_string();
    if device.id.transport == Transport::Nfc && Printable(path).to_string() != path {
        // what cannot be typed is left out, when what is left names it still
        let parts = path.split(|c: char| !is_typed(c)).map(str::trim);
        let mut names: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
        names.sort_by_key(|part| std::cmp::Reverse(part.len()));
        let names = names.into_iter().map(|part| format!("{}:{part}", device.id.transport));
        return names.into_iter().find(|name| finds(name)).unwrap_or(whole);
    }
    whole
}

fn is_typed(c: char) -> bool {
    !Printable(c.encode_utf8(&mut [0; 4])).to_string().starts_with('\\')
}

/// The command that was given, with `--device SELECTOR` instead of what it said about the key.
fn command_naming(selector: &str, arguments: impl Iterator<Item = String>) -> String {
    let mut words = vec![String::from("keyvet")];
    let mut arguments = arguments;
    while let Some(word) = arguments.next() {
        match word.as_str() {
            "-d" | "--device" => drop(arguments.next()),
            "--touch" => {}
            other if other.starts_with("--device=") || is_short(other) => {}
            other => words.push(quoted(other)),
        }
    }
    words.push(format!("-d {}", quoted(selector)));
    words.join(" ")
}

/// `-dhidraw3`.
fn is_short(word: &str) -> bool {
    word.starts_with("-d") && !word.starts_with("--")
}

/// The value of --device names nothing.
pub(crate) static BAD_SELECTOR: Kind = Kind {
    id: "cli.bad-selector",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The value of --device is not a name of a key.",
    next_step: "Run `keyvet list`: it prints a name for every key.",
    source: "keyvet",
};

#[cfg(test)]
mod tests {
    use super::*;
    use keyvet_transport::DeviceId;

    fn device(path: &str, product: &str) -> Device {
        let mut device = Device::new(DeviceId::new(Transport::Hid, path));
        device.product = Some(product.into());
        device.usb = Some((0x1050, 0x0407));
        device
    }

    #[test]
    fn the_shortest_name_is_one_that_finds_the_key_and_no_other() {
        let devices = [
            device("/dev/hidraw1", "A"),
            device("/dev/hidraw11", "B"),
            device("/bus/x", "C"),
            device("/other/x", "D"),
            Device::new(DeviceId::new(Transport::Udp, "127.0.0.1:8111")),
        ];
        let names: Vec<_> = devices.iter().map(|one| shortest_name(one, &devices)).collect();
        assert_eq!(
            names,
            ["hidraw1", "hidraw11", "hid:/bus/x", "hid:/other/x", "udp:127.0.0.1:8111"]
        );
        let candidates: Vec<_> = devices.iter().cloned().map(Candidate::new).collect();
        for (at, name) in names.iter().enumerate() {
            assert_eq!(name.parse::<Selector>().unwrap().choose(&candidates), Ok(at), "{name}");
        }
    }

    #[test]
    fn a_reader_whose_name_cannot_be_typed_is_named_by_what_can() {
        let reader = |name: &str| Device::new(DeviceId::new(Transport::Nfc, name));
        let devices =
            [reader("Plain 00 00"), reader("Evil \u{1b}[2J\u{202e} 01 00"), reader("\u{7}")];
        let names: Vec<_> = devices.iter().map(|one| shortest_name(one, &devices)).collect();
        assert_eq!(names, ["nfc:Plain 00 00", "nfc:01 00", "nfc:\u{7}"]);
    }

    #[test]
    fn the_command_that_names_a_key_is_the_one_that_was_given() {
        let words =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let cases: [(&[&str], &str); 4] = [
            (&["info"], "keyvet info -d hidraw3"),
            (&["info", "-d", "yubi", "--json"], "keyvet info --json -d hidraw3"),
            (
                &["check", "--policy", "my tenant.json", "--touch"],
                "keyvet check --policy 'my tenant.json' -d hidraw3",
            ),
            (&["info", "--device=yubi", "-dyubi"], "keyvet info -d hidraw3"),
        ];
        for (given, expected) in cases {
            assert_eq!(command_naming("hidraw3", words(given).into_iter()), expected);
        }
    }

    #[test]
    fn a_selector_without_a_name_is_refused() {
        let args = KeyArgs { device: Some("hid:".into()), touch: false };
        assert_eq!(selector(&args).unwrap_err().finding().id(), "cli.bad-selector");
    }
}
