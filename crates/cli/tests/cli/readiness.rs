//! `keyvet readiness` on exports that are whole, half and broken.

use super::support::{both, code, json, keyvet, root};
use serde_json::{Value, json};
use std::{fs, path::Path};
use tempfile::TempDir;

const EXPORT: &str = "demo/rollout/export";
const EXCLUDED: &str = "demo/rollout/export-excluded";
const ATTEMPTS: &str = "demo/rollout/attempts.json";
const ADELE: &str = "demo/rollout/new-colleague.json";
const DIEGO: &str = "demo/rollout/colleague-with-push.json";

/// The verdicts of the eight rows of the field report, in their order.
fn verdicts(tenant: &str, attempts: &str) -> Vec<String> {
    let document =
        json(&keyvet(&["readiness", "--tenant", tenant, "--attempt", attempts, "--json"]));
    let results = document["results"].as_array().unwrap();
    results.iter().map(|result| result["verdict"].as_str().unwrap().to_owned()).collect()
}

/// What the table of the field report is expected to become, from its own file.
fn expected(column: &str) -> Vec<String> {
    let table = fs::read(root().join("tests/vectors/entra/seed-table.json")).unwrap();
    let table: Value = serde_json::from_slice(&table).unwrap();
    let rows = table["rows"].as_array().unwrap();
    rows.iter().map(|row| row["expected"][column].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_table_of_the_field_report_comes_out_of_the_exported_files() {
    assert_eq!(verdicts(EXCLUDED, ATTEMPTS), expected("with_exclusions"));
    assert_eq!(verdicts(EXPORT, ATTEMPTS), expected("without_exclusions"));
}

#[test]
fn the_shape_that_other_programs_rely_on_is_there() {
    let output = keyvet(&["readiness", "--tenant", EXPORT, "--attempt", ATTEMPTS, "--json"]);
    let document = json(&output);
    assert_eq!((code(&output), &document["exit"]), (3, &3.into()));
    assert!(document["schema"].is_string() && document["ruleset"].is_string());
    for result in document["results"].as_array().unwrap() {
        let words = ["ready", "conditional", "blocked", "unknown"];
        assert!(words.contains(&result["verdict"].as_str().unwrap()));
        let confidence = ["documented", "observed", "inferred"];
        assert!(confidence.contains(&result["confidence"].as_str().unwrap()));
        assert!(result["stopped_at"].is_null() || result["stopped_at"].is_string());
        for list in ["conditions", "unresolved", "rules"] {
            assert!(result[list].as_array().unwrap().iter().all(Value::is_string), "{list}");
        }
        let steps = result["steps"].as_array().unwrap();
        assert!(!steps.is_empty());
        for step in steps {
            let context = step["context"].as_str().unwrap();
            let plain = ["userAction", "ceremony", "policyCheck"].contains(&context);
            assert!(plain || context.starts_with("resource(") && context.ends_with(')'));
            assert!(step["result"].is_string() && step["rules"].is_array());
            for policy in step["policies"].as_array().unwrap() {
                let applies = ["yes", "no", "reportOnly", "undecided"];
                assert!(applies.contains(&policy["applies"].as_str().unwrap()));
                assert!(policy["id"].is_string() && policy["name"].is_string());
                assert!(policy.get("why").is_some() && policy.get("strengthResult").is_some());
            }
        }
        let deciding = result["stopped_step"].as_u64().map(|at| usize::try_from(at).unwrap());
        assert_eq!(
            result["stopped_at"],
            deciding.map_or(Value::Null, |at| steps[at]["context"].clone())
        );
    }
}

#[test]
fn the_words_of_the_command_line_ask_what_a_file_asks() {
    let words = ["--as", DIEGO, "--on", "windows/edge", "--signed-in-with", "password+push"];
    let said = keyvet(&[&["readiness", "--tenant", EXPORT, "--json"], &words[..]].concat());
    let mut said = json(&said)["results"][0].clone();
    let rows = keyvet(&["readiness", "--tenant", EXPORT, "--attempt", ATTEMPTS, "--json"]);
    let row = json(&rows)["results"][1].clone();
    assert_eq!(said["verdict"], row["verdict"]);
    assert_eq!(said["stopped_at"], row["stopped_at"]);
    said["attempt"]["person"] = row["attempt"]["person"].clone();
    assert_eq!(said["attempt"], row["attempt"]);
}

#[test]
fn one_file_with_everything_is_read_as_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(root().join(EXPORT).join(name)).unwrap()).unwrap()
    };
    let all = json!({ "fido2": read("fido2.json"),
        "policies": read("conditionalAccessPolicies.json"),
        "strengths": read("authenticationStrengths.json") });
    let file = folder.path().join("tenant.json");
    fs::write(&file, all.to_string()).unwrap();
    assert_eq!(verdicts(file.to_str().unwrap(), ATTEMPTS), verdicts(EXPORT, ATTEMPTS));
}

