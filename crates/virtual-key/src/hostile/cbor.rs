//! CBOR items written by hand, so that wrong ones can be written too.

/// The members of an answer, each key and value encoded.
#[derive(Clone, Debug, Default)]
pub(super) struct Members(pub(super) Vec<(Vec<u8>, Vec<u8>)>);

impl Members {
    /// Puts `value` under an integer key, in place of one that is there.
    pub(super) fn put(&mut self, key: u64, value: Vec<u8>) {
        self.remove(key);
        self.0.push((unsigned(key), value));
    }

    /// Takes the member away.
    pub(super) fn remove(&mut self, key: u64) {
        let key = unsigned(key);
        self.0.retain(|(known, _)| *known != key);
    }

    /// The map, in the order of the members.
    pub(super) fn encode(&self) -> Vec<u8> {
        map(&self.0)
    }
}

pub(super) fn unsigned(n: u64) -> Vec<u8> {
    head(0, n)
}

/// The integer `-1 - n`.
pub(super) fn negative(n: u64) -> Vec<u8> {
    head(1, n)
}

pub(super) fn bytes(bytes: &[u8]) -> Vec<u8> {
    [head(2, len(bytes)), bytes.to_vec()].concat()
}

pub(super) fn text(text: &str) -> Vec<u8> {
    raw_text(text.as_bytes())
}

/// A text string of these bytes, be they UTF-8 or not.
pub(super) fn raw_text(bytes: &[u8]) -> Vec<u8> {
    [head(3, len(bytes)), bytes.to_vec()].concat()
}

pub(super) fn array(items: &[Vec<u8>]) -> Vec<u8> {
    [head(4, len(items)), items.concat()].concat()
}

pub(super) fn map(pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    [head(5, len(pairs)), pairs_of(pairs)].concat()
}

/// The pairs of a map without its head.
pub(super) fn pairs_of(pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    pairs.iter().flat_map(|(key, value)| [key.as_slice(), value].concat()).collect()
}

pub(super) fn boolean(truth: bool) -> Vec<u8> {
    vec![if truth { 0xf5 } else { 0xf4 }]
}

/// `{1: 2, 3: alg, -1: 1, -2: x, -3: y}`; `alg` is the `n` of `-1 - n`.
pub(super) fn cose_key(alg: u64, x: &[u8], y: &[u8]) -> Vec<u8> {
    map(&[
        (unsigned(1), unsigned(2)),
        (unsigned(3), negative(alg)),
        (negative(0), unsigned(1)),
        (negative(1), bytes(x)),
        (negative(2), bytes(y)),
    ])
}

fn len<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}

fn head(major: u8, n: u64) -> Vec<u8> {
    let first = |low: u8| major << 5 | low;
    match (u8::try_from(n), u16::try_from(n), u32::try_from(n)) {
        (Ok(n @ ..24), ..) => vec![first(n)],
        (Ok(n), ..) => vec![first(24), n],
        (_, Ok(n), _) => [&[first(25)][..], &n.to_be_bytes()].concat(),
        (.., Ok(n)) => [&[first(26)][..], &n.to_be_bytes()].concat(),
        _ => [&[first(27)][..], &n.to_be_bytes()].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyvet_cbor::{Mode, decode};

    /// What is written here without a quirk is what the strict reader takes.
    #[test]
    fn honest_items_are_canonical() {
        for n in [0, 23, 24, 255, 256, 65535, 65536, u64::from(u32::MAX), u64::MAX] {
            assert_eq!(decode(&unsigned(n), Mode::Strict).unwrap().item.as_u64(), Some(n));
        }
        let key = cose_key(6, &[1; 32], &[2; 32]);
        let decoded = decode(&key, Mode::Strict).unwrap();
        assert_eq!(decoded.item.get_int(3).and_then(|alg| alg.as_i64()), Some(-7));
    }
}
