//! Links in Markdown: `[text](target#heading)`.

use std::fs;
use std::path::Path;

/// A sentence for every relative link of `page` that leads nowhere.
pub fn broken(page: &Path) -> Vec<String> {
    let text =
        fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let targets = links(&text)
        .into_iter()
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    targets
        .filter(|target| !leads(page, target))
        .map(|target| format!("{}: {target}", page.display()))
        .collect()
}

fn links(text: &str) -> Vec<String> {
    let prose = outside_code(text);
    let targets = prose.split("](").skip(1);
    targets.filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.to_owned()).collect()
}

/// The text without fenced blocks.
fn outside_code(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

fn leads(page: &Path, target: &str) -> bool {
    let (file, heading) =
        target.split_once('#').map_or((target, None), |(file, heading)| (file, Some(heading)));
    let file = if file.is_empty() { page.to_path_buf() } else { page.with_file_name(file) };
    let file = if file.exists() { file } else { page.parent().unwrap().join(target) };
    match heading {
        None => file.exists(),
        Some(heading) => {
            fs::read_to_string(&file).is_ok_and(|text| anchors(&text).iter().any(|a| a == heading))
        }
    }
}

/// The anchors that mdBook and the usual web views make from headings.
fn anchors(text: &str) -> Vec<String> {
    let prose = outside_code(text);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}
