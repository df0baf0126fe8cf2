//! What must hold of every tenant and attempt, tried on many made at random.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a test that cannot be set up must fail at once; the data is of its own making"
)]

mod generator;

use generator::{Dice, GROUPS, PERSON, attempt, reordered, tenant};
use keyvet_readiness::{
    Answer, Applies, Attempt, Change, Matrix, PolicyState, Situation, Summary, Tenant, Verdict,
    evaluate, plan, read_attempts,
};
use serde_json::{Value, json};

/// More were run while this was written: 6000 of each.
const CASES: u64 = 250;

fn read_tenant(text: &str) -> Tenant {
    Tenant::read(&[("export.json", text.as_bytes())]).unwrap()
}

fn read_attempt(text: &str) -> Attempt {
    read_attempts(text.as_bytes()).unwrap().remove(0)
}

/// Runs a property on each seed; `f` gets a tenant, an attempt, and dice to choose a change with.
fn each(f: impl Fn(&Value, &Value, &mut Dice)) {
    for seed in 0..CASES {
        let mut dice = Dice(seed);
        let (tenant, attempt) = (tenant(&mut dice), attempt(&mut dice));
        let run = std::panic::AssertUnwindSafe(|| f(&tenant, &attempt, &mut dice));
        if let Err(panic) = std::panic::catch_unwind(run) {
            println!("seed {seed}\n{tenant:#}\n{attempt:#}");
            std::panic::resume_unwind(panic);
        }
    }
}

fn answer(tenant: &Value, attempt: &Value) -> Answer {
    evaluate(&read_tenant(&tenant.to_string()), &read_attempt(&attempt.to_string()))
}

/// An answer in short.
fn story(answer: &Answer) -> String {
    let step = |step: &keyvet_readiness::Step| {
        let findings: Vec<_> = step.findings.iter().map(ToString::to_string).collect();
        format!("\n  {:?} {}: {:?} {findings:?}", step.context, step.title, step.result)
    };
    format!("{:?}{}", answer.verdict, answer.steps.iter().map(step).collect::<String>())
}

fn policies(tenant: &mut Value) -> &mut Vec<Value> {
    tenant["conditionalAccessPolicies"].as_array_mut().unwrap()
}

#[test]
fn the_generator_reaches_every_verdict() {
    let mut counts = [0; 4];
    for seed in 0..CASES {
        let mut dice = Dice(seed);
        let (tenant, attempt) = (tenant(&mut dice), attempt(&mut dice));
        let verdict = answer(&tenant, &attempt).verdict;
        let all = [Verdict::Ready, Verdict::Conditional, Verdict::Unknown, Verdict::Blocked];
        counts[all.iter().position(|known| *known == verdict).unwrap()] += 1;
    }
    assert!(
        counts.iter().all(|count| *count > 5),
        "ready, conditional, unknown, blocked: {counts:?}"
    );
}

#[test]
fn an_exclusion_takes_the_policy_off_whoever_it_excludes_and_blocks_nobody() {
    each(|tenant, attempt, dice| {
        let before = answer(tenant, attempt);
        let mut changed = tenant.clone();
        let number = dice.roll(policies(&mut changed).len());
        let users = &mut policies(&mut changed)[number]["conditions"]["users"];
        let (member, id) = match dice.one_in(2) {
            true => ("excludeUsers", PERSON),
            false => ("excludeGroups", GROUPS[0]),
        };
        let mut list = users[member].as_array().cloned().unwrap_or_default();
        list.push(json!(id));
        users[member] = Value::Array(list);
        let after = answer(&changed, attempt);
        let left = after.steps.iter().flat_map(|step| &step.policies);
        let of_it = left.filter(|result| *result.id == format!("p{number}"));
        for result in of_it {
            assert!(matches!(result.applies, Applies::No(_)), "{result:?}");
        }
        assert!(
            before.verdict == Verdict::Blocked || after.verdict != Verdict::Blocked,
            "excluded from policy {number}: {} became {}",
            story(&before),
            story(&after)
        );
    });
}

