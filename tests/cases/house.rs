//! House rules that no lint knows: layers, sizes, words that must not be in the product.

use keyvet_tests::{SourceFile, files, root, rust_sources};
use std::fs;

/// The crates from left to right; a crate may use only what stands before it (docs/architecture.md).
const ORDER: [&str; 19] = [
    "finding",
    "json",
    "cbor",
    "ctap",
    "x509",
    "evidence",
    "mds",
    "attestation",
    "policy",
    "readiness",
    "pin-uv",
    "transport",
    "hid",
    "nfc",
    "pcsc",
    "client",
    "trace",
    "doctor",
    "cli",
];
/// Crates that are part of no product: they may use any crate but the program.
const FOR_TESTS: [&str; 1] = ["virtual-key"];

#[test]
fn a_crate_uses_only_crates_to_its_left() {
    for (at, name) in ORDER.iter().enumerate() {
        let manifest =
            fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
        let section = manifest.split("[dependencies]").nth(1).unwrap_or_default();
        let product = section.split("\n[").next().unwrap_or_default();
        let allowed = &ORDER[..at];
        let used = product
            .lines()
            .filter_map(|line| line.strip_prefix("keyvet-")?.split(['.', ' ']).next());
        let wrong: Vec<_> = used.filter(|used| !allowed.contains(used)).collect();
        assert!(wrong.is_empty(), "{name} uses {wrong:?}");
    }
}

#[test]
fn no_product_uses_a_crate_that_is_for_tests() {
    for name in ORDER {
        let manifest =
            fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
        for other in FOR_TESTS {
            assert!(!manifest.contains(&format!("keyvet-{other}")), "{name} uses {other}");
        }
    }
    for name in FOR_TESTS {
        let manifest =
            fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
        assert!(manifest.contains("publish = false") && !manifest.contains("keyvet-cli"), "{name}");
    }
}

#[test]
fn judgement_knows_no_key_and_a_key_knows_no_judgement() {
    let uses = |name: &str, others: &[&str]| {
        let manifest =
            fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
        let found = others.iter().find(|other| manifest.contains(&format!("keyvet-{other}")));
        assert!(found.is_none(), "{name} uses {found:?}");
    };
    for name in ["mds", "attestation", "policy", "readiness"] {
        uses(name, &["pin-uv", "transport", "hid", "client"]);
    }
    for name in ["pin-uv", "transport", "hid", "client"] {
        uses(name, &["mds", "attestation", "policy", "readiness"]);
    }
}

#[test]
fn every_crate_is_in_the_order_and_on_the_page() {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = ORDER.contains(&name.as_str()) || FOR_TESTS.contains(&name.as_str());
        assert!(known, "{name} has no place in the order");
        assert!(page.contains(&format!("`crates/{name}`")), "{name} is not on the page");
    }
}

#[test]
fn every_package_takes_the_workspace_lints_and_unsafe_is_forbidden() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("unsafe_code = \"forbid\""));
    for folder in ["crates", "tests/testkit", "xtask"] {
        for manifest in
            files(folder, "toml").into_iter().filter(|path| path.ends_with("Cargo.toml"))
        {
            let text = fs::read_to_string(&manifest).unwrap();
            assert!(text.contains("[lints]\nworkspace = true"), "{}", manifest.display());
        }
    }
}

#[test]
fn the_product_holds_nothing_unfinished() {
    assert_absent(&["todo!(", "unimplemented!(", "dbg!(", "FIXME", "XXX"], |_| true);
}

#[test]
fn only_the_program_prints_and_only_its_main_file_exits() {
    assert_absent(&["println!(", "print!(", "eprintln!(", "eprint!("], |file| {
        file.package() != "cli" && !for_tests(file)
    });
    assert_absent(&["process::exit(", "process::abort("], |file| {
        file.path != "crates/cli/src/main.rs"
    });
}

#[test]
fn cryptography_stays_in_x509_and_cose_in_ctap() {
    assert_absent(&["aws_lc_rs::"], |file| file.package() != "x509" && !for_tests(file));
    assert_absent(&["x509_parser::"], |file| file.package() != "x509");
    assert_absent(&["coset::"], |file| file.package() != "ctap");
}

#[test]
fn judgement_reads_no_clock_no_file_and_no_network() {
    let outside =
        ["SystemTime::now", "now_utc(", "Instant::now", "std::fs", "std::net", "std::env"];
    let talks = ["cli", "transport", "hid", "nfc", "pcsc", "client", "trace", "doctor"];
    assert_absent(&outside, |file| !talks.contains(&file.package()) && !for_tests(file));
}

#[test]
fn what_talks_to_keys_reads_no_wall_clock_and_no_environment() {
    assert_absent(&["SystemTime::now", "now_utc("], |file| {
        !["cli", "doctor"].contains(&file.package()) && !for_tests(file)
    });
    // where the daemon and the helper program are is said by the environment alone
    let machine = ["cli", "doctor", "pcsc"];
    let helper = "crates/nfc/src/helper/mod.rs";
    assert_absent(&["std::env::var", "use std::env"], |file| {
        !machine.contains(&file.package()) && file.path != helper && !for_tests(file)
    });
    // a deadline is taken from the runtime's clock, which tests can pause
    assert_absent(&["std::time::Instant"], |file| {
        ["transport", "hid", "nfc", "pcsc", "client"].contains(&file.package())
    });
}

#[test]
fn no_file_passes_eight_hundred_lines() {
    let mut files = rust_sources("crates");
    files.extend(rust_sources("xtask"));
    let long: Vec<_> = files
        .iter()
        .filter(|file| file.product.lines().count() > 800)
        .map(|file| &file.path)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

fn for_tests(file: &SourceFile) -> bool {
    FOR_TESTS.contains(&file.package()) || file.path.contains("/examples/")
}

fn assert_absent(words: &[&str], wanted: impl Fn(&SourceFile) -> bool) {
    let mut found = Vec::new();
    for file in
        rust_sources("crates").iter().filter(|file| wanted(file) && !file.product.is_empty())
    {
        let code = file.product.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code.filter(|line| words.iter().any(|word| line.contains(word))) {
            found.push(format!("{}: {}", file.path, line.trim()));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
