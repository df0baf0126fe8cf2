//! Exports of tenants.

use crate::checks;
use keyvet_readiness::{
    Device, Person, Platform, Question, StrengthResult, Target, Tenant, UserAction, applies,
    matches, strength,
};

/// Reads a tenant from one combined file. Reading is a function of the bytes and bounded, what it says is
/// printable, and whatever was read can be asked: a report-only or disabled policy is never in force.
pub fn tenant_files(data: &[u8]) {
    let read = |name| Tenant::read(&[(name, data)]);
    let tenant = match read("export.json") {
        Ok(tenant) => tenant,
        Err(error) => return checks::error(data, &error),
    };
    assert_eq!(read("export.json").as_ref(), Ok(&tenant), "the same bytes read differently");
    checks::findings(data, &tenant.findings);
    assert!(tenant.policies.len() <= data.len(), "more policies than bytes");
    // a name may tell what the content leaves open, and nothing worse
    if let Ok(named) = read("conditionalAccessPolicies.json") {
        ask(&named);
    }
    ask(&tenant);
}

fn ask(tenant: &Tenant) {
    let (nobody, device) = (Person::default(), Device::default());
    let targets = [
        Target::Resource(None),
        Target::Resource(Some("ea890292-c8c8-4433-b5ea-b09d0668e1a6")),
        Target::UserAction(UserAction::RegisterSecurityInfo),
    ];
    for person in tenant.people.first().into_iter().chain([&nobody]) {
        for target in targets {
            let platform = Platform::Ios;
            let locations = &tenant.locations;
            let question = Question {
                person,
                target,
                platform,
                client_app: "browser",
                device: &device,
                locations,
            };
            for policy in &tenant.policies {
                let (answer, again) = (applies(policy, &question), applies(policy, &question));
                assert_eq!(answer, again, "one question, two answers");
                assert_ne!(matches(policy, &question), keyvet_readiness::Applies::ReportOnly);
            }
        }
        for known in &tenant.strengths {
            let has = person.registered.as_deref().unwrap_or_default();
            let modes: Vec<_> = has.iter().map(|method| method.mode.clone()).collect();
            let enabled = person.enabled_modes.as_deref();
            let result = strength::judge(known, &modes, has, enabled, has);
            let missing = strength::missing(known, &modes, has, enabled, has);
            let certain = result != StrengthResult::Satisfied || missing.is_empty();
            assert!(certain, "satisfied, and {missing:?} would have to be known");
        }
    }
}
