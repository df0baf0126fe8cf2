//! Step 4: the route of the passkey, which may not carry what the policy demands.

use super::candidate::{Thing, authenticator, is_windows_hello, phones, prospect, thing};
use super::{Draft, Mode, Walk, words};
use crate::rules::{R6, R18, R19, R24};
use crate::{Attestation, Context, Device, Platform, Route, StepResult, Surface};
use keyvet_finding::{Culprit, Kind, Severity};
use keyvet_policy::Decision;
use std::ops::ControlFlow;

/// Where the passkey is made.
pub(super) enum Goes {
    /// In the program where the attempt began, or on a device it reaches.
    Here,
    /// Inside Authenticator.
    IntoTheApp,
}

/// How a browser makes it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Way {
    /// On a security key.
    Key,
    /// By the system, or a password manager in it.
    System,
    /// By Authenticator, as the provider of passkeys on this phone.
    Provider,
    /// On a phone, by QR code and Bluetooth.
    CrossDevice,
    /// Inside Authenticator.
    App,
}

pub(super) fn in_a_browser(walk: &mut Walk<'_>) -> ControlFlow<(), Goes> {
    match way(walk) {
        Way::App => into_the_app(walk, None),
        way => by_the_browser(walk, way),
    }
}

fn way(walk: &Walk<'_>) -> Way {
    let mobile = walk.attempt.platform.is_mobile();
    match (walk.candidate.route, thing(walk.attempt, &walk.candidate)) {
        (Route::InApp, Thing::Authenticator) => Way::App,
        (Route::CrossDevice, _) => Way::CrossDevice,
        (_, Thing::Authenticator) if mobile => Way::Provider,
        (_, Thing::Authenticator) => Way::CrossDevice,
        (_, Thing::Platform | Thing::Synced) => Way::System,
        (_, Thing::Key) => Way::Key,
    }
}

fn by_the_browser(walk: &mut Walk<'_>, way: Way) -> ControlFlow<(), Goes> {
    let place = words::place(&walk.attempt.surface, walk.attempt.platform);
    let title = match way {
        Way::Key => format!("Touches the security key, in {place}"),
        Way::System => format!("Lets the system make the passkey, in {place}"),
        Way::Provider => format!("Lets Authenticator make the passkey from {place}"),
        Way::CrossDevice | Way::App => format!("Scans the QR code in {place} with the phone"),
    };
    let draft = Draft::new(Context::Ceremony, title);
    if walk.candidate.route == Route::InApp {
        let detail = "the route is in the app, and the passkey is not Authenticator's";
        walk.leave_open(&MISFIT, detail);
        return go_here(walk, draft.ends(StepResult::Unknown, &MISFIT, detail));
    }
    let carried = carried(walk, way);
    let crosses = matches!(way, Way::CrossDevice | Way::Provider);
    if crosses && stopped_by_attestation(walk, carried) {
        let detail = "attestation is enforced, and this route carries none";
        return closed(walk, draft.by(&[&R18]), &NO_ATTESTATION, detail);
    }
    if way == Way::CrossDevice {
        let lacking = lacking(&walk.attempt.device, walk.attempt.platform, false)
            .or_else(|| lacking_phone(walk));
        if let Some(lacking) = lacking {
            return closed(walk, draft.by(&[&R19]), &NEEDS_MISSING, lacking);
        }
        let detail = "Bluetooth and a way to cable.ua5v.com and cable.auth.com on both sides";
        walk.note(&CROSS_DEVICE_NEEDS, detail);
        walk.candidate.attestation = carried;
        let draft = limited(walk, draft.by(&[&R19]), way);
        return go_here(walk, draft);
    }
    walk.candidate.attestation = carried;
    let draft = windows_hello(walk, draft);
    let draft = limited(walk, draft, way);
    go_here(walk, draft)
}

fn go_here(walk: &mut Walk<'_>, draft: Draft) -> ControlFlow<(), Goes> {
    walk.push(draft)?;
    ControlFlow::Continue(Goes::Here)
}

/// Attestation by an app stays in the app, and nothing crosses between devices.
fn carried(walk: &Walk<'_>, way: Way) -> Option<Attestation> {
    match way {
        Way::CrossDevice | Way::Provider => Some(Attestation::None),
        Way::Key | Way::System | Way::App => walk.candidate.attestation,
    }
}

/// Whether it is attestation that the policy misses: the app would be taken, or attestation is what refuses.
fn stopped_by_attestation(walk: &Walk<'_>, carried: Option<Attestation>) -> bool {
    if carried != Some(Attestation::None) {
        return false;
    }
    let Some(here) = walk.standing.predicted(&prospect(&walk.candidate, carried, false)) else {
        return false;
    };
    let mut in_app = prospect(&walk.candidate, Some(Attestation::AppAttest), true);
    in_app.aaguid.get_or_insert(authenticator(Platform::Ios));
    let app_is_taken = || {
        let app = walk.standing.predicted(&in_app);
        app.is_some_and(|app| app.registration.decision != Decision::Refused)
    };
    let of_the_app = thing(walk.attempt, &walk.candidate) == Thing::Authenticator;
    here.registration.decision == Decision::Refused
        && here.attestation_enforced == Some(true)
        && (here.attestation == Decision::Refused || of_the_app && app_is_taken())
}

