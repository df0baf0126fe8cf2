//! Object identifiers: compared and printed from their DER content.

use std::fmt;

/// The content bytes of an OBJECT IDENTIFIER; displays as dotted numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Oid<'a>(pub(crate) &'a [u8]);

impl<'a> Oid<'a> {
    /// Whether this is the identifier written `dotted`, such as `2.5.29.19`.
    ///
    /// Both are read side by side: certificates are asked for some fifty identifiers each.
    pub(crate) fn is(self, dotted: &str) -> bool {
        let mut rest = self.0;
        let (mut number, mut numbers, mut top) = (0_u64, 0_u32, 0_u64);
        for byte in dotted.bytes().chain([b'.']) {
            if byte.is_ascii_digit() {
                number = number.saturating_mul(10).saturating_add((byte & 0x0f).into());
                continue;
            }
            // the first two numbers share one: X.690 §8.19.4
            let wanted = top.saturating_mul(40).saturating_add(number);
            match (byte, numbers, base128(rest)) {
                (b'.', 0, _) => top = number,
                (b'.', _, (Some(have), after)) if have == wanted => (rest, top) = (after, 0),
                _ => return false,
            }
            (number, numbers) = (0, numbers.saturating_add(1));
        }
        numbers > 1 && rest.is_empty()
    }

    /// The numbers; `None` for one that is cut short or does not fit 64 bits.
    fn arcs(self) -> impl Iterator<Item = Option<u64>> + 'a {
        let mut second = None;
        let mut rest = self.0;
        let mut at_start = true;
        std::iter::from_fn(move || {
            if let Some(arc) = second.take() {
                return Some(Some(arc));
            }
            if rest.is_empty() {
                return None;
            }
            let (number, after) = base128(rest);
            rest = after;
            let Some(number) = number else { return Some(None) };
            if std::mem::take(&mut at_start) {
                let top = (number / 40).min(2);
                second = number.checked_sub(top.saturating_mul(40));
                return Some(Some(top));
            }
            Some(Some(number))
        })
    }
}

/// One base-128 number and what follows it.
fn base128(bytes: &[u8]) -> (Option<u64>, &[u8]) {
    let len = bytes.iter().take_while(|&&b| b & 0x80 != 0).count().saturating_add(1);
    let Some((digits, rest)) = bytes.split_at_checked(len) else { return (None, &[]) };
    let number =
        digits.iter().try_fold(0_u64, |n, &d| n.checked_mul(128)?.checked_add((d & 0x7f).into()));
    (number, rest)
}

impl fmt::Display for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, arc) in self.arcs().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            match arc {
                Some(arc) => write!(f, "{arc}")?,
                None => f.write_str("?")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_text_and_comparison_agree() {
        for (der, text) in [
            (&[0x55, 0x1d, 0x13][..], "2.5.29.19"),
            (
                &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01, 0x04],
                "1.3.6.1.4.1.45724.1.1.4",
            ),
            (&[0x67, 0x81, 0x05, 0x02, 0x01], "2.23.133.2.1"),
            (&[0x09], "0.9"),
            (&[0x55], "2.5"),
        ] {
            assert_eq!(Oid(der).to_string(), text);
            assert!(Oid(der).is(text));
        }
    }

    #[test]
    fn a_longer_a_shorter_and_a_cut_identifier_are_different() {
        let constraints = Oid(&[0x55, 0x1d, 0x13]);
        for other in ["2.5.29", "2.5.29.19.1", "2.5.29.20", "", "2.5.29.x"] {
            assert!(!constraints.is(other), "{other}");
        }
        assert!(!Oid(&[0x55, 0x1d, 0x93]).is("2.5.29.19"));
        assert_eq!(Oid(&[0x55, 0x1d, 0x93]).to_string(), "2.5.29.?");
    }
}