#[test]
fn what_windows_powershell_writes_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["fido2.json", "conditionalAccessPolicies.json", "authenticationStrengths.json"] {
        let text = fs::read_to_string(root().join(EXPORT).join(name)).unwrap();
        let text = format!("\u{feff}{text}");
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        fs::write(folder.path().join(name), utf16).unwrap();
    }
    let tenant = folder.path().to_str().unwrap();
    assert_eq!(verdicts(tenant, ATTEMPTS), verdicts(EXPORT, ATTEMPTS));
}

/// A copy of the export without the files named.
fn without(names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(root().join(EXPORT)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !names.contains(&name) {
            fs::copy(&path, folder.path().join(name)).unwrap();
        }
    }
    folder
}

fn asked(tenant: &Path, more: &[&str]) -> std::process::Output {
    let words = ["--as", ADELE, "--on", "windows/edge", "--signed-in-with", "tap:multi"];
    let tenant = tenant.to_str().unwrap();
    keyvet(&[&["readiness", "--tenant", tenant], &words[..], more].concat())
}

#[test]
fn without_the_passkey_method_nobody_is_told_to_be_ready() {
    let folder = without(&["fido2.json"]);
    let output = asked(folder.path(), &["--json"]);
    let document = json(&output);
    assert_eq!((code(&output), &document["results"][0]["verdict"]), (4, &"unknown".into()));
    assert_eq!(document["tenant"]["passkeys"], false);
    let said = both(&asked(folder.path(), &[]));
    assert!(said.contains("export-help"), "the next step is named: {said}");
}

#[test]
fn half_an_export_is_named() {
    let folder = without(&[]);
    let users = json!({ "@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=x",
        "value": [{ "id": "1", "displayName": "Adele", "userPrincipalName": "adele@example.com" }] });
    fs::write(folder.path().join("users.json"), users.to_string()).unwrap();
    let output = asked(folder.path(), &[]);
    assert!(both(&output).contains("users.json"), "{output:?}");
    assert!(both(&output).contains("nextLink"), "{output:?}");
}

#[test]
fn a_broken_file_is_named_with_its_place_and_ends_with_2() {
    let folder = without(&[]);
    fs::write(folder.path().join("fido2.json"), "{\"id\": \"Fido2\",\n\"state\": }").unwrap();
    let output = asked(folder.path(), &["--json"]);
    let error = &json(&output)["error"];
    assert_eq!(code(&output), 2);
    let detail = error["detail"].as_str().unwrap();
    assert!(detail.contains("fido2.json") && detail.contains("line 2"), "{detail}");
    assert_eq!(error["culprit"], "input");
}

