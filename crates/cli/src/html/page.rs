//! The frame of a page: head, style, heading, totals, footer.

use super::{escape, icon};
use crate::{
    document::{
        readiness::{RuleText, TenantRead, Verdict},
        readiness_matrix::Totals,
    },
    text::plural,
};
use data_encoding::BASE64;
use std::fmt::Write;

/// A page in the making.
pub(super) struct Page {
    html: String,
}

impl Page {
    /// A page with its heading and what it was made from.
    pub(super) fn new(title: &str, lead: &str) -> Self {
        let hash = BASE64.encode(&keyvet_x509::sha256(STYLE.as_bytes()));
        let title = escape(title);
        let html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <link rel=\"icon\" href=\"data:,\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{}\
             <header id=\"top\"><h1>{title}</h1>\n<p>{}</p></header>\n<main>\n",
            icon::SYMBOLS,
            escape(lead),
        );
        Self { html }
    }

    /// Adds markup that is safe already.
    pub(super) fn push(&mut self, markup: &str) {
        self.html.push_str(markup);
    }

    /// How many answers there are of each sort.
    pub(super) fn totals(&mut self, totals: &Totals) {
        self.push("<ul class=\"totals\" aria-label=\"Totals\">\n");
        for verdict in ALL {
            let count = totals.of(verdict);
            let word = verdict.as_str();
            let _ = writeln!(
                self.html,
                "<li class=\"{word}\">{}<b>{count}</b> {word}<small>{}</small></li>",
                icon::small(word),
                meaning(verdict)
            );
        }
        self.push("</ul>\n");
    }

    /// Ends the page: what the tenant was read from, what is odd about it, the rules named.
    pub(super) fn end(mut self, tenant: &TenantRead, ruleset: &str, rules: &[RuleText]) -> String {
        self.push("</main>\n<footer>\n");
        self.tenant(tenant);
        self.rules(ruleset, rules);
        self.push("<p class=\"colophon\">Made by keyvet from exported files; this page loads and runs nothing.</p>\n</footer>\n</body>\n</html>\n");
        self.html
    }

    fn tenant(&mut self, tenant: &TenantRead) {
        let counts = [
            plural(tenant.policies, "Conditional Access policy"),
            plural(tenant.strengths, "authentication strength"),
            if tenant.people == 1 {
                "1 person".to_owned()
            } else {
                format!("{} people", tenant.people)
            },
        ];
        let _ = writeln!(
            self.html,
            "<section aria-labelledby=\"export\"><h2 id=\"export\">The export</h2>\n<p>{}: {}. Read: {}.</p>",
            escape(&tenant.source),
            counts.join(", "),
            escape(&tenant.files.join(", "))
        );
        if !tenant.findings.is_empty() {
            self.push("<ul class=\"findings\">\n");
            for finding in &tenant.findings {
                let _ = writeln!(
                    self.html,
                    "<li><b>{}</b>: {} <span>{}</span> <code>{}</code></li>",
                    finding.kind.severity.as_str(),
                    escape(&finding.detail),
                    escape(finding.kind.meaning),
                    escape(&finding.id)
                );
            }
            self.push("</ul>\n");
        }
        self.push("</section>\n");
    }

    fn rules(&mut self, ruleset: &str, rules: &[RuleText]) {
        let _ = writeln!(
            self.html,
            "<section aria-labelledby=\"rules\"><h2 id=\"rules\">The rules used</h2>\n\
             <p>Ruleset {}. An answer is as sure as the weakest rule that decides it.</p>\n<dl class=\"rules\">",
            escape(ruleset)
        );
        for rule in rules {
            let _ = writeln!(
                self.html,
                "<div id=\"{id}\"><dt>{id} <small>{}</small></dt><dd>{}<small>{}, {}</small></dd></div>",
                rule.kind.as_str(),
                escape(rule.statement),
                escape(rule.source),
                escape(rule.edition),
                id = escape(rule.id),
            );
        }
        self.push("</dl>\n</section>\n");
    }
}

/// The verdicts, the best first.
const ALL: [Verdict; 4] =
    [Verdict::Ready, Verdict::Conditional, Verdict::Unknown, Verdict::Blocked];

const fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ready => "gets a passkey that signs in",
        Verdict::Conditional => "gets one after doing something",
        Verdict::Unknown => "cannot be told",
        Verdict::Blocked => "is stuck",
    }
}

/// The style, whose digest the policy of the page names.
const STYLE: &str = include_str!("page.css");
