//! What is noticed while reading, each sort told a few times and then counted.

use super::limits::FINDINGS;
use keyvet_finding::{Finding, Kind};
use std::fmt::Display;

/// Findings of one file.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    told: Vec<(Finding, usize)>,
}

impl Findings {
    /// Notes one; the eleventh of its kind and later ones are only counted.
    pub(super) fn add(&mut self, kind: &'static Kind, detail: impl Display) {
        let of_kind = self.told.iter().filter(|(finding, _)| finding.id() == kind.id).count();
        if of_kind < FINDINGS {
            self.told.push((Finding::new(kind, detail), 0));
        } else if let Some((_, more)) =
            self.told.iter_mut().rev().find(|(finding, _)| finding.id() == kind.id)
        {
            *more = more.saturating_add(1);
        }
    }

    /// All of them, in order.
    pub(super) fn into_list(self) -> Vec<Finding> {
        let counted = |(finding, more): (Finding, usize)| match more {
            0 => finding,
            more => Finding::new(
                finding.kind(),
                format_args!("{}; and {more} more of this kind", finding.detail()),
            ),
        };
        self.told.into_iter().map(counted).collect()
    }
}