#[test]
fn a_question_that_is_not_clear_ends_with_2_and_says_which_to_ask() {
    let error = |args: &[&str]| {
        let output = keyvet(&[&["readiness"], args, &["--json"]].concat());
        assert_eq!(code(&output), 2, "{args:?} {output:?}");
        let error = json(&output)["error"].clone();
        assert!(error["next_step"].as_str().unwrap().len() > 20, "{args:?}");
        error["code"].as_str().unwrap().to_owned()
    };
    let tenant = ["--tenant", EXPORT];
    let ask = |more: &[&str]| error(&[&tenant, more].concat());
    assert_eq!(error(&[]), "cli.usage");
    assert_eq!(ask(&[]), "cli.no-question");
    assert_eq!(ask(&["--attempt", ATTEMPTS, "--as", ADELE]), "cli.two-questions");
    assert_eq!(ask(&["--attempt", ATTEMPTS, "--on", "windows/edge"]), "cli.two-questions");
    assert_eq!(ask(&["--matrix", "--plan"]), "cli.two-questions");
    assert_eq!(ask(&["--matrix", "--attempt", ATTEMPTS]), "cli.two-questions");
    assert_eq!(ask(&["--matrix", "--on", "windows/edge"]), "cli.two-questions");
    assert_eq!(ask(&["--attempt", "gone.json"]), "cli.file-missing");
    assert_eq!(ask(&["--as", ADELE]), "cli.attempt-incomplete");
    assert_eq!(ask(&["--as", ADELE, "--on", "windows/edge"]), "cli.attempt-incomplete");
    let one = |on, with, more: &[&str]| {
        ask(&[&["--as", ADELE, "--on", on, "--signed-in-with", with], more].concat())
    };
    assert_eq!(one("amiga/ibrowse", "password", &[]), "readiness.attempt-word");
    assert_eq!(one("windows", "password", &[]), "readiness.attempt-word");
    assert_eq!(one("windows/edge", "pigeon", &[]), "readiness.attempt-word");
    assert_eq!(one("windows/edge", "password", &["--aaguid", "x"]), "cli.bad-aaguid");
    assert_eq!(one("windows/edge", "password", &["--format", "html"]), "cli.usage");
    assert_eq!(error(&["--tenant", "no-such-export", "--attempt", ATTEMPTS]), "cli.no-export");
    assert_eq!(error(&["--tenant", ADELE, "--attempt", ATTEMPTS]), "cli.no-export");
    let folder = tempfile::tempdir().unwrap();
    let tenant = folder.path().to_str().unwrap();
    assert_eq!(error(&["--tenant", tenant, "--attempt", ATTEMPTS]), "cli.no-export");
    fs::write(folder.path().join("a.json"), "{\"a\": 1}").unwrap();
    assert_eq!(error(&["--tenant", tenant, "--attempt", ATTEMPTS]), "readiness.tenant-none");
}

