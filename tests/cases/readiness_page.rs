//! The page of `keyvet readiness --format html` in a real browser: it shows what `--json` says, draws where a path
//! stops, loads nothing, runs nothing, and stays readable in the dark.
//!
//! Ignored unless asked for: `cargo xtask test` installs Chromium and runs them.

use keyvet_tests::{Browser, keyvet, root};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const EXPORT: &str = "demo/rollout/export";
const ATTEMPTS: &str = "demo/rollout/attempts.json";

/// A page on disk, with the JSON of the same question.
struct Page {
    _folder: TempDir,
    file: PathBuf,
    json: Value,
}

impl Page {
    fn of(arguments: &[&str]) -> Self {
        let html = keyvet([&["readiness"], arguments, &["--format", "html"]].concat());
        let json = keyvet([&["readiness"], arguments, &["--json"]].concat());
        assert_eq!(html.code, json.code, "the exit class does not depend on the format");
        assert!(html.stdout.starts_with("<!DOCTYPE html>"), "{html:?}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("readiness.html");
        fs::write(&file, &html.stdout).unwrap();
        Self { _folder: folder, file, json: json.json() }
    }

    fn open(&self, browser: &Browser) {
        browser.open(&self.file);
    }
}

#[test]
#[ignore = "needs Chromium: cargo xtask test installs it and runs this"]
fn in_chromium_every_cell_says_what_the_json_says_and_leads_to_its_path() {
    let browser = Browser::start();
    let page = Page::of(&["--tenant", EXPORT, "--attempt", ATTEMPTS]);
    page.open(&browser);
    let results = page.json["results"].as_array().unwrap();
    let cells = browser.run(
        "return [...document.querySelectorAll('td.answer')].map(cell => ({
            word: cell.querySelector('a').innerText.trim(), shape: !!cell.querySelector('svg use'),
            href: cell.querySelector('a').getAttribute('href'), label: cell.querySelector('a').ariaLabel }))",
    );
    let cells = cells.as_array().unwrap();
    assert_eq!(cells.len(), results.len());
    for (cell, result) in cells.iter().zip(results) {
        assert_eq!(cell["word"], result["verdict"]);
        assert_eq!(cell["shape"], true, "the word is not alone");
        assert_eq!(cell["href"], format!("#path-{}", result["index"]));
        let label = cell["label"].as_str().unwrap();
        assert!(label.starts_with(result["verdict"].as_str().unwrap()), "{label}");
        assert_path(&browser, result);
    }
    assert_silent(&browser, &page.file);
}

#[test]
#[ignore = "needs Chromium: cargo xtask test installs it and runs this"]
fn in_chromium_the_matrix_has_a_cell_for_every_answer() {
    let browser = Browser::start();
    let few = Page::of(&["--tenant", EXPORT, "--matrix"]);
    let folder = tempfile::tempdir().unwrap();
    for name in ["fido2.json", "conditionalAccessPolicies.json", "authenticationStrengths.json"] {
        fs::copy(root().join(EXPORT).join(name), folder.path().join(name)).unwrap();
    }
    let modes = [
        "sms",
        "fido2",
        "softwareOath",
        "hardwareOath",
        "microsoftAuthenticatorPush",
        "voice",
        "deviceBasedPush",
    ];
    let user = |(id, mode): (usize, &&str)| {
        json!({ "id": format!("u{id}"), "displayName": format!("Person {id}"),
        "userType": "Member", "groups": [], "registered": [{ "mode": "password" }, { "mode": mode }] })
    };
    let users: Vec<_> = modes.iter().enumerate().map(user).collect();
    fs::write(folder.path().join("users.json"), json!({ "value": users }).to_string()).unwrap();
    let many = Page::of(&["--tenant", &folder.path().display().to_string(), "--matrix"]);
    for (page, across) in [(&few, true), (&many, false)] {
        page.open(&browser);
        let (rows, contexts) =
            (page.json["rows"].as_array().unwrap(), page.json["contexts"].as_array().unwrap());
        assert_eq!(rows.len() <= 5, across, "this is the case meant");
        let shown = browser.run(
            "return [...document.querySelectorAll('table.matrix tbody tr')].map(row => [...row.querySelectorAll('td.answer')]
                .map(cell => [cell.querySelector('a').innerText.trim(), cell.querySelector('a').getAttribute('href')]))",
        );
        let cell = |row: &Value, at: usize| {
            let cell = &row["cells"][at];
            json!([cell["verdict"], format!("#path-{}", cell["path"])])
        };
        let wanted: Vec<Vec<Value>> = if across {
            (0..contexts.len()).map(|at| rows.iter().map(|row| cell(row, at)).collect()).collect()
        } else {
            rows.iter().map(|row| (0..contexts.len()).map(|at| cell(row, at)).collect()).collect()
        };
        assert_eq!(shown, json!(wanted));
        let paths = browser.run("return document.querySelectorAll('section.path').length");
        assert_eq!(paths, page.json["paths"].as_array().unwrap().len());
        for path in page.json["paths"].as_array().unwrap().iter().take(5) {
            assert_path(&browser, path);
        }
        assert_eq!(browser.run(FAINT), json!([]), "contrast below 4.5");
        assert_silent(&browser, &page.file);
    }
}

