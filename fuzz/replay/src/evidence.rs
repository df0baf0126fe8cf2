//! The files a registration travels in.

use crate::checks;
use keyvet_evidence::{ClientData, Form, MAX_LEN, read, write};

/// Reads a file in whatever form, writes it as an evidence file, and reads that: the registration is the same.
pub fn evidence_file(data: &[u8]) {
    let registration = match read(data) {
        Ok(registration) => registration,
        Err(error) => return checks::error(data, &error),
    };
    assert!(data.len() <= MAX_LEN, "more than the limit was read");
    assert!(!registration.attestation_object.is_empty());
    if let Some(json) = &registration.client_data_json {
        client_data(data, json);
    }
    let written = write(&registration);
    if written.len() > MAX_LEN {
        // base64 is longer than the bytes: a raw object near the limit has no evidence file
        return;
    }
    let mut again = read(written.as_bytes()).expect("what is written can be read");
    assert_eq!(again.form, Form::Evidence);
    again.form = registration.form;
    assert_eq!(again, registration, "writing loses something");
}

fn client_data(input: &[u8], json: &[u8]) {
    match ClientData::parse(json) {
        Ok(client_data) => drop(client_data.host()),
        Err(error) => checks::error(input, &error),
    }
}
