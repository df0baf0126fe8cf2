//! What a person types for an attempt: `windows/edge`, `tap:multi`, `password+push`.

use crate::{AttemptError, MethodMode, Platform, Surface, Tap, TapKind};

/// Reads `windows/edge`, `ios/app`, `windows/graph`; the long words of the attempt's file are taken too.
///
/// # Errors
/// [`AttemptError::Word`], with `place` as its place.
pub fn read_place(text: &str, place: &str) -> Result<(Platform, Surface), AttemptError> {
    let wrong = || AttemptError::word(place, text, PLACES);
    let (platform, surface) = text.trim().split_once('/').ok_or_else(wrong)?;
    let platform = Platform::parse(platform).ok_or_else(wrong)?;
    Ok((platform, surface_of(surface).ok_or_else(wrong)?))
}

fn surface_of(word: &str) -> Option<Surface> {
    let is = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    if is(&["app", "authenticator"]) {
        return Some(Surface::AuthenticatorApp);
    }
    if is(&["graph"]) {
        return Some(Surface::GraphOnBehalf);
    }
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    Surface::parse(word).or_else(|| plain.then(|| Surface::Browser(word.to_lowercase())))
}

/// Reads `tap:multi`, `password+push`, `passkey`: modes joined by `+`, and the pass among them.
///
/// # Errors
/// [`AttemptError::Word`], with `place` as its place.
pub fn read_methods(
    text: &str,
    place: &str,
) -> Result<(Vec<MethodMode>, Option<Tap>), AttemptError> {
    let mut modes = Vec::new();
    let mut tap = None;
    for word in text.split(['+', ',']).map(str::trim) {
        let mode = mode_of(word).ok_or_else(|| AttemptError::word(place, word, METHODS))?;
        tap = tap.or_else(|| Tap::of(&mode));
        modes.push(mode);
    }
    Ok((modes, tap))
}

fn mode_of(word: &str) -> Option<MethodMode> {
    let short = SHORT.iter().find(|(short, _)| short.eq_ignore_ascii_case(word));
    if let Some((_, long)) = short {
        return Some(MethodMode::new(long));
    }
    Some(MethodMode::new(word)).filter(MethodMode::is_known)
}

impl Tap {
    /// The pass that signing in with this mode shows, if it is one.
    pub(crate) fn of(mode: &MethodMode) -> Option<Self> {
        TapKind::ALL.into_iter().find(|kind| kind.mode() == *mode).map(Self::new)
    }
}

const SHORT: [(&str, &str); 14] = [
    ("tap:one", "temporaryAccessPassOneTime"),
    ("tap:once", "temporaryAccessPassOneTime"),
    ("tap:multi", "temporaryAccessPassMultiUse"),
    ("push", "microsoftAuthenticatorPush"),
    ("phone-sign-in", "deviceBasedPush"),
    ("passkey", "fido2"),
    ("whfb", "windowsHelloForBusiness"),
    ("hello", "windowsHelloForBusiness"),
    ("totp", "softwareOath"),
    ("oath", "softwareOath"),
    ("token", "hardwareOath"),
    ("cert", "x509CertificateMultiFactor"),
    ("call", "voice"),
    ("qr", "qrCodePin"),
];

const PLACES: &str = "PLATFORM/BROWSER, PLATFORM/app or PLATFORM/graph, PLATFORM one of windows, macOS, linux, iOS, android";
const METHODS: &str = "tap:one, tap:multi, password, push, phone-sign-in, passkey, whfb, totp, sms, call, \
                       cert, or a method mode of Microsoft Graph, joined by '+'";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_in_any_case() {
        let edge = Surface::Browser("edge".to_owned());
        assert_eq!(read_place("windows/edge", "--on"), Ok((Platform::Windows, edge.clone())));
        assert_eq!(read_place("Windows/Browser:Edge", "--on"), Ok((Platform::Windows, edge)));
        assert_eq!(read_place("ios/app", "--on"), Ok((Platform::Ios, Surface::AuthenticatorApp)));
        assert_eq!(
            read_place("macOS/graphOnBehalf", "--on"),
            Ok((Platform::MacOs, Surface::GraphOnBehalf))
        );
        for wrong in ["windows", "beos/edge", "windows/", "linux/a b", ""] {
            let error = read_place(wrong, "--on").unwrap_err().to_string();
            assert!(error.starts_with("--on: "), "{error}");
        }
    }

    #[test]
    fn methods_are_read_with_the_pass_among_them() {
        let (modes, tap) = read_methods("tap:multi", "-s").unwrap();
        assert_eq!(modes, [TapKind::MultiUse.mode()]);
        assert_eq!(tap, Some(Tap::new(TapKind::MultiUse)));
        let (modes, tap) = read_methods("password+push", "-s").unwrap();
        let names: Vec<&str> = modes.iter().map(MethodMode::as_str).collect();
        assert_eq!((names, tap), (vec!["password", "microsoftAuthenticatorPush"], None));
        assert!(read_methods("SOFTWAREOATH", "-s").is_ok());
        for wrong in ["tap", "password+", "", "magic"] {
            assert!(read_methods(wrong, "-s").is_err(), "{wrong}");
        }
    }
}
