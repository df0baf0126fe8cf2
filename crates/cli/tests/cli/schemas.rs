//! The published JSON Schemas: current, and obeyed by what the program prints.
//!
//! `UPDATE_SCHEMAS=1 cargo test -p keyvet-cli --test cli schemas` writes them again.

use super::support::{ALTERED, MDS, YUBIKEY, json, keyvet, keyvet_in, root};
use clap::CommandFactory;
use keyvet_cli::document as doc;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;
use std::{collections::BTreeMap, fs};

/// Every document by the name that it bears in `schema`.
fn generated() -> BTreeMap<&'static str, Value> {
    BTreeMap::from([
        (doc::check::SCHEMA, schema::<doc::check::CheckDocument>()),
        (doc::completions::SCHEMA, schema::<doc::completions::CompletionsDocument>()),
        (doc::doctor::SCHEMA, schema::<doc::doctor::DoctorDocument>()),
        (doc::error::SCHEMA, schema::<doc::error::ErrorDocument>()),
        (doc::explain::SCHEMA, schema::<doc::explain::ExplainDocument>()),
        (doc::identify::SCHEMA, schema::<doc::identify::IdentifyDocument>()),
        (doc::info::SCHEMA, schema::<doc::info::InfoDocument>()),
        (doc::list::SCHEMA, schema::<doc::list::ListDocument>()),
        (doc::list::EVENT_SCHEMA, schema::<doc::list::ListEventDocument>()),
        (doc::man::SCHEMA, schema::<doc::man::ManDocument>()),
        (doc::mds_diff::SCHEMA, schema::<doc::mds_diff::MdsDiffDocument>()),
        (doc::mds_import::SCHEMA, schema::<doc::mds_import::MdsImportDocument>()),
        (doc::mds_show::SCHEMA, schema::<doc::mds_show::MdsShowDocument>()),
        (doc::mds_status::SCHEMA, schema::<doc::mds_status::MdsStatusDocument>()),
        (doc::readiness::SCHEMA, schema::<doc::readiness::ReadinessDocument>()),
        (doc::readiness_matrix::SCHEMA, schema::<doc::readiness_matrix::MatrixDocument>()),
        (doc::readiness_plan::SCHEMA, schema::<doc::readiness_plan::PlanDocument>()),
        (doc::readiness::EXPORT_SCHEMA, schema::<doc::readiness::ExportHelpDocument>()),
        (doc::sign_in::SCHEMA, schema::<doc::sign_in::SignInDocument>()),
        (doc::trace::SCHEMA, schema::<doc::trace::TraceDocument>()),
        (doc::verify::SCHEMA, schema::<doc::verify::VerifyDocument>()),
    ])
}

fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// `keyvet.verify/1` is in `schemas/keyvet.verify-1.json`.
fn file_name(name: &str) -> String {
    format!("{}.json", name.replace('/', "-"))
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    let folder = root().join("schemas");
    for (name, schema) in generated() {
        let path = folder.join(file_name(name));
        let current = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &current).unwrap();
        }
        let published = fs::read_to_string(&path).unwrap_or_default();
        assert!(published == current, "{} is stale: UPDATE_SCHEMAS=1", path.display());
    }
    let count = fs::read_dir(folder).unwrap().filter(|f| is_schema(f.as_ref().unwrap())).count();
    assert_eq!(count, generated().len(), "a schema without a document");
}

fn is_schema(entry: &fs::DirEntry) -> bool {
    entry.path().extension().is_some_and(|extension| extension == "json")
}

/// Holds `document` to the published schema that it names.
fn assert_obeys(document: &Value) {
    let name = document["schema"].as_str().unwrap();
    let published = fs::read(root().join("schemas").join(file_name(name))).unwrap();
    let schema: Value = serde_json::from_slice(&published).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}\n{document:#}");
}

