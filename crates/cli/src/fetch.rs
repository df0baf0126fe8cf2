//! Download of the metadata BLOB over HTTPS: bounded in size and time, and checked afterwards like any file.
//!
//! The connection is authenticated by the operating system's trust store; what is downloaded is trusted
//! only for its own signature.

use crate::{error::CliError, exit::Exit, input::MAX_BLOB_BYTES};
use indicatif::{ProgressBar, ProgressStyle};
use keyvet_finding::{Culprit, Kind, Printable, Severity};
use rustls::crypto::aws_lc_rs as provider;
use std::{
    io::{ErrorKind, Read},
    sync::Arc,
    time::Duration,
};
use ureq::{
    Agent, Error,
    tls::{RootCerts, TlsConfig},
};

/// Where the FIDO Alliance publishes the current BLOB.
pub(crate) const MDS_URL: &str = "https://mds3.fidoalliance.org/";
/// Time for the connection to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Time until the server begins to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Time for everything.
const WHOLE_TIMEOUT: Duration = Duration::from_secs(600);
/// Bytes read at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// How a download is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Download {
    /// Draw a progress bar on standard error.
    pub(crate) progress: bool,
    /// Also take `http://` addresses of this machine.
    pub(crate) danger_http_loopback: bool,
}

impl Download {
    /// The bytes at `url`.
    ///
    /// # Errors
    /// Exit class 2 for an address that is not taken, 13 for everything that goes wrong on the way.
    pub(crate) fn get(self, url: &str) -> Result<Vec<u8>, CliError> {
        let plain = self.danger_http_loopback && is_loopback_http(url);
        if !plain && !url.starts_with("https://") {
            return Err(CliError::usage(&ADDRESS, format_args!("{} is not https", Printable(url))));
        }
        let response = agent(!plain).get(url).call().map_err(|error| failed(url, &error))?;
        if !response.status().is_success() {
            return Err(network(
                &STATUS,
                url,
                format_args!("status {}", response.status().as_u16()),
            ));
        }
        let len = response.body().content_length();
        let bar = self.bar(len);
        let limit = MAX_BLOB_BYTES.saturating_add(1);
        let reader = response.into_body().into_with_config().limit(limit).reader();
        let bytes = receive(bar.wrap_read(reader), len, url);
        bar.finish_and_clear();
        bytes
    }

    fn bar(self, len: Option<u64>) -> ProgressBar {
        if !self.progress {
            return ProgressBar::hidden();
        }
        let template = "{bytes} of {total_bytes} {wide_bar} {eta}";
        let style = ProgressStyle::with_template(template);
        let bar = len.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        style.map_or(bar.clone(), |style| bar.with_style(style))
    }
}

fn agent(https_only: bool) -> Agent {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(provider::default_provider()));
    Agent::config_builder()
        .https_only(https_only)
        .max_redirects(if https_only { 3 } else { 0 })
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_recv_response(Some(ANSWER_TIMEOUT))
        .timeout_global(Some(WHOLE_TIMEOUT))
        .user_agent(concat!("keyvet/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls.build())
        .build()
        .into()
}

/// Reads to the end, and holds the server to the length it promised and to our limit.
fn receive(mut from: impl Read, promised: Option<u64>, url: &str) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = from.read(&mut piece).map_err(|error| broken_off(url, &error))?;
        if read == 0 {
            break;
        }
        bytes.extend_from_slice(piece.get(..read).unwrap_or_default());
        if u64::try_from(bytes.len()).is_ok_and(|len| len > MAX_BLOB_BYTES) {
            return Err(network(&TOO_LARGE, url, format_args!("more than {MAX_BLOB_BYTES} bytes")));
        }
    }
    match promised {
        Some(len) if u64::try_from(bytes.len()) != Ok(len) => {
            let got = bytes.len();
            Err(network(&FAILED, url, format_args!("{got} of {len} bytes arrived")))
        }
        _ => Ok(bytes),
    }
}

fn broken_off(url: &str, error: &std::io::Error) -> CliError {
    let kind = if error.kind() == ErrorKind::TimedOut { &TIMEOUT } else { &FAILED };
    network(kind, url, format_args!("{error}"))
}

