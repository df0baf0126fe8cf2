//! The page of `keyvet readiness --matrix`.

use super::{escape, page::Page, path, table};
use crate::{
    document::{
        readiness::Verdict,
        readiness_matrix::{MatrixCell, MatrixContext, MatrixDocument, MatrixRow},
    },
    text::{plural, readiness_words as words},
};
use std::fmt::Write;

/// People × contexts, and the paths that cells lead to.
pub(crate) fn matrix(document: &MatrixDocument) -> String {
    let lead = format!(
        "{} in {} at the tenant in {}.{}",
        words::people(document.people),
        plural(document.contexts.len(), "context"),
        document.tenant.source,
        if document.made_up { MADE_UP } else { "" }
    );
    let mut page = Page::new("Who gets a passkey, and who is stuck?", &lead);
    page.totals(&document.totals);
    page.push(&whole(document));
    page.push("<h2 id=\"paths\">The paths</h2>\n");
    for (at, result) in document.paths.iter().enumerate() {
        page.push(&path::section(at, result));
    }
    page.end(&document.tenant, document.ruleset, &document.rulebook)
}

/// Few rows of people stand side by side, so that the table fits a screen and a sheet of paper; many below each other.
fn whole(document: &MatrixDocument) -> String {
    let mut html = String::from(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"The matrix\"><table class=\"matrix\">\n\
         <caption>People with the same answers are together. An answer leads to its path.</caption>\n<thead><tr>",
    );
    if document.rows.len() <= SIDE_BY_SIDE {
        html.push_str("<th scope=\"col\">Where, and how</th>");
        document.rows.iter().for_each(|row| html.push_str(&people(row, "col")));
        html.push_str("</tr></thead>\n<tbody>\n");
        for (at, context) in document.contexts.iter().enumerate() {
            let _ = write!(html, "<tr>{}", place(context, "row"));
            for row in &document.rows {
                row.cells
                    .get(at)
                    .iter()
                    .for_each(|found| html.push_str(&cell(found, row, context)));
            }
            html.push_str("</tr>\n");
        }
    } else {
        html.push_str("<th scope=\"col\">Who</th>");
        document.contexts.iter().for_each(|context| html.push_str(&place(context, "col")));
        html.push_str("</tr></thead>\n<tbody>\n");
        for row in &document.rows {
            let _ = write!(html, "<tr>{}", people(row, "row"));
            for (found, context) in row.cells.iter().zip(&document.contexts) {
                html.push_str(&cell(found, row, context));
            }
            html.push_str("</tr>\n");
        }
    }
    html + "</tbody></table></div>\n"
}

fn cell(cell: &MatrixCell, row: &MatrixRow, context: &MatrixContext) -> String {
    let stop = match (cell.verdict, &cell.stopped_at) {
        (Verdict::Blocked | Verdict::Unknown, Some(context)) => words::stage(context),
        _ => String::new(),
    };
    let whole = format!("{}, {}", words::some(&row.people), words::situation(context));
    table::cell(cell.verdict, cell.path, &stop, &whole)
}

fn place(context: &MatrixContext, scope: &str) -> String {
    let (place, route, with) = words::situation_parts(context);
    let route =
        if route.is_empty() { String::new() } else { format!("<small>{}</small>", escape(&route)) };
    format!("<th scope=\"{scope}\">{}{route}<small>{}</small></th>", escape(&place), escape(&with))
}

/// The first names, and all of them on demand.
fn people(row: &MatrixRow, scope: &str) -> String {
    let shown: Vec<_> = row.people.iter().take(SHOWN).map(|name| escape(name)).collect();
    let more = row.people.len().saturating_sub(SHOWN);
    let mut html = format!("<th scope=\"{scope}\">{}", shown.join("<br>"));
    if more > 0 {
        let rest: Vec<_> = row.people.iter().skip(SHOWN).map(|name| escape(name)).collect();
        let _ = write!(
            html,
            "<details><summary>and {more} more</summary><small>{}</small></details>",
            rest.join(", ")
        );
    }
    html + "</th>"
}

/// Names in one row before the rest is folded away.
const SHOWN: usize = 3;
/// Rows of people that are columns.
const SIDE_BY_SIDE: usize = 5;
const MADE_UP: &str = " The export holds no people, so three made-up ones were asked about.";
