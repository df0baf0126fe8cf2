//! The pages of `keyvet readiness`.

use super::{page::Page, path, table};
use crate::{document::readiness::ReadinessDocument, text::plural};

/// The answers to attempts.
pub(crate) fn attempts(document: &ReadinessDocument) -> String {
    let count = plural(document.results.len(), "attempt");
    let lead = format!("{count} at the tenant in {}.", document.tenant.source);
    let mut page = Page::new("Will the passkey registration succeed?", &lead);
    page.totals(&document.results.iter().map(|result| result.verdict).collect());
    page.push(&table::attempts(&document.results));
    page.push("<h2 id=\"paths\">The paths</h2>\n");
    for result in &document.results {
        page.push(&path::section(result.index, result));
    }
    page.end(&document.tenant, document.ruleset, &document.rulebook)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::sample;

    const HOSTILE: &str =
        "</title><script>alert(1)</script><img src=x onerror='alert(1)'>\"&\u{202e}";

    #[test]
    fn a_hostile_name_is_only_text() {
        let page = attempts(&sample::document(HOSTILE));
        let plain = attempts(&sample::document("Adele"));
        for tag in ["<script", "<img", "</title>", "onerror='", "<svg", "<a "] {
            assert_eq!(page.matches(tag).count(), plain.matches(tag).count(), "{tag}");
        }
        assert!(page.contains("&lt;script&gt;") && !page.contains('\u{202e}'));
    }

    #[test]
    fn nothing_is_loaded_and_nothing_runs() {
        let page = attempts(&sample::document("Adele"));
        for word in
            ["http:", "https:", "//", "url(", "@import", "<script", " onload=", " style=\"", "src="]
        {
            assert!(!page.contains(word), "{word}");
        }
        let own = page.split("href=\"").skip(1).all(|link| link.starts_with(['#', 'd']));
        assert!(own, "links stay on the page");
    }

    #[test]
    fn every_answer_leads_to_its_path_and_the_stop_is_drawn() {
        let page = attempts(&sample::document("Adele"));
        for at in 0..2 {
            assert_eq!(page.matches(&format!("href=\"#path-{at}\"")).count(), 1);
            assert_eq!(page.matches(&format!("id=\"path-{at}\"")).count(), 1);
        }
        assert_eq!(page.matches("data-stop=\"true\"").count(), 1);
        assert!(page.contains("data-step=\"5\" data-result=\"blocked\" data-stop=\"true\""));
    }
}
