//! Records taken apart, changed, and put together again without any regard for the rules of CBOR.

use keyvet_cbor::{Item, Mode, Out, Value, decode};
use keyvet_ctap::AttestationObject;
use keyvet_evidence::Registration;

use crate::cases::record;

/// An attestation object in three parts.
pub(crate) struct Object {
    pub(crate) fmt: String,
    pub(crate) auth_data: Vec<u8>,
    pub(crate) statement: Out,
}

impl Object {
    pub(crate) fn encode(&self) -> Vec<u8> {
        encode(&Out::Map(vec![
            ("fmt".into(), self.fmt.as_str().into()),
            ("attStmt".into(), self.statement.clone()),
            ("authData".into(), self.auth_data.as_slice().into()),
        ]))
    }

    /// A member of the statement, which must be there.
    pub(crate) fn member(&mut self, name: &str) -> &mut Out {
        let Out::Map(pairs) = &mut self.statement else { panic!("the statement is no map") };
        let found = pairs.iter_mut().find(|(key, _)| *key == name.into());
        &mut found.unwrap_or_else(|| panic!("no {name}")).1
    }

    /// The bytes of a member.
    pub(crate) fn bytes(&mut self, name: &str) -> &mut Vec<u8> {
        match self.member(name) {
            Out::Bytes(bytes) => bytes,
            other => panic!("{name} is {other:?}"),
        }
    }

    /// The certificates.
    pub(crate) fn x5c(&mut self) -> &mut Vec<Out> {
        match self.member("x5c") {
            Out::Array(items) => items,
            other => panic!("x5c is {other:?}"),
        }
    }

    pub(crate) fn set(&mut self, name: &str, value: Out) {
        let Out::Map(pairs) = &mut self.statement else { panic!("the statement is no map") };
        pairs.retain(|(key, _)| *key != name.into());
        pairs.push((name.into(), value));
    }
}

/// A record with its attestation object changed.
pub(crate) fn altered(id: &str, change: impl FnOnce(&mut Object)) -> Registration {
    let mut registration = record(id);
    let parsed = AttestationObject::parse(&registration.attestation_object).unwrap();
    let statement = decode(&parsed.att_stmt, Mode::Tolerant).unwrap();
    let mut object = Object {
        fmt: parsed.fmt.as_str().to_owned(),
        auth_data: parsed.auth_data.clone(),
        statement: to_out(&statement.item),
    };
    change(&mut object);
    registration.attestation_object = object.encode();
    registration
}

fn to_out(item: &Item<'_>) -> Out {
    match item.value() {
        Value::Unsigned(n) => Out::Unsigned(*n),
        Value::Negative(n) => Out::Negative(*n),
        Value::Bytes(bytes) => Out::Bytes(bytes.to_vec()),
        Value::Text(text) => Out::from(*text),
        Value::Array(items) => Out::Array(items.iter().map(to_out).collect()),
        Value::Map(pairs) => {
            Out::Map(pairs.iter().map(|(key, value)| (to_out(key), to_out(value))).collect())
        }
        Value::Bool(truth) => Out::Bool(*truth),
        Value::Null => Out::Null,
    }
}

/// Encodes in the given order and to any depth: the writer of the product refuses a compound statement's depth.
pub(crate) fn encode(value: &Out) -> Vec<u8> {
    match value {
        Out::Unsigned(n) => head(0, *n),
        Out::Negative(n) => head(1, *n),
        Out::Bytes(bytes) => [head(2, len(bytes.len())), bytes.clone()].concat(),
        Out::Text(text) => [head(3, len(text.len())), text.clone().into_bytes()].concat(),
        Out::Array(items) => {
            let items = items.iter().map(encode);
            std::iter::once(head(4, len(items.len()))).chain(items).collect::<Vec<_>>().concat()
        }
        Out::Map(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| [encode(key), encode(value)].concat());
            std::iter::once(head(5, len(pairs.len()))).chain(pairs).collect::<Vec<_>>().concat()
        }
        Out::Bool(false) => vec![0xf4],
        Out::Bool(true) => vec![0xf5],
        Out::Null => vec![0xf6],
    }
}

fn len(len: usize) -> u64 {
    u64::try_from(len).unwrap()
}

fn head(major: u8, argument: u64) -> Vec<u8> {
    let major = major << 5;
    match argument {
        0..24 => vec![major | u8::try_from(argument).unwrap()],
        24..0x100 => vec![major | 24, u8::try_from(argument).unwrap()],
        0x100..0x1_0000 => {
            [vec![major | 25], u16::try_from(argument).unwrap().to_be_bytes().to_vec()].concat()
        }
        _ => [vec![major | 26], u32::try_from(argument).unwrap().to_be_bytes().to_vec()].concat(),
    }
}