/// Whether `url` is `http://` on this very machine.
fn is_loopback_http(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| {
        authority.strip_prefix(host).is_some_and(|port| {
            port.is_empty()
                || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
        })
    })
}

fn failed(url: &str, error: &Error) -> CliError {
    let kind = match error {
        Error::StatusCode(_) | Error::TooManyRedirects | Error::RedirectFailed => &STATUS,
        Error::Timeout(_) => &TIMEOUT,
        Error::HostNotFound | Error::ConnectionFailed => &UNREACHABLE,
        Error::Tls(_) | Error::Rustls(_) => &TLS,
        Error::BadUri(_) | Error::RequireHttpsOnly(_) => {
            return CliError::usage(&ADDRESS, format_args!("{}: {error}", Printable(url)));
        }
        Error::Io(cause) if cause.kind() == ErrorKind::TimedOut => &TIMEOUT,
        Error::Io(cause) if cause.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
            &TLS
        }
        Error::Io(cause) if is_connect(cause.kind()) => &UNREACHABLE,
        _ => &FAILED,
    };
    network(kind, url, format_args!("{error}"))
}

/// Whether no connection came about; a name that cannot be looked up has no kind of its own.
fn is_connect(kind: ErrorKind) -> bool {
    !matches!(
        kind,
        ErrorKind::BrokenPipe
            | ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::InvalidData
            | ErrorKind::UnexpectedEof
    )
}

fn network(kind: &'static Kind, url: &str, what: std::fmt::Arguments<'_>) -> CliError {
    CliError::new(kind, format_args!("{}: {what}", Printable(url)), Exit::Network)
}

/// What a download can fail with.
pub(crate) static KINDS: &[&Kind] =
    &[&ADDRESS, &UNREACHABLE, &TIMEOUT, &TLS, &STATUS, &TOO_LARGE, &FAILED];

/// The address is not one keyvet fetches from.
pub(crate) static ADDRESS: Kind = Kind {
    id: "cli.fetch-address",
    severity: Severity::Error,
    culprit: Culprit::Input,
    meaning: "The address is not an https address that keyvet can fetch metadata from.",
    next_step: "Leave --url out to use the FIDO Alliance's address, or give one that starts with https://.",
    source: "keyvet",
};

/// No connection.
pub(crate) static UNREACHABLE: Kind = Kind {
    id: "cli.fetch-unreachable",
    severity: Severity::Error,
    culprit: Culprit::Network,
    meaning: "The server could not be reached.",
    next_step: "Check the network and the proxy (HTTPS_PROXY); or download the file elsewhere and run \
                `keyvet mds import FILE`.",
    source: "keyvet",
};

/// No answer in time.
pub(crate) static TIMEOUT: Kind = Kind {
    id: "cli.fetch-timeout",
    severity: Severity::Error,
    culprit: Culprit::Network,
    meaning: "The server did not answer in time.",
    next_step: "Try again; or download the file elsewhere and run `keyvet mds import FILE`.",
    source: "keyvet",
};

/// The server is not who it should be.
pub(crate) static TLS: Kind = Kind {
    id: "cli.fetch-tls",
    severity: Severity::Error,
    culprit: Culprit::Network,
    meaning: "The server could not prove who it is, or a secure connection could not be agreed on.",
    next_step: "Check the clock; behind a proxy that opens connections, add its root to the system's trust \
                store; or download the file elsewhere and run `keyvet mds import FILE`.",
    source: "RFC 8446",
};

/// The server said no.
pub(crate) static STATUS: Kind = Kind {
    id: "cli.fetch-status",
    severity: Severity::Error,
    culprit: Culprit::Network,
    meaning: "The server answered, but not with the file.",
    next_step: "Check the address; if it is right, try again later.",
    source: "RFC 9110 §15",
};

/// The server sends far too much.
pub(crate) static TOO_LARGE: Kind = Kind {
    id: "cli.fetch-too-large",
    severity: Severity::Error,
    culprit: Culprit::Network,
    meaning: "The server sends far more than any metadata BLOB holds; the download was stopped.",
    next_step: "Check the address given with --url.",
    source: "keyvet",
};

