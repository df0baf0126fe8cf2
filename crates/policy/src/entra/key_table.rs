//! Microsoft's published table of keys that are eligible while attestation is enforced.
//!
//! The table is data with a date: `data/entra-attestable-keys.csv`, from *Microsoft Entra documentation*
//! (Microsoft, CC BY 4.0). Its first lines say which edition of the page it is; every reason that rests
//! on it repeats that. Microsoft takes in metadata monthly and may lag by up to four weeks.

use keyvet_ctap::Aaguid;
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

/// Microsoft's table of attestable keys, one edition of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyTable {
    edition: Edition,
    rows: Vec<KeyRow>,
    by_aaguid: HashMap<Aaguid, usize>,
}

/// Which edition of the page a [`KeyTable`] is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Edition {
    /// Commit of the page in the public documentation repository.
    pub page_commit: String,
    /// The date on the page, as printed there (month/day/year by that repository's habit).
    pub page_date: String,
    /// Number of the FIDO metadata file that the page says it reflects.
    pub mds_no: u64,
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let commit = self.page_commit.get(..8).unwrap_or(&self.page_commit);
        let Self { page_date, mds_no, .. } = self;
        write!(
            f,
            "Entra key table, page of {page_date} (commit {commit}), from FIDO metadata no {mds_no}"
        )
    }
}

/// One row of the table. The AAGUID identifies it; descriptions repeat (265 rows, 224 names).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct KeyRow {
    /// The model.
    pub aaguid: Aaguid,
    /// The page's description.
    pub description: String,
    /// The columns Bio, USB, NFC and BLE. They describe metadata, not the product: nine rows have none.
    pub bio_usb_nfc_ble: [bool; 4],
}

/// Why a text is not a key table.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("key table line {line}: {cause}")]
pub struct KeyTableError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub cause: &'static str,
}

impl KeyTable {
    /// The table that came with this program.
    ///
    /// # Panics
    /// Never: the data is compiled in, and a test reads it.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static TABLE: LazyLock<KeyTable> = LazyLock::new(|| {
            #[expect(clippy::expect_used, reason = "compiled-in data, read by a test")]
            KeyTable::parse(DATA).expect("the embedded key table is well formed")
        });
        &TABLE
    }

    /// Reads a table: comment lines `# name: value` naming the edition, a header, then rows.
    ///
    /// # Errors
    /// [`KeyTableError`] at the first line that is not one of these, and for a repeated AAGUID.
    pub fn parse(text: &str) -> Result<Self, KeyTableError> {
        let mut table =
            Self { edition: Edition::default(), rows: vec![], by_aaguid: HashMap::new() };
        for (i, line) in text.lines().enumerate() {
            table.take(line).map_err(|cause| KeyTableError { line: i.saturating_add(1), cause })?;
        }
        Ok(table)
    }

    fn take(&mut self, line: &str) -> Result<(), &'static str> {
        if let Some(comment) = line.strip_prefix("# ") {
            return self.edition.take(comment);
        }
        if line == HEADER || line.is_empty() {
            return Ok(());
        }
        let row = KeyRow::parse(line).ok_or("not a row of the table")?;
        match self.by_aaguid.insert(row.aaguid, self.rows.len()) {
            Some(_) => Err("AAGUID repeated"),
            None => {
                self.rows.push(row);
                Ok(())
            }
        }
    }

    /// Which edition this is.
    #[must_use]
    pub fn edition(&self) -> &Edition {
        &self.edition
    }

    /// The row of a model. The zero AAGUID names no model and has none.
    #[must_use]
    pub fn row(&self, aaguid: Aaguid) -> Option<&KeyRow> {
        self.by_aaguid.get(&aaguid).filter(|_| !aaguid.is_zero()).and_then(|i| self.rows.get(*i))
    }

    /// All rows, in the page's order.
    #[must_use]
    pub fn rows(&self) -> &[KeyRow] {
        &self.rows
    }
}

impl Edition {
    fn take(&mut self, comment: &str) -> Result<(), &'static str> {
        match comment.split_once(": ") {
            Some(("page-commit", text)) => self.page_commit = text.to_owned(),
            Some(("page-date", text)) => self.page_date = text.to_owned(),
            Some(("mds-no", text)) => {
                self.mds_no = text.parse().map_err(|_| "mds-no is not a number")?;
            }
            _ => {}
        }
        Ok(())
    }
}

impl KeyRow {
    fn parse(line: &str) -> Option<Self> {
        let (description, rest) = match line.strip_prefix('"') {
            Some(quoted) => quoted.split_once("\",")?,
            None => line.split_once(',')?,
        };
        let (aaguid, flags) = rest.split_once(',')?;
        let flags: Vec<bool> = flags.split(',').map(flag).collect::<Option<_>>()?;
        Some(Self {
            aaguid: aaguid.parse().ok()?,
            description: description.to_owned(),
            bio_usb_nfc_ble: flags.try_into().ok()?,
        })
    }
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

const DATA: &str = include_str!("../../data/entra-attestable-keys.csv");
const HEADER: &str = "description,aaguid,bio,usb,nfc,ble";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_table_is_the_recorded_page() {
        let recorded = include_str!("../../../../tests/vectors/entra/attestable-keys.csv");
        assert!(DATA.ends_with(recorded), "rows differ from the recorded table");
        let table = KeyTable::embedded();
        let count = |i: usize| table.rows().iter().filter(|row| row.bio_usb_nfc_ble[i]).count();
        assert_eq!(table.rows().len(), 265);
        assert_eq!([count(0), count(1), count(2), count(3)], [75, 195, 143, 19]);
        assert_eq!(
            table.edition().to_string(),
            "Entra key table, page of 10/06/2026 (commit 01deb00f), from FIDO metadata no 285"
        );
    }

    #[test]
    fn descriptions_with_commas_are_one_column() {
        let aaguid = "12755c32-8ad1-46eb-881c-e0b38d848b09".parse().unwrap();
        let row = KeyTable::embedded().row(aaguid).unwrap();
        assert_eq!(row.description, "Feitian ePass FIDO Authenticator (CTAP2.1, CTAP2.0, U2F)");
    }

    #[test]
    fn a_damaged_table_is_refused_with_its_line() {
        let error = |text: &str| KeyTable::parse(text).unwrap_err().to_string();
        let row = "A,50a45b0c-80e7-f944-bf29-f552bfa2e048,no,yes,no,no";
        assert_eq!(error(&format!("{row}\n{row}")), "key table line 2: AAGUID repeated");
        assert_eq!(error("A,50a45b0c,no,yes,no,no"), "key table line 1: not a row of the table");
        assert_eq!(error(&row.replace("yes", "maybe")), "key table line 1: not a row of the table");
        assert_eq!(error("# mds-no: x"), "key table line 1: mds-no is not a number");
    }

    #[test]
    fn the_zero_aaguid_has_no_row_even_if_listed() {
        let text = "None,00000000-0000-0000-0000-000000000000,no,no,no,no";
        assert_eq!(KeyTable::parse(text).unwrap().row(Aaguid::ZERO), None);
    }
}
