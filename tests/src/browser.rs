//! A real browser without a window: Chromium, driven through its own `chromedriver` (W3C WebDriver) on this machine.

use serde_json::{Value, json};
use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use tempfile::TempDir;

/// A browser with one page; it ends with this value.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    /// Kept open: the driver ends when nobody hears it.
    _said: BufReader<ChildStdout>,
    port: u16,
    session: String,
    /// A profile of its own, which nothing was ever written to.
    _profile: TempDir,
}

impl Browser {
    /// Starts `chromium` and `chromedriver`, or what `KEYVET_CHROMIUM` and `KEYVET_CHROMEDRIVER` name.
    ///
    /// # Panics
    /// When one does not start.
    #[must_use]
    pub fn start() -> Self {
        let program = |variable, name: &str| env::var(variable).unwrap_or_else(|_| name.to_owned());
        let mut driver = Command::new(program("KEYVET_CHROMEDRIVER", "chromedriver"))
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts: Debian package chromium-driver");
        let mut said = BufReader::new(driver.stdout.take().expect("it is piped"));
        let port = said.by_ref().lines().map_while(Result::ok).find_map(|line| {
            line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()
        });
        let profile = tempfile::tempdir().expect("a folder can be made");
        let mut browser = Self {
            driver,
            _said: said,
            port: port.expect("chromedriver says where it listens"),
            session: String::new(),
            _profile: profile,
        };
        let data = format!("--user-data-dir={}", browser._profile.path().display());
        let mut arguments = ARGUMENTS.to_vec();
        arguments.push(&data);
        let options =
            json!({ "binary": which(&program("KEYVET_CHROMIUM", "chromium")), "args": arguments });
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        } } });
        let made = browser.ask("POST", "/session", &wanted);
        browser.session = made["sessionId"].as_str().expect("a session has an id").to_owned();
        browser
    }

    /// Loads a file and waits until it is there; the logs begin with it, not with the browser's own first page.
    ///
    /// # Panics
    /// When the browser refuses.
    pub fn open(&self, file: &Path) {
        self.command("url", &json!({ "url": "about:blank" }));
        let _before = (self.requests(), self.console());
        self.command("url", &json!({ "url": format!("file://{}", file.display()) }));
    }

    /// Runs a script in the page, the body of a function, and gives what it returns.
    ///
    /// # Panics
    /// When the script throws.
    #[must_use]
    pub fn run(&self, script: &str) -> Value {
        self.command("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Sends a command of the DevTools protocol.
    ///
    /// # Panics
    /// When it is refused.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.command("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// What the page wrote to its console since the last call: errors, warnings, violated policies.
    ///
    /// # Panics
    /// When the browser does not say.
    #[must_use]
    pub fn console(&self) -> Vec<Value> {
        self.log("browser")
    }

    /// The addresses of every request since the last call.
    ///
    /// # Panics
    /// When the browser does not say.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        let events = self.log("performance").into_iter().filter_map(|entry| {
            let event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let sent = event["message"]["method"] == "Network.requestWillBeSent";
            let url = event["message"]["params"]["request"]["url"].as_str()?.to_owned();
            sent.then_some(url)
        });
        events.collect()
    }

    fn log(&self, name: &str) -> Vec<Value> {
        let entries = self.command("se/log", &json!({ "type": name }));
        entries.as_array().expect("a log is a list").clone()
    }

    fn command(&self, name: &str, body: &Value) -> Value {
        self.ask("POST", &format!("/session/{}/{name}", self.session), body)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.answer(method, path, body).expect("chromedriver answers");
        let value = answer.get("value").cloned().unwrap_or_default();
        assert!(value.get("error").is_none(), "{method} {path}: {value:#}");
        value
    }

    fn answer(&self, method: &str, path: &str, body: &Value) -> io::Result<Value> {
        let body = body.to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        answer(&mut BufReader::new(stream))
    }
}

impl Drop for Browser {
    /// Also after a failed test: the driver, killed, would leave its browser behind.
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = self.answer("DELETE", &format!("/session/{}", self.session), &json!({}));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The body of an HTTP answer, whose length is told.
fn answer(stream: &mut impl BufRead) -> io::Result<Value> {
    let mut length = 0;
    let mut line = String::new();
    while stream.read_line(&mut line)? > 2 {
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    serde_json::from_slice(&body).map_err(io::Error::other)
}

/// The path of a program, which the driver does not look for by itself.
fn which(program: &str) -> String {
    let folders = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&folders).map(|folder| folder.join(program)).find(|p| p.is_file());
    found.map_or_else(|| program.to_owned(), |path| path.display().to_string())
}

/// No window, no sandbox (tests run as root in containers), and nothing that goes out by itself.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1200,1600",
];
