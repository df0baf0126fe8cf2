//! Codes of sign-ins whose meaning is public, with where it stands.
//!
//! Two tables, as data: `data/entra-fido-codes.csv` (passkeys and Temporary Access Passes) and
//! `data/entra-access-codes.csv` (Conditional Access, registration, and the everyday). Meanings are rewritten;
//! Microsoft warns that codes may change at any time. What is in neither table is unknown, and shown as that.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A code that a public page explains.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Code {
    /// The number behind AADSTS.
    pub number: u32,
    /// Whether the sign-in goes on afterwards.
    pub class: CodeClass,
    /// What it means.
    pub meaning: &'static str,
    /// Where that stands, with the edition.
    pub source: &'static str,
}

/// Whether a sign-in goes on after a code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CodeClass {
    /// The person is asked for something, and the same sign-in goes on.
    Interrupt,
    /// The sign-in ends.
    Failure,
}

impl Code {
    /// The code of this number, where a public page explains it.
    #[must_use]
    pub fn find(number: u32) -> Option<&'static Self> {
        CODES.get(&number)
    }

    /// Every code known, in no order.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        CODES.values()
    }
}

/// Microsoft's page of codes.
const PAGE: &str =
    "Microsoft Entra authentication and authorization error codes, edition 2024-04-24";
/// The public collection of what Microsoft's error look-up answers.
const LIST: &str =
    "Microsoft's error look-up as collected in f-bader/EntraID-ErrorCodes, 2025-09-03";

static FIDO: &str = include_str!("../../data/entra-fido-codes.csv");
static ACCESS: &str = include_str!("../../data/entra-access-codes.csv");

static CODES: LazyLock<HashMap<u32, Code>> = LazyLock::new(|| {
    let fido = FIDO.lines().skip(1).filter_map(fido);
    let access = ACCESS.lines().skip(1).filter_map(access);
    fido.chain(access).map(|code| (code.number, code)).collect()
});

/// `code,meaning`: all of them end the sign-in.
fn fido(row: &'static str) -> Option<Code> {
    let (number, meaning) = row.split_once(',')?;
    let number = number.parse().ok()?;
    Some(Code { number, class: CodeClass::Failure, meaning, source: LIST })
}

/// `code,class,source,meaning`.
fn access(row: &'static str) -> Option<Code> {
    let mut fields = row.splitn(4, ',');
    let number = fields.next()?.parse().ok()?;
    let class = match fields.next()? {
        "interrupt" => CodeClass::Interrupt,
        _ => CodeClass::Failure,
    };
    let source = if fields.next()? == "page" { PAGE } else { LIST };
    Some(Code { number, class, meaning: fields.next()?, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_both_tables_is_a_code_and_none_comes_twice() {
        let rows = FIDO.lines().skip(1).count() + ACCESS.lines().skip(1).count();
        assert_eq!(Code::all().count(), rows);
        for code in Code::all() {
            assert!(code.number > 9999 && code.meaning.len() > 10, "{code:?}");
        }
        let recorded = include_str!("../../../../tests/vectors/entra/aadsts-fido.csv");
        assert_eq!(FIDO, recorded, "the table is the recorded one");
    }

    #[test]
    fn a_table_row_says_class_and_source() {
        let code = Code::find(50074).unwrap();
        assert_eq!((code.class, code.source), (CodeClass::Interrupt, PAGE));
        assert_eq!(Code::find(130_505).unwrap().class, CodeClass::Failure);
        assert_eq!(Code::find(1), None);
    }
}