/// Clicks the cell of a result, and holds the drawing to the steps.
fn assert_path(browser: &Browser, result: &Value) {
    let at = &result["index"];
    let drawn = browser.run(&format!(
        "document.querySelector('td.answer a[href=\"#path-{at}\"]').click();
         const path = document.querySelector('#path-{at}');
         const box = path.getBoundingClientRect();
         const svg = path.querySelector('svg.draw');
         const frame = svg.getBoundingClientRect();
         const inside = [...svg.querySelectorAll('.station')].every(station => {{
             const b = station.getBoundingClientRect();
             return b.left >= frame.left - 1 && b.right <= frame.right + 1 && b.bottom <= frame.bottom + 1; }});
         return {{ target: path.matches(':target'), visible: box.top >= -1 && box.top < innerHeight, inside,
             results: [...svg.querySelectorAll('[data-result]')].map(s => s.dataset.result),
             stops: [...svg.querySelectorAll('[data-stop]')].map(s => Number(s.dataset.step)),
             bars: svg.querySelectorAll('.bar').length, ahead: svg.querySelectorAll('.rail.ahead').length,
             name: svg.querySelector('title').textContent, told: path.querySelectorAll('ol.steps > li').length }}"
    ));
    let steps: Vec<_> = result["steps"].as_array().unwrap().iter().map(|s| &s["result"]).collect();
    assert_eq!(drawn["target"], true, "path {at} is where the link leads");
    assert_eq!(drawn["visible"], true, "path {at} is in sight");
    assert_eq!(drawn["inside"], true, "the stations of path {at} are inside the drawing");
    assert_eq!(drawn["results"], json!(steps));
    assert_eq!(drawn["told"], steps.len(), "each step is told as well");
    let blocked = result["verdict"] == "blocked";
    let stops = match (blocked, result["stopped_step"].as_u64()) {
        (true, Some(step)) => json!([step + 1]),
        _ => json!([]),
    };
    assert_eq!(drawn["stops"], stops, "the drawing of path {at} stops where the walk does");
    assert_eq!(drawn["bars"], usize::from(blocked));
    let open_end = matches!(result["verdict"].as_str(), Some("blocked" | "unknown"));
    assert_eq!(drawn["ahead"], usize::from(open_end), "what is not reached is dashed");
    assert!(drawn["name"].as_str().unwrap().contains(result["verdict"].as_str().unwrap()));
}

/// No errors, no warnings, no requests but for the page itself.
fn assert_silent(browser: &Browser, file: &Path) {
    assert_eq!(browser.console(), Vec::<Value>::new());
    let own = format!("file://{}", file.display());
    let foreign: Vec<_> = browser
        .requests()
        .into_iter()
        .filter(|url| url.split('#').next() != Some(own.as_str()) && url != "data:,")
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

/// Names that would do harm if they were more than text.
const HOSTILE: [&str; 3] = [
    "</td></table><script>window.harm = 1</script>",
    "<img src=\"https://evil.invalid/x\" onerror='window.harm = 2'>",
    "x\" onfocus=\"window.harm = 3\" autofocus a='</style><style>*{display:none}",
];

#[test]
#[ignore = "needs Chromium: cargo xtask test installs it and runs this"]
fn in_chromium_hostile_names_are_only_text() {
    let browser = Browser::start();
    let folder = tempfile::tempdir().unwrap();
    let copy = |name: &str, change: &dyn Fn(&mut Value)| {
        let text = fs::read_to_string(root().join(EXPORT).join(name)).unwrap();
        let mut value: Value = serde_json::from_str(&text).unwrap();
        change(&mut value);
        fs::write(folder.path().join(name), value.to_string()).unwrap();
    };
    copy("fido2.json", &|_| {});
    copy("authenticationStrengths.json", &|_| {});
    copy("conditionalAccessPolicies.json", &|policies| {
        for (policy, name) in policies["value"].as_array_mut().unwrap().iter_mut().zip(HOSTILE) {
            policy["displayName"] = name.into();
        }
    });
    let attempts = folder.path().join("attempts");
    let attempt = |name: &str| {
        json!({ "user": { "displayName": name, "groups": [], "registered": [{ "mode": "password" },
                    { "mode": "microsoftAuthenticatorPush" }] },
            "attempt": { "platform": "windows", "surface": "browser:edge", "entry": "interrupt",
                "signedInWith": ["password", "microsoftAuthenticatorPush"], "minutesSinceStrongAuth": 0 },
            "candidate": { "route": "any" } })
    };
    fs::write(&attempts, json!(HOSTILE.map(attempt)).to_string()).unwrap();
    let paths = (folder.path().display().to_string(), attempts.display().to_string());
    let page = Page::of(&["--tenant", &paths.0, "--attempt", &paths.1]);
    page.open(&browser);
    let seen = browser.run(
        "return { harm: window.harm ?? null, active: document.querySelectorAll('script, img, iframe, object, form, input').length,
            styles: document.querySelectorAll('style').length, handlers: document.querySelectorAll('[onerror], [onfocus], [autofocus]').length,
            names: [...document.querySelectorAll('tbody th')].map(th => th.innerText) }",
    );
    assert_eq!(seen["harm"], Value::Null);
    assert_eq!(
        (&seen["active"], &seen["styles"], &seen["handlers"]),
        (&0.into(), &1.into(), &0.into())
    );
    assert_eq!(seen["names"], json!(HOSTILE), "each name is shown as it is");
    assert_silent(&browser, &page.file);
}