#[test]
fn the_matrix_points_to_paths_and_counts_everybody() {
    let folder = without(&[]);
    let user = |id: usize, modes: &[&str]| {
        json!({ "id": format!("u{id}"), "userPrincipalName": format!("user{id}@example.com"),
            "userType": "Member", "groups": [],
            "registered": modes.iter().map(|mode| json!({ "mode": mode })).collect::<Vec<_>>() })
    };
    let mut users: Vec<_> = (0..40).map(|id| user(id, &["password"])).collect();
    users.extend((40..60).map(|id| user(id, &["password", "microsoftAuthenticatorPush"])));
    fs::write(folder.path().join("users.json"), json!({ "value": users }).to_string()).unwrap();
    let tenant = folder.path().to_str().unwrap();
    let output = keyvet(&["readiness", "--tenant", tenant, "--matrix", "--json"]);
    let document = json(&output);
    assert_eq!(
        (code(&output), &document["people"], &document["made_up"]),
        (0, &60.into(), &false.into())
    );
    let rows = document["rows"].as_array().unwrap();
    let sizes: Vec<_> = rows.iter().map(|row| row["people"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [40, 20], "people with the same answers are together");
    let contexts = document["contexts"].as_array().unwrap().len();
    let paths = document["paths"].as_array().unwrap();
    let mut totals = std::collections::BTreeMap::new();
    for (row, size) in rows.iter().zip(sizes) {
        let cells = row["cells"].as_array().unwrap();
        assert_eq!(cells.len(), contexts);
        for cell in cells {
            let path = &paths[usize::try_from(cell["path"].as_u64().unwrap()).unwrap()];
            assert_eq!(
                (&cell["verdict"], &cell["stopped_at"]),
                (&path["verdict"], &path["stopped_at"])
            );
            *totals.entry(cell["verdict"].as_str().unwrap().to_owned()).or_insert(0) += size;
        }
    }
    for (verdict, count) in totals {
        assert_eq!(document["totals"][&verdict], count, "{verdict}");
    }
    let plan = both(&keyvet(&["readiness", "--tenant", tenant, "--plan"]));
    let blocked = &document["totals"]["blocked"];
    assert!(
        plan.starts_with(&format!("{blocked} of {} attempts are blocked", 60 * contexts)),
        "{plan}"
    );
}

#[test]
fn a_plan_names_the_two_resources_and_what_they_give_up() {
    let ask = ["readiness", "--tenant", EXPORT, "--plan", "--attempt", ATTEMPTS];
    let output = keyvet(&[&ask[..], &["--json"]].concat());
    let document = json(&output);
    assert_eq!((code(&output), &document["attempts"]), (0, &8.into()));
    let stuck = document["stuck"].as_array().unwrap();
    assert_eq!(
        stuck.len(),
        expected("without_exclusions").iter().filter(|v| *v == "blocked").count()
    );
    let proposals = document["proposals"].as_array().unwrap();
    let two =
        proposals.iter().find(|one| one["title"].as_str().unwrap().starts_with("Exclude Azure"));
    let two = two.unwrap();
    let unblocked: Vec<_> =
        two["unblocks"].as_array().unwrap().iter().map(|one| &one["verdict"]).collect();
    assert_eq!(unblocked, ["conditional", "conditional", "ready", "conditional"]);
    assert!(two["changes"][0]["loosens"].as_str().unwrap().contains("Secure Mobile Apps"));
    let last = proposals.last().unwrap();
    assert_eq!((&two["is_weaker"], &last["is_weaker"]), (&false.into(), &true.into()));
    let page = keyvet(&[&ask[..], &["--format", "html"]].concat());
    let page = String::from_utf8(page.stdout).unwrap();
    assert_eq!(page.matches("class=\"change\"").count(), proposals.len());
}

#[test]
fn matrix_and_plan_are_about_one_person_when_one_is_named() {
    for question in ["--matrix", "--plan"] {
        let ask = ["readiness", "--tenant", EXPORT, question, "--as", DIEGO, "--json"];
        let document = json(&keyvet(&ask));
        let said = document.to_string();
        assert!(said.contains("Diego") && !said.contains("somebody new"), "{question}");
    }
    let one = ["--on", "windows/edge", "--signed-in-with", "password+push"];
    let ask = ["readiness", "--tenant", EXPORT, "--plan", "--as", DIEGO, "--json"];
    assert_eq!(json(&keyvet(&[&ask[..], &one].concat()))["attempts"], 1);
}

#[test]
fn a_usage_error_under_format_json_is_json() {
    for format in [&["--format", "json"][..], &["--format=json"]] {
        let output = keyvet(&[&["readiness", "--nonsense"], format].concat());
        assert_eq!((code(&output), &json(&output)["error"]["code"]), (2, &"cli.usage".into()));
    }
}

#[test]
fn names_that_drive_a_terminal_or_a_page_are_only_text() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("user.json");
    let user = json!({ "displayName": "a\u{1b}[31m\u{202e}<script>b</script>", "groups": [], "registered": [] });
    fs::write(&file, user.to_string()).unwrap();
    let words = ["--on", "windows/edge", "--signed-in-with", "password+push"];
    let ask = |more: &[&str]| {
        let ask = ["readiness", "--tenant", EXPORT, "--as", file.to_str().unwrap()];
        both(&keyvet(&[&ask[..], &words, more].concat()))
    };
    for more in [&[][..], &["--json"], &["--format", "html"]] {
        let said = ask(more);
        let raw = said.chars().find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
        assert_eq!(raw, None, "{more:?}");
    }
    assert!(!ask(&["--format", "html"]).contains("<script"));
}

#[test]
fn the_same_question_has_the_same_bytes() {
    for format in ["text", "json", "html"] {
        for question in [&["--attempt", ATTEMPTS][..], &["--matrix"], &["--plan"]] {
            let ask = [&["readiness", "--tenant", EXPORT, "--format", format], question].concat();
            assert_eq!(keyvet(&ask).stdout, keyvet(&ask).stdout);
        }
    }
}