/// The route is closed. From a computer the wizard leads into the app; a phone's own browser does not.
fn closed(
    walk: &mut Walk<'_>,
    draft: Draft,
    kind: &'static Kind,
    why: &str,
) -> ControlFlow<(), Goes> {
    let of_the_app = thing(walk.attempt, &walk.candidate) == Thing::Authenticator;
    if of_the_app && !walk.attempt.platform.is_mobile() {
        return into_the_app(walk, Some(draft.ends(StepResult::Conditional, kind, why)));
    }
    if of_the_app {
        let detail = "begin in Microsoft Authenticator on the phone: that is another attempt, with entry inApp";
        walk.note(&BEGIN_IN_APP, detail);
    }
    walk.push(draft.ends(StepResult::Blocked, kind, why))?;
    ControlFlow::Continue(Goes::Here)
}

fn into_the_app(walk: &mut Walk<'_>, draft: Option<Draft>) -> ControlFlow<(), Goes> {
    let refused = draft.is_some();
    let title = "Chooses the passkey in Microsoft Authenticator";
    let draft = draft.unwrap_or_else(|| Draft::new(Context::Ceremony, title));
    let detail = if walk.attempt.platform.is_mobile() {
        "finish inside Microsoft Authenticator on this phone"
    } else {
        "choose a different method, then finish inside Microsoft Authenticator"
    };
    walk.require(&FINISH_IN_APP, detail);
    if refused {
        walk.candidate.attestation = Some(Attestation::AppAttest);
    }
    walk.in_app = true;
    let mut draft = draft.ends(StepResult::Conditional, &FINISH_IN_APP, detail);
    draft.rules.extend(attested_in_app(walk));
    walk.push(draft)?;
    ControlFlow::Continue(Goes::IntoTheApp)
}

/// R18 is why the passkey has to be made in the app, where attestation is enforced.
pub(super) fn attested_in_app(walk: &Walk<'_>) -> Option<&'static crate::Rule> {
    let prospect = prospect(&walk.candidate, walk.candidate.attestation, true);
    let enforced = walk.standing.predicted(&prospect)?.attestation_enforced;
    (enforced == Some(true)).then_some(&R18)
}

/// An administrator makes it with a key at hand and hands it out.
pub(super) fn on_behalf(walk: &mut Walk<'_>) -> ControlFlow<()> {
    let title = "An administrator makes the passkey on the person's behalf, through Graph";
    let draft = Draft::new(Context::Ceremony, title);
    if thing(walk.attempt, &walk.candidate) == Thing::Authenticator {
        let carried = Some(Attestation::None);
        if stopped_by_attestation(walk, carried) {
            let detail = "attestation is enforced, and Authenticator attests in the app only";
            return walk.push(draft.by(&[&R18]).ends(StepResult::Blocked, &NO_ATTESTATION, detail));
        }
        walk.candidate.attestation = carried;
    }
    walk.push(draft)
}

/// What a device lacks for cross-device registration, as far as it is said.
fn lacking(device: &Device, platform: Platform, is_phone: bool) -> Option<&'static str> {
    let least = match platform {
        Platform::Ios => 17,
        Platform::Android => 14,
        _ => 0,
    };
    let major = device.os_version.as_deref().and_then(|version| version.split('.').next());
    let major: Option<u32> = major.and_then(|major| major.trim().parse().ok());
    match (device.bluetooth, is_phone) {
        (Some(false), true) => return Some("the phone has no Bluetooth"),
        (Some(false), false) => return Some("the computer has no Bluetooth"),
        _ => {}
    }
    (is_phone && major.is_some_and(|major| major < least))
        .then_some("the phone's system is older than iOS 17 or Android 14")
}

