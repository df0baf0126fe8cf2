//! The page `docs/reference/findings.md`, made from `keyvet explain --json`.

use keyvet_tests::keyvet;
use serde_json::Value;
use std::fmt::Write;

const HEAD: &str = "# Findings, reasons and codes

Everything keyvet can say, by its stable identifier. This page is written by `cargo xtask book` from the same
declarations that `keyvet explain ID` prints; each identifier is declared in exactly one source file, so a text search
for it ends at the check.
";

/// The page as it should be now.
pub fn page() -> String {
    let run = keyvet(["explain", "--json"]);
    let json = run.json();
    let mut kinds =
        json["explanations"].as_array().expect("explain --json prints explanations").clone();
    kinds.sort_by_key(|kind| kind["id"].as_str().map(str::to_owned));
    let mut page = HEAD.to_owned();
    let mut area = String::new();
    for kind in &kinds {
        let id = word(kind, "id");
        let this = id.split('.').next().unwrap_or_default();
        if this != area {
            write!(page, "\n## {this}\n").unwrap();
            this.clone_into(&mut area);
        }
        page.push_str(&section(kind));
    }
    page
}

fn section(kind: &Value) -> String {
    format!(
        "\n### {}\n\n{} · {}\n\n{}\n\n*Next:* {}\n\n*Rule:* {}\n",
        word(kind, "id"),
        word(kind, "severity"),
        word(kind, "culprit"),
        escaped(word(kind, "meaning")),
        escaped(word(kind, "next_step")),
        escaped(word(kind, "source")),
    )
}

fn word<'a>(kind: &'a Value, member: &str) -> &'a str {
    kind[member].as_str().unwrap_or_else(|| panic!("{member} in {kind}"))
}

/// Without what Markdown would read as HTML.
fn escaped(text: &str) -> String {
    text.replace('<', "&lt;")
}
