//! Wrong CBOR: what a quirk makes of an honest answer.

use super::Quirk;
use super::cbor::{self, Members};

/// Status and CBOR of a successful answer.
pub(super) fn encode(members: &Members, quirks: &[Quirk]) -> Vec<u8> {
    let mut members = members.clone();
    for quirk in quirks {
        bend_members(*quirk, &mut members);
    }
    let body =
        quirks.iter().fold(members.encode(), |body, quirk| bend_bytes(*quirk, &members, body));
    [vec![0x00], body].concat()
}

fn bend_members(quirk: Quirk, members: &mut Members) {
    let list = &mut members.0;
    match quirk {
        Quirk::DuplicateKeys => list.extend(list.first().cloned()),
        Quirk::KeyOrder => list.reverse(),
        Quirk::NonCanonical => {
            if let Some((key, _)) = list.first_mut() {
                key.insert(0, 0x18);
            }
        }
        _ => list.extend(unknown(quirk).map(|value| (cbor::unsigned(0x7f), value))),
    }
}

/// The value of an unknown member.
fn unknown(quirk: Quirk) -> Option<Vec<u8>> {
    Some(match quirk {
        Quirk::DeepNesting => [vec![0x81; 100], vec![0x00]].concat(),
        Quirk::HugeArray => vec![0x9b, 0, 0, 0, 1, 0, 0, 0, 0],
        Quirk::HugeBytes => vec![0x5a, 0xff, 0xff, 0xff, 0xff],
        Quirk::Tagged => vec![0xc1, 0x00],
        Quirk::Float => vec![0xf9, 0x3c, 0x00],
        Quirk::UnknownMember => cbor::text("what no specification names"),
        Quirk::InvalidUtf8 => cbor::raw_text(&[b'c', b'a', b'f', 0xc3]),
        _ => return None,
    })
}

fn bend_bytes(quirk: Quirk, members: &Members, mut body: Vec<u8>) -> Vec<u8> {
    match quirk {
        Quirk::EmptyAnswer => body.clear(),
        Quirk::NotAMap => body = cbor::array(&[body]),
        Quirk::Truncated => drop(body.pop()),
        Quirk::Trailing => body.push(0x00),
        Quirk::Indefinite => {
            body = [vec![0xbf], cbor::pairs_of(&members.0), vec![0xff]].concat();
        }
        _ => {}
    }
    body
}