fn lacking_phone(walk: &Walk<'_>) -> Option<&'static str> {
    let phones = phones(walk.attempt);
    let [phone] = phones.as_slice() else {
        return (walk.attempt.phone_device.bluetooth == Some(false))
            .then_some("the phone has no Bluetooth");
    };
    lacking(&walk.attempt.phone_device, *phone, true)
}

/// Windows Hello is not registered in the wizard (R6).
fn windows_hello(walk: &mut Walk<'_>, draft: Draft) -> Draft {
    let hello = walk.candidate.aaguid.is_some_and(is_windows_hello);
    if !hello || walk.mode != Mode::Interrupt {
        return draft;
    }
    let detail =
        "add it on the page \"My security info\": the wizard does not register Windows Hello";
    walk.require(&HELLO_IN_MANAGE, detail);
    draft.by(&[&R6]).ends(StepResult::Conditional, &HELLO_IN_MANAGE, detail)
}

/// R24: what browsers could not do when the page was written.
fn limited(walk: &mut Walk<'_>, draft: Draft, way: Way) -> Draft {
    let Surface::Browser(browser) = &walk.attempt.surface else { return draft };
    let key = way == Way::Key;
    let not_chrome = !matches!(browser.as_str(), "chrome" | "chromium");
    let detail = match walk.attempt.platform {
        Platform::Ios if key => {
            let detail = "browsers on iOS do not register security keys that need a PIN";
            return draft.by(&[&R24]).ends(StepResult::Blocked, &BROWSER_CANNOT, detail);
        }
        Platform::Android if key => "registering security keys on Android",
        Platform::MacOs if key && matches!(browser.as_str(), "firefox" | "safari") => {
            "registering security keys in Firefox and Safari on macOS"
        }
        Platform::Linux if not_chrome => "passkeys on Linux in browsers other than Chrome",
        _ => return draft,
    };
    walk.leave_open(&BROWSER_LIMITED, detail);
    draft.by(&[&R24]).ends(StepResult::Unknown, &BROWSER_LIMITED, detail)
}

pub(crate) static NO_ATTESTATION: Kind = Kind {
    id: "readiness.route-without-attestation",
    severity: Severity::Error,
    culprit: Culprit::TenantPolicy,
    meaning: "Attestation is enforced, and a passkey made by this route comes without any: the QR code and \
              Bluetooth carry none, and Authenticator attests inside its app only. The browser says nothing of \
              this; the creation just fails.",
    next_step: "Choose \"I want to set up a different method\", then \"Passkey in Microsoft Authenticator\", and \
                finish in the app; better, begin in the app.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey",
};

pub(crate) static FINISH_IN_APP: Kind = Kind {
    id: "readiness.finish-in-app",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The passkey is made inside Microsoft Authenticator on the phone, not by the browser.",
    next_step: "In the wizard choose \"I want to set up a different method\", then \"Passkey in Microsoft \
                Authenticator\", and follow the app.",
    source: "Jan Bakker, You shall not pass(key)! (updated), 2025-09-09; Microsoft Entra documentation, \
             how-to-enable-authenticator-passkey",
};

pub(crate) static BEGIN_IN_APP: Kind = Kind {
    id: "readiness.begin-in-app",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The phone's own browser cannot make this passkey; the app on the same phone may.",
    next_step: "Open Microsoft Authenticator, add the account, and create the passkey there.",
    source: "Jan Bakker, You shall not pass(key)! (updated), 2025-09-09",
};

pub(crate) static NEEDS_MISSING: Kind = Kind {
    id: "readiness.cross-device-impossible",
    severity: Severity::Error,
    culprit: Culprit::Client,
    meaning: "Cross-device registration needs Bluetooth on both sides, and iOS 17 or Android 14 on the phone; one \
              of them is missing.",
    next_step: "Make the passkey in the app instead, or use another device.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey",
};

pub(crate) static CROSS_DEVICE_NEEDS: Kind = Kind {
    id: "readiness.cross-device-needs",
    severity: Severity::Note,
    culprit: Culprit::Client,
    meaning: "Cross-device registration works only where these are at hand; whether they are was not asked.",
    next_step: "Check Bluetooth and the proxy before sending people this way.",
    source: "Microsoft Entra documentation, how-to-enable-authenticator-passkey",
};

pub(crate) static HELLO_IN_MANAGE: Kind = Kind {
    id: "readiness.hello-not-in-wizard",
    severity: Severity::Note,
    culprit: Culprit::Nobody,
    meaning: "The registration wizard does not register Windows Hello.",
    next_step: "Open aka.ms/mysecurityinfo and add the passkey there.",
    source: "Microsoft Entra documentation, concept-registration-mfa-sspr-combined",
};

pub(crate) static BROWSER_CANNOT: Kind = Kind {
    id: "readiness.browser-cannot",
    severity: Severity::Error,
    culprit: Culprit::Client,
    meaning: "Browsers on iOS do not ask for or set up the PIN of a security key, so new keys cannot be registered \
              there. The page that says so is of October 2024.",
    next_step: "Register the key on a computer.",
    source: "Microsoft Entra documentation, concept-fido2-compatibility (2024-10-11)",
};

pub(crate) static BROWSER_LIMITED: Kind = Kind {
    id: "readiness.browser-limited",
    severity: Severity::Warning,
    culprit: Culprit::Client,
    meaning: "In October 2024 this was documented as not or not fully supported; whether it still is so is not \
              known here.",
    next_step: "Try it once, or use Edge or Chrome on Windows.",
    source: "Microsoft Entra documentation, concept-fido2-compatibility (2024-10-11)",
};

pub(crate) static MISFIT: Kind = Kind {
    id: "readiness.route-does-not-fit",
    severity: Severity::Warning,
    culprit: Culprit::Input,
    meaning: "The attempt asks for a passkey by a route on which it cannot be made.",
    next_step: "Correct the attempt: only Authenticator's passkeys are made in Authenticator, and only on phones.",
    source: "keyvet: the attempt's file",
};
