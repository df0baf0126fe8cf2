//! Ten thousand people × 12 contexts × 50 policies: `cargo bench -p keyvet-readiness --bench scale [PEOPLE]`.
//!
//! Two tenants. In the usual one people are in groups as people are, so many are alike to the policies; in the worst
//! one no two people are: every row is walked. Prints processor time and the most memory the process has held, by
//! what the kernel counts (Linux). It judges nothing; the figures are in docs/performance.md.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a measurement on data of its own making; what fails must stop it"
)]

use keyvet_readiness::{
    Person, Platform, Route, SignIn, Situation, Surface, TapKind, Tenant, Verdict, matrix,
    read_person,
};
use serde_json::{Value, json};
use std::fs;

const POLICIES: usize = 50;

/// The groups of the person of that number.
type Groups = fn(usize) -> Vec<String>;

fn main() {
    let people = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(10_000);
    let tenant = tenant();
    assert_eq!(tenant.policies.len(), POLICIES);
    let situations = situations();
    println!("{people} people, {} contexts, {POLICIES} policies", situations.len());
    // least first: the peak is that of everything so far
    let tenants: [(&str, Groups); 2] = [("usual", usual), ("worst", worst)];
    for (name, groups) in tenants {
        let before = cpu_ms();
        let mut counts = [0_usize; 4];
        // people are made one by one, so what is held is the matrix's
        let everybody: Vec<Person> = (0..people).map(|number| person(number, groups)).collect();
        let made = cpu_ms();
        matrix(&tenant, &everybody, situations.clone(), |_, _, row| {
            for summary in row {
                counts[place(summary.verdict)] += 1;
            }
        });
        let took = cpu_ms() - made;
        println!(
            "{name}: {took} ms of processor time ({} ms to make the people), peak {} kB; ready, conditional, \
             unknown, blocked: {counts:?}",
            made - before,
            peak_kb()
        );
    }
}

fn place(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Ready => 0,
        Verdict::Conditional => 1,
        Verdict::Unknown => 2,
        Verdict::Blocked => 3,
    }
}

/// Departments of a hundred, and one pilot group of every tenth.
fn usual(number: usize) -> Vec<String> {
    let department = format!("department-{}", number / 100 % 20);
    let pilot = number.is_multiple_of(10).then(|| "pilot".to_owned());
    [department, "everyone".to_owned()].into_iter().chain(pilot).collect()
}

/// A set of groups, all of them named by policies, that nobody else has.
fn worst(number: usize) -> Vec<String> {
    (0..14).filter(|bit| number >> bit & 1 == 1).map(|bit| format!("department-{bit}")).collect()
}

fn person(number: usize, groups: Groups) -> Person {
    let modes: &[&str] = match number % 4 {
        0 => &["microsoftAuthenticatorPush"],
        1 => &["microsoftAuthenticatorPush", "sms"],
        2 => &["windowsHelloForBusiness", "microsoftAuthenticatorPush"],
        _ => &[],
    };
    let text = json!({"id": format!("person-{number}"), "groups": groups(number), "roles": [],
        "external": false, "registered": modes});
    read_person(text.to_string().as_bytes()).unwrap().0
}

fn situations() -> Vec<Situation> {
    let edge = || Surface::Browser("edge".to_owned());
    let safari = || Surface::Browser("safari".to_owned());
    let places = [
        (Platform::Windows, edge(), Route::Local),
        (Platform::Windows, edge(), Route::CrossDevice),
        (Platform::MacOs, safari(), Route::InApp),
        (Platform::Ios, safari(), Route::Any),
        (Platform::Ios, Surface::AuthenticatorApp, Route::InApp),
        (Platform::Android, Surface::AuthenticatorApp, Route::InApp),
    ];
    let ways = [SignIn::Own, SignIn::Pass(TapKind::MultiUse)];
    let each = places.iter().flat_map(|place| ways.map(|way| (place, way)));
    each.map(|((platform, surface, route), way)| {
        Situation::new(*platform, surface.clone(), *route, way)
    })
    .collect()
}

/// The field report's three policies, and policies for departments, with every kind of condition.
fn tenant() -> Tenant {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/entra/samples/");
    let read = |name: &str| fs::read(format!("{folder}{name}")).unwrap();
    let seed: Value = serde_json::from_slice(&read("seed-policies-with-exclusions.json")).unwrap();
    let mut policies = seed["value"].as_array().unwrap().clone();
    policies.extend((policies.len()..POLICIES).map(department));
    let text = json!({ "conditionalAccessPolicies": policies }).to_string();
    let files =
        [("policies.json", text.as_bytes()), ("fido2.json", &read("seed-fido2-policy.json"))];
    Tenant::read(&files).unwrap()
}

fn department(number: usize) -> Value {
    let mut conditions = json!({
        "users": {"includeGroups": [format!("department-{}", number % 20)], "excludeGroups": ["pilot"],
            "excludeUsers": ["break-glass"]},
        "applications": {"includeApplications": ["All"],
            "excludeApplications": ["ea890292-c8c8-4433-b5ea-b09d0668e1a6", "00000002-0000-0000-c000-000000000000"]},
        "clientAppTypes": ["all"],
    });
    match number % 5 {
        0 => conditions["platforms"] = json!({"includePlatforms": ["windows", "macOS"]}),
        1 => {
            conditions["applications"] =
                json!({"includeUserActions": ["urn:user:registersecurityinfo"]})
        }
        2 => {
            conditions["applications"] =
                json!({"includeApplications": ["Office365", format!("app-{number}")]})
        }
        3 => {
            conditions["devices"] = json!({"deviceFilter": {"mode": "exclude",
                "rule": "device.isCompliant -eq True -or device.extensionAttribute1 -in [\"SAW\"]"}});
        }
        _ => {}
    }
    json!({"id": format!("policy-{number}"), "displayName": format!("Department policy {number}"),
        "state": if number.is_multiple_of(7) { "enabledForReportingButNotEnforced" } else { "enabled" },
        "conditions": conditions,
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}})
}

/// Time on a processor of this thread, the only one.
fn cpu_ms() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<u64>().unwrap() / 1_000_000
}

fn peak_kb() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