#[test]
#[ignore = "needs Chromium: cargo xtask test installs it and runs this"]
fn in_chromium_words_can_be_read_by_day_by_night_and_on_paper() {
    let browser = Browser::start();
    let page = Page::of(&["--tenant", EXPORT, "--attempt", ATTEMPTS]);
    page.open(&browser);
    let mut papers = Vec::new();
    for scheme in ["light", "dark"] {
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        browser.devtools("Emulation.setEmulatedMedia", &feature);
        papers.push(browser.run("return getComputedStyle(document.body).backgroundColor"));
        let faint = browser.run(FAINT);
        assert_eq!(faint, json!([]), "{scheme}: contrast below 4.5");
    }
    assert_ne!(papers[0], papers[1], "dark is not light");
    browser.devtools("Emulation.setEmulatedMedia", &json!({ "media": "print" }));
    let hidden = browser.run(
        "return [...document.querySelectorAll('.back')].every(a => getComputedStyle(a).display === 'none')
            && document.querySelectorAll('section.path').length > 0",
    );
    assert_eq!(hidden, true, "paper has no links back, and all paths");
    assert_eq!(browser.run(FAINT), json!([]), "paper: contrast below 4.5");
}

#[test]
#[ignore = "needs Chromium: cargo xtask test installs it and runs this"]
fn in_chromium_the_page_has_names_headings_and_headers_for_who_does_not_see_it() {
    let browser = Browser::start();
    let page = Page::of(&["--tenant", EXPORT, "--attempt", ATTEMPTS]);
    page.open(&browser);
    let faults = browser.run(
        "const faults = [];
         for (const th of document.querySelectorAll('th')) if (!th.scope) faults.push('th without scope: ' + th.innerText);
         for (const svg of document.querySelectorAll('svg')) {
             const named = svg.getAttribute('aria-labelledby');
             if (svg.ariaHidden !== 'true' && !(named && named.split(' ').every(id => document.getElementById(id)?.textContent)))
                 faults.push('drawing without a name: ' + svg.outerHTML.slice(0, 80)); }
         for (const table of document.querySelectorAll('table')) if (!table.caption) faults.push('table without caption');
         for (const link of document.querySelectorAll('a')) {
             const id = link.getAttribute('href').slice(1);
             if (!document.getElementById(id)) faults.push('dead link ' + id); }
         const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
         for (const id of ids) if (ids.filter(other => other === id).length > 1) faults.push('twice: ' + id);
         if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
         if (!document.documentElement.lang || !document.title) faults.push('no language or title');
         return faults",
    );
    assert_eq!(faults, json!([]));
}

/// Texts whose contrast with what lies behind them is below 4.5 : 1 (WCAG 2.2, 1.4.3).
const FAINT: &str = "
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgb = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data]; };
    const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
        return .2126 * r + .7152 * g + .0722 * b; };
    const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
        if (c[3] > 250) return c; } return [255, 255, 255]; };
    const found = new Set();
    for (const e of document.querySelectorAll('body *')) {
        if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
        if (!e.getClientRects().length) continue;
        const style = getComputedStyle(e);
        const ink = rgb(e.namespaceURI.endsWith('svg') ? style.fill : style.color);
        const [a, b] = [light(ink), light(behind(e))];
        const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (ratio < 4.5) found.add(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2));
    }
    return [...found]";