/// Anything else on the way.
pub(crate) static FAILED: Kind = Kind {
    id: "cli.fetch-failed",
    severity: Severity::Error,
    culprit: Culprit::Network,
    meaning: "The download broke off.",
    next_step: "Try again; or download the file elsewhere and run `keyvet mds import FILE`.",
    source: "keyvet",
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Write, net::TcpListener, thread};

    const LOOPBACK: Download = Download { progress: false, danger_http_loopback: true };

    /// Serves `answer` to one request on a free port of this machine; returns the address.
    fn serve(answer: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            let _ = stream.write_all(answer);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        });
        format!("http://127.0.0.1:{port}/blob")
    }

    fn refusal(answer: &'static [u8]) -> (&'static str, Exit) {
        let error = LOOPBACK.get(&serve(answer)).unwrap_err();
        (error.finding().id(), error.exit())
    }

    #[test]
    fn what_the_server_sends_is_returned() {
        let url = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na.b.c");
        assert_eq!(LOOPBACK.get(&url).unwrap(), b"a.b.c");
    }

    #[test]
    fn a_download_that_breaks_off_is_no_file() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\na.b.c";
        assert_eq!(refusal(answer), (FAILED.id, Exit::Network));
    }

    #[test]
    fn a_refusal_and_a_redirect_are_told() {
        let gone = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(refusal(gone), (STATUS.id, Exit::Network));
        let moved =
            b"HTTP/1.1 302 Found\r\nLocation: http://example.org/\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(refusal(moved), (STATUS.id, Exit::Network));
    }

    #[test]
    fn what_is_not_http_is_told() {
        assert_eq!(refusal(b"\x15\x03\x01 hello\r\n\r\n"), (FAILED.id, Exit::Network));
    }

    #[test]
    fn a_closed_port_is_unreachable() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let error = LOOPBACK.get(&format!("http://127.0.0.1:{port}/")).unwrap_err();
        assert_eq!((error.finding().id(), error.exit()), (UNREACHABLE.id, Exit::Network));
    }

    #[test]
    fn a_name_that_cannot_be_looked_up_is_unreachable() {
        let unknown = std::io::Error::other("failed to lookup address information");
        assert_eq!(failed("https://x/", &Error::from(unknown)).finding().id(), UNREACHABLE.id);
    }

    #[test]
    fn a_server_that_speaks_no_tls_is_not_trusted() {
        let url = serve(b"HTTP/1.1 400 Bad Request\r\n\r\n").replace("http://", "https://");
        let error = LOOPBACK.get(&url).unwrap_err();
        assert_eq!((error.finding().id(), error.exit()), (TLS.id, Exit::Network));
    }

    #[test]
    fn more_than_the_limit_is_stopped() {
        let error = receive(std::io::repeat(b'a'), None, "https://x/").unwrap_err();
        assert_eq!((error.finding().id(), error.exit()), (TOO_LARGE.id, Exit::Network));
    }

    #[test]
    fn a_slow_server_is_a_time_out() {
        let late = std::io::Error::from(ErrorKind::TimedOut);
        assert_eq!(failed("https://x/", &Error::from(late)).finding().id(), TIMEOUT.id);
    }

    #[test]
    fn only_https_and_loopback_are_taken() {
        let strict = Download { danger_http_loopback: false, ..LOOPBACK };
        let cases = [
            (strict, "http://127.0.0.1/"),
            (strict, "ftp://x/"),
            (LOOPBACK, "http://example.org/"),
            (LOOPBACK, "http://127.0.0.1.example.org/"),
            (LOOPBACK, "http://localhost@example.org/"),
            (LOOPBACK, "http://127.0.0.1:80@example.org/"),
        ];
        for (download, url) in cases {
            let error = download.get(url).unwrap_err();
            assert_eq!((error.finding().id(), error.exit()), (ADDRESS.id, Exit::Usage), "{url}");
        }
    }
}
