//! `--matrix`: everybody in every usual context, people with the same answers together.

use super::rulebook;
use crate::{
    commands::Outcome,
    document::{
        Document,
        readiness::{AttemptResult, TenantRead},
        readiness_matrix::{MatrixCell, MatrixContext, MatrixDocument, MatrixRow, SCHEMA, Totals},
    },
    exit::Exit,
    html,
    text::readiness_words as words,
};
use keyvet_readiness::{
    Matrix, Person, RULESET, SignIn, Situation, Summary, Tenant, evaluate, personas,
};
use std::{collections::HashMap, rc::Rc};

/// The matrix of these people, or of made-up ones where there are none.
pub(super) fn everybody(
    tenant: &Tenant,
    read: TenantRead,
    people: Vec<Person>,
    page: bool,
) -> Outcome {
    let made_up = people.is_empty();
    let people = if made_up { personas() } else { people };
    let situations = Situation::standard(tenant);
    let contexts = situations.iter().map(context).collect();
    let mut rows = Rows::new(tenant, situations);
    people.iter().for_each(|person| rows.add(person));
    let Rows { rows, mut paths, .. } = rows;
    name_paths(&rows, &mut paths);
    let mut totals = Totals::default();
    for row in &rows {
        row.cells.iter().for_each(|cell| totals.count(cell.verdict, row.people.len()));
    }
    let document = MatrixDocument {
        schema: SCHEMA,
        exit: Exit::Ok.code(),
        ruleset: RULESET,
        tenant: read,
        people: people.len(),
        made_up,
        totals,
        contexts,
        rulebook: rulebook(&paths),
        rows,
        paths,
    };
    Outcome::ok(match page {
        true => Document::Page(html::matrix(&document)),
        false => Document::ReadinessMatrix(Box::new(document)),
    })
}

/// What to call a person.
pub(super) fn name(person: &Person) -> String {
    let name = person.name.as_ref().or(person.id.as_ref());
    name.cloned().unwrap_or_else(|| "somebody".to_owned())
}

fn context(situation: &Situation) -> MatrixContext {
    MatrixContext {
        platform: situation.platform.as_str(),
        surface: situation.surface.word(),
        route: situation.route.as_str(),
        sign_in: match situation.sign_in {
            SignIn::Own => "own".to_owned(),
            SignIn::Pass(kind) => kind.mode().as_str().to_owned(),
        },
    }
}

/// The rows so far. People whom the tenant cannot tell apart are walked once.
struct Rows<'a> {
    tenant: &'a Tenant,
    matrix: Matrix<'a>,
    rows: Vec<MatrixRow>,
    paths: Vec<AttemptResult>,
    /// Answers of one kind of people, by where they are kept; kept here so that they stay there.
    kinds: HashMap<*const Summary, usize>,
    kept: Vec<Rc<[Summary]>>,
    /// Rows by the paths of their cells.
    by_paths: HashMap<Vec<usize>, usize>,
    /// Paths by context and by what happens.
    by_steps: HashMap<(usize, String), usize>,
}

impl<'a> Rows<'a> {
    fn new(tenant: &'a Tenant, situations: Vec<Situation>) -> Self {
        Self {
            tenant,
            matrix: Matrix::new(tenant, situations),
            rows: Vec::new(),
            paths: Vec::new(),
            kinds: HashMap::new(),
            kept: Vec::new(),
            by_paths: HashMap::new(),
            by_steps: HashMap::new(),
        }
    }

    fn add(&mut self, person: &Person) {
        let answers = self.matrix.row(person);
        let at = match self.kinds.get(&answers.as_ptr()) {
            Some(at) => *at,
            None => {
                let at = self.row(person);
                self.kinds.insert(answers.as_ptr(), at);
                self.kept.push(answers);
                at
            }
        };
        if let Some(row) = self.rows.get_mut(at) {
            row.people.push(name(person));
        }
    }

    /// The row of people like this one.
    fn row(&mut self, person: &Person) -> usize {
        let situations = self.matrix.situations().to_vec();
        let paths: Vec<_> = situations
            .iter()
            .enumerate()
            .map(|(column, situation)| self.path(column, situation, person))
            .collect();
        if let Some(at) = self.by_paths.get(&paths) {
            return *at;
        }
        let cells = paths.iter().filter_map(|path| {
            let result = self.paths.get(*path)?;
            Some(MatrixCell {
                verdict: result.verdict,
                stopped_at: result.stopped_at.clone(),
                path: *path,
            })
        });
        let row = MatrixRow { people: Vec::new(), cells: cells.collect() };
        let at = self.rows.len();
        self.rows.push(row);
        self.by_paths.insert(paths, at);
        at
    }

    fn path(&mut self, column: usize, situation: &Situation, person: &Person) -> usize {
        let attempt = situation.attempt(person);
        let at = self.paths.len();
        let result = AttemptResult::new(at, &attempt, &evaluate(self.tenant, &attempt));
        let steps = serde_json::to_string(&(&result.steps, &result.findings)).unwrap_or_default();
        match self.by_steps.get(&(column, steps.clone())) {
            Some(known) => *known,
            None => {
                self.by_steps.insert((column, steps), at);
                self.paths.push(result);
                at
            }
        }
    }
}

/// A path bears the names of all who take it.
fn name_paths(rows: &[MatrixRow], paths: &mut [AttemptResult]) {
    let mut names: HashMap<usize, Vec<String>> = HashMap::new();
    for row in rows {
        for cell in &row.cells {
            names.entry(cell.path).or_default().extend(row.people.iter().cloned());
        }
    }
    for (at, path) in paths.iter_mut().enumerate() {
        path.attempt.person = names.get(&at).map(|names| words::some(names));
    }
}
