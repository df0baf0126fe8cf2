//! Figures of interleaved rounds, and the table made of them.

use std::fmt::Write;

/// One figure, measured once a round.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// A value a round; all of one table are of the same unit.
    pub values: Vec<f64>,
    /// Highest peak memory of any round, in kB; 0 when it is not the figure of one program.
    pub peak_kb: i64,
}

impl Series {
    /// Adds a round.
    pub fn push(&mut self, value: f64, peak_kb: i64) {
        self.values.push(value);
        self.peak_kb = self.peak_kb.max(peak_kb);
    }

    /// The least value: what the work costs when the machine lets it be.
    pub fn min(&self) -> f64 {
        self.values.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// Ratio of the least values, and the range of the ratios of each round.
    pub fn ratio(&self, partner: &Self) -> Ratio {
        let rounds = self.values.iter().zip(&partner.values).map(|(own, other)| own / other);
        let rounds: Vec<f64> = rounds.collect();
        Ratio {
            of_minima: self.min() / partner.min(),
            low: rounds.iter().copied().fold(f64::INFINITY, f64::min),
            high: rounds.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

/// How one series stands to another.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    /// Of the least values.
    pub of_minima: f64,
    /// Least of any round.
    pub low: f64,
    /// Greatest of any round.
    pub high: f64,
}

/// A limit the project has set itself.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// None: a partner or context.
    None,
    /// Ratio to the partner.
    Ratio(f64),
    /// Milliseconds.
    Millis(f64),
    /// Peak memory in MB.
    Megabytes(f64),
    /// Ratio to the partner, and peak memory in MB.
    RatioAndMegabytes(f64, f64),
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// What was measured.
    pub name: &'a str,
    /// The figure.
    pub series: &'a Series,
    /// The partner and what it is called.
    pub partner: Option<(&'a str, &'a Series)>,
    /// What was aimed at.
    pub goal: Goal,
}

/// A Markdown table; `unit` is `ms` or `µs`.
pub fn table(unit: &str, lines: &[Line<'_>]) -> String {
    let mut out = format!(
        "| | CPU, least of rounds ({unit}) | ratio (range over rounds) | to | peak RSS (MB) | goal | met |\n\
         |---|---|---|---|---|---|---|\n"
    );
    for line in lines {
        let (ratio, to) = match &line.partner {
            Some((name, partner)) => (shown(line.series.ratio(partner)), *name),
            None => ("–".to_owned(), "–"),
        };
        let peak = match line.series.peak_kb {
            0 => "–".to_owned(),
            kb => format!("{:.1}", megabytes(kb)),
        };
        let (goal, met) = verdict(line, unit);
        let least = line.series.min();
        let name = line.name;
        writeln!(out, "| {name} | {least:.2} | {ratio} | {to} | {peak} | {goal} | {met} |")
            .expect("a string takes every line");
    }
    out
}

fn shown(ratio: Ratio) -> String {
    let Ratio { of_minima, low, high } = ratio;
    format!("{of_minima:.2} ({low:.2}–{high:.2})")
}

fn verdict(line: &Line<'_>, unit: &str) -> (String, &'static str) {
    let ratio = line.partner.as_ref().map(|(_, partner)| line.series.ratio(partner).of_minima);
    let within = |limit: f64| ratio.is_some_and(|ratio| ratio <= limit);
    let small = |limit: f64| megabytes(line.series.peak_kb) <= limit;
    let millis = if unit == "ms" { line.series.min() } else { line.series.min() / 1000.0 };
    let (goal, met) = match line.goal {
        Goal::None => return ("–".to_owned(), "–"),
        Goal::Ratio(limit) => (format!("≤ {limit:.2} ×"), within(limit)),
        Goal::Millis(limit) => (format!("≤ {limit} ms"), millis <= limit),
        Goal::Megabytes(limit) => (format!("≤ {limit} MB"), small(limit)),
        Goal::RatioAndMegabytes(limit, size) => {
            (format!("≤ {limit:.2} ×, ≤ {size} MB"), within(limit) && small(size))
        }
    };
    (goal, if met { "yes" } else { "**no**" })
}

fn megabytes(kb: i64) -> f64 {
    f64::from(i32::try_from(kb).unwrap_or(i32::MAX)) / 1024.0
}