#[test]
fn a_stricter_strength_unblocks_nobody() {
    each(|tenant, attempt, dice| {
        let before = answer(tenant, attempt);
        let mut changed = tenant.clone();
        let mut tightened = false;
        for policy in policies(&mut changed) {
            let strength = &mut policy["grantControls"]["authenticationStrength"];
            let list = strength["allowedCombinations"].as_array_mut();
            if let Some(list) = list.filter(|list| list.len() > 1 && dice.one_in(2)) {
                let place = dice.roll(list.len());
                list.remove(place);
                tightened = true;
            }
            let models = strength.pointer_mut("/combinationConfigurations/0/allowedAAGUIDs");
            if let Some(models) = models.and_then(Value::as_array_mut) {
                tightened |= models.pop().is_some();
            }
        }
        let after = answer(&changed, attempt);
        assert!(
            !tightened || before.verdict != Verdict::Blocked || after.verdict == Verdict::Blocked,
            "{} became {}",
            story(&before),
            story(&after)
        );
    });
}

#[test]
fn a_policy_that_is_off_or_only_reports_can_be_removed() {
    each(|tenant, attempt, _| {
        let mut changed = tenant.clone();
        policies(&mut changed).retain(|policy| policy["state"] == "enabled");
        let mut before = answer(tenant, attempt);
        let after = answer(&changed, attempt);
        let kept: Vec<String> = policies(&mut changed)
            .iter()
            .map(|policy| policy["id"].as_str().unwrap().to_owned())
            .collect();
        for step in &mut before.steps {
            step.policies.retain(|result| kept.iter().any(|id| **id == *result.id));
        }
        assert_eq!(before, after);
    });
}

#[test]
fn the_order_of_members_and_of_groups_changes_nothing() {
    each(|tenant, attempt, dice| {
        let before = answer(tenant, attempt);
        let (other_tenant, mut other_attempt) = (reordered(tenant, dice), attempt.clone());
        other_attempt["user"]["groups"].as_array_mut().unwrap().reverse();
        let other_attempt = reordered(&other_attempt, dice);
        assert_eq!(read_tenant(&tenant.to_string()), read_tenant(&other_tenant));
        assert_eq!(before, evaluate(&read_tenant(&other_tenant), &read_attempt(&other_attempt)));
    });
}

#[test]
fn the_order_of_policies_changes_nothing_but_their_order_in_the_answer() {
    each(|tenant, attempt, dice| {
        let mut changed = tenant.clone();
        dice.shuffle(policies(&mut changed));
        let sorted = |answer: Answer| {
            let mut conditions: Vec<_> =
                answer.conditions.iter().map(ToString::to_string).collect();
            let mut unresolved: Vec<_> =
                answer.unresolved.iter().map(ToString::to_string).collect();
            conditions.sort();
            unresolved.sort();
            let steps = answer.steps.into_iter().map(|mut step| {
                step.policies.sort_by(|a, b| a.id.cmp(&b.id));
                (step.context, step.title, step.result, step.rules, step.policies)
            });
            let rest = (answer.verdict, answer.stopped_at, answer.rules, answer.confidence);
            (rest, conditions, unresolved, steps.collect::<Vec<_>>())
        };
        assert_eq!(sorted(answer(tenant, attempt)), sorted(answer(&changed, attempt)));
    });
}

#[test]
fn the_same_input_gives_the_same_answer() {
    each(|tenant, attempt, _| {
        let text = |answer: Answer| format!("{answer:?}");
        assert_eq!(text(answer(tenant, attempt)), text(answer(tenant, attempt)));
        let mut again = Dice(7);
        assert_eq!(generator::tenant(&mut again), generator::tenant(&mut Dice(7)));
    });
}

#[test]
fn policies_in_force_are_enabled_ones() {
    each(|tenant, attempt, _| {
        let read = read_tenant(&tenant.to_string());
        let answer = answer(tenant, attempt);
        for step in &answer.steps {
            for (result, policy) in step.policies.iter().zip(&read.policies) {
                assert_eq!(result.id, policy.id, "results stand in the tenant's order");
                assert!(result.applies != Applies::Yes || policy.state == PolicyState::Enabled);
            }
        }
    });
}