/// Every command with its arguments, but for those that need a folder; each is run with `--json`.
const CASES: &[&[&str]] = &[
    &["list"],
    &["info"],
    &["identify"],
    &["doctor"],
    &["check", "--policy", "demo/tenant-accepts.json"],
    &["check", "--mds", "README.md"],
    &["verify", YUBIKEY, ALTERED, "no-such-file"],
    &["verify", YUBIKEY, "--mds", "README.md"],
    &["sign-in", "explain", "tests/vectors/readiness/sign-in/three-people.csv"],
    &[
        "sign-in",
        "explain",
        "--no-names",
        "tests/vectors/readiness/sign-in/tap-one-time-reused.jsonl",
    ],
    &["sign-in", "explain", "tests/vectors/readiness/sign-in/broken-half.json"],
    &["mds", "fetch", "--url", "http://127.0.0.1:1/", "--danger-http-loopback"],
    &["mds", "status"],
    &["mds", "status", "--mds", MDS[1]],
    &["mds", "diff", "tests/vectors/mds/mds3-no031-2023-10-01.jwt", MDS[1]],
    &["mds", "show", "2fc0579f-8113-47ea-b116-bb5a8db9202a", "--mds", MDS[1], MDS[2], MDS[3]],
    &["mds", "show", "00", "--mds", MDS[1], MDS[2], MDS[3]],
    &["trace", "show", TRACE],
    &["trace", "show", "README.md"],
    &["trace", "replay", TRACE, "--", "info"],
    &["trace", "replay", TRACE, "--", "list"],
    &["explain"],
    &["explain", "cli.usage"],
    &["explain", "R18"],
    &["completions", "bash"],
    &["man"],
    &["info", "--from-cbor", "a301814846494441564f5f300250000000000000000000000000000000001820f5"],
    &["no-such-command"],
    &["readiness", "--tenant", "demo/rollout/export", "--attempt", ATTEMPTS],
    &["readiness", "--tenant", "demo/rollout/export-excluded", "--attempt", ATTEMPTS],
    &["readiness", "--tenant", "demo/rollout/export"],
    &["readiness", "--tenant", "README.md", "--matrix"],
    &["readiness", "export-help"],
    &["readiness", "--tenant", "demo/rollout/export", "--matrix"],
    &["readiness", "--tenant", "demo/rollout/export", "--plan"],
    &[
        "readiness",
        "--tenant",
        "demo/rollout/export",
        "--plan",
        "--as",
        "demo/rollout/new-colleague.json",
    ],
];
const TRACE: &str = "tests/vectors/traces/hostile-aaguid-15.jsonl";
const ATTEMPTS: &str = "demo/rollout/attempts.json";

#[test]
fn every_command_obeys_its_schema() {
    let folder = tempfile::tempdir().unwrap();
    let import = ["mds", "import", MDS[1], "--at", MDS[3], "--json"];
    assert_obeys(&json(&keyvet_in(&folder.path().join("cache"), &import)));
    let pages = folder.path().join("man");
    assert_obeys(&json(&keyvet(&["man", "--dir", pages.to_str().unwrap(), "--json"])));
    let status = [&["mds", "status"][..], &MDS, &["--json"]].concat();
    assert_obeys(&json(&keyvet(&status)));
    for case in CASES {
        assert_obeys(&json(&keyvet(&[*case, &["--json"]].concat())));
    }
}

/// The words of every command that does something: those whose subcommands are no choice, and those without.
fn commands(command: &clap::Command) -> Vec<Vec<String>> {
    let own = (!command.is_subcommand_required_set()).then(Vec::new);
    let below = command.get_subcommands().flat_map(|below| {
        let name = below.get_name().to_owned();
        commands(below).into_iter().map(move |words| [vec![name.clone()], words].concat())
    });
    own.into_iter().chain(below).collect()
}

#[test]
fn every_command_is_held_to_its_schema() {
    let all = commands(&keyvet_cli::args::Cli::command());
    assert!(all.contains(&vec!["sign-in".to_owned(), "explain".to_owned()]), "{all:?}");
    let import = ["mds", "import"];
    let held = CASES.iter().copied().chain([&import[..]]);
    let is_held = |words: &Vec<String>| {
        held.clone()
            .any(|case| case.len() >= words.len() && case.iter().zip(words).all(|(a, b)| a == b))
    };
    let missing: Vec<_> = all.iter().filter(|words| !is_held(words)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_verdict_obeys_its_schema() {
    let records = fs::read_dir(root().join("tests/vectors/attestation")).unwrap();
    let mut files: Vec<_> =
        records.map(|entry| entry.unwrap().path().display().to_string()).collect();
    files.sort();
    for policy in ["demo/tenant-accepts.json", "demo/tenant-refuses.json"] {
        let mut args = vec!["verify", "--json", "--policy", policy];
        args.extend(MDS);
        args.extend(files.iter().map(String::as_str));
        let document = json(&keyvet(&args));
        assert_eq!(document["results"].as_array().unwrap().len(), files.len());
        assert_obeys(&document);
    }
}

#[test]
fn a_schema_notices_a_document_that_breaks_it() {
    let mut document = json(&keyvet(&["explain", "cli.usage", "--json"]));
    document["explanations"][0]["severity"] = "dreadful".into();
    let schema = schema::<doc::explain::ExplainDocument>();
    assert!(!jsonschema::validator_for(&schema).unwrap().is_valid(&document));
    document["explanations"][0]["severity"] = "error".into();
    document["schema"] = "keyvet.explain/2".into();
    assert!(!jsonschema::validator_for(&schema).unwrap().is_valid(&document));
}