/// A matrix walks in brief, and every row with one standing.
#[test]
fn a_row_of_a_matrix_is_what_evaluate_says_of_each_attempt() {
    each(|tenant, attempt, dice| {
        let (tenant, mut person) =
            (read_tenant(&tenant.to_string()), read_attempt(&attempt.to_string()).person);
        person.groups = person.groups.filter(|_| !dice.one_in(4));
        let mut matrix = Matrix::new(&tenant, Situation::standard(&tenant));
        let row = matrix.row(&person);
        for (situation, summary) in matrix.situations().iter().zip(&*row) {
            let answer = evaluate(&tenant, &situation.attempt(&person));
            assert_eq!(*summary, Summary::of(answer), "{}", situation.label());
        }
    });
}

#[test]
fn proposals_unblock_whom_they_say_and_block_nobody() {
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let tenant = read_tenant(&tenant(&mut dice).to_string());
        let attempts: Vec<Attempt> =
            (0..6).map(|_| read_attempt(&attempt(&mut dice).to_string())).collect();
        let proposals = plan(&tenant, &attempts);
        assert_eq!(proposals, plan(&tenant, &attempts), "seed {seed}");
        for proposal in proposals {
            let changed = proposal.apply(&tenant);
            for (index, attempt) in attempts.iter().enumerate() {
                let before = evaluate(&tenant, attempt).verdict;
                let mut helped = attempt.clone();
                if before == Verdict::Blocked {
                    proposal.changes.iter().for_each(|change| change.apply_to_attempt(&mut helped));
                }
                let after = evaluate(&changed, &helped).verdict;
                let promised = proposal.unblocks.iter().find(|(place, _)| *place == index);
                match promised {
                    Some((_, verdict)) => assert_eq!((before, after), (Verdict::Blocked, *verdict)),
                    None => assert_eq!(
                        before == Verdict::Blocked,
                        after == Verdict::Blocked,
                        "seed {seed}, attempt {index}, {}",
                        proposal.title()
                    ),
                }
            }
            let loosens =
                proposal.changes.iter().all(|change: &Change| !change.loosens().is_empty());
            assert!(loosens && !proposal.rules.is_empty());
        }
    }
}

/// Found by the exclusion property: a policy of which it is not known whether it applies hid another one that is
/// certain to stop the person, so excluding the person from the first one seemed to block them.
#[test]
fn what_is_certain_to_stop_is_not_hidden_by_what_is_open() {
    let policy = |id: &str, conditions: &str, combination: &str| {
        format!(
            r#"{{"id": "{id}", "state": "enabled", "conditions": {{{conditions}
                "users": {{"includeUsers": ["All"]}}, "applications": {{"includeApplications": ["All"]}}}},
                "grantControls": {{"operator": "OR", "authenticationStrength":
                {{"id": "s{id}", "allowedCombinations": ["{combination}"]}}}}}}"#
        )
    };
    let trusted =
        r#""locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]},"#;
    let fido2 = r#"{"id": "Fido2", "state": "enabled", "isSelfServiceRegistrationAllowed": true,
        "isAttestationEnforced": false, "includeTargets": [{"id": "all_users", "targetType": "group"}]}"#;
    let (open, stops) = (policy("1", trusted, "password,sms"), policy("2", "", "fido2"));
    let tenant = read_tenant(&format!("[{open}, {stops}, {fido2}]"));
    let attempt = read_attempt(
        r#"{"user": {"id": "u", "groups": [], "roles": [], "external": false, "registered": []},
            "attempt": {"platform": "android", "surface": "authenticatorApp", "entry": "inApp",
            "signedInWith": ["temporaryAccessPassMultiUse"], "minutesSinceStrongAuth": 0},
            "candidate": {"route": "inApp"}}"#,
    );
    assert_eq!(evaluate(&tenant, &attempt).verdict, Verdict::Blocked);
}
