//! Machines made up of a few lines of text: for tests, and for documents that must not depend on where they are made.

use data_encoding::HEXLOWER;
use std::collections::{BTreeMap, BTreeSet};

use crate::system::{Files, Opening, Pcscd, Person, Platform, Probes, System};

/// A line of a made-up machine cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {number} of the made-up machine says nothing: {line}")]
pub struct MadeUpError {
    /// Number of the line, from 1.
    pub number: usize,
    /// The line.
    pub line: String,
}

impl System {
    /// The machine that `text` describes, a line each; `#` begins a comment:
    ///
    /// - `uid N`, `groups N…`, `env NAME=VALUE`, `windows elevated`, `windows ordinary`;
    /// - `file PATH TEXT` (`\n` is a line break), `bytes PATH HEX`, `dir PATH`, `link PATH TARGET`;
    /// - `open PATH denied|missing|failed`: how the opening of a node ends; without it, well;
    /// - `pcscd answers|stopped|denied|hangs-up|silent`, `no-helper`.
    ///
    /// Links are not followed: a file behind one is named by the path it is looked for at.
    ///
    /// # Errors
    /// [`MadeUpError`].
    pub fn made_up(text: &str) -> Result<Self, MadeUpError> {
        let mut machine = Machine::default();
        for (number, line) in (1..).zip(text.lines()) {
            let said = line.split('#').next().unwrap_or_default().trim();
            if !said.is_empty() && machine.take(said).is_none() {
                return Err(MadeUpError { number, line: line.to_owned() });
            }
        }
        Ok(Self {
            files: Box::new(machine.files),
            probes: Box::new(machine.outcomes),
            person: machine.person,
            environment: machine.environment,
            platform: machine.platform,
        })
    }
}

struct Machine {
    files: Tree,
    outcomes: Outcomes,
    person: Person,
    environment: BTreeMap<String, String>,
    platform: Platform,
}

/// What stands at each path.
#[derive(Default)]
struct Tree {
    files: BTreeMap<String, Vec<u8>>,
    links: BTreeMap<String, String>,
    folders: BTreeSet<String>,
}

/// How each probe ends.
struct Outcomes {
    openings: BTreeMap<String, Opening>,
    pcscd: Pcscd,
    helper: bool,
}

impl Default for Machine {
    fn default() -> Self {
        let outcomes = Outcomes { openings: BTreeMap::new(), pcscd: Pcscd::Answers, helper: true };
        Self {
            files: Tree::default(),
            outcomes,
            person: Person { uid: 1000, groups: vec![1000] },
            environment: BTreeMap::new(),
            platform: Platform::Linux,
        }
    }
}

impl Machine {
    fn take(&mut self, line: &str) -> Option<()> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (path, value) = rest.split_once(' ').unwrap_or((rest, ""));
        match word {
            "uid" => self.person.uid = rest.parse().ok()?,
            "groups" => {
                self.person.groups =
                    rest.split(' ').map(|id| id.parse().ok()).collect::<Option<_>>()?;
            }
            "env" => {
                let (name, value) = rest.split_once('=')?;
                self.environment.insert(name.into(), value.into());
            }
            "windows" => self.platform = Platform::Windows { elevated: rest == "elevated" },
            "file" => self.files.put(path, value.replace("\\n", "\n").into_bytes()),
            "bytes" => self.files.put(path, HEXLOWER.decode(value.as_bytes()).ok()?),
            "dir" => self.files.folder(path),
            "link" => self.files.link_to(path, value),
            "open" => {
                self.outcomes.openings.insert(path.into(), opening(value)?);
            }
            "pcscd" => self.outcomes.pcscd = pcscd(rest)?,
            "no-helper" => self.outcomes.helper = false,
            _ => return None,
        }
        Some(())
    }
}

fn opening(word: &str) -> Option<Opening> {
    Some(match word {
        "denied" => Opening::Denied,
        "missing" => Opening::Missing,
        "failed" => Opening::Failed("Input/output error".into()),
        _ => return None,
    })
}

fn pcscd(word: &str) -> Option<Pcscd> {
    Some(match word {
        "answers" => Pcscd::Answers,
        "stopped" => Pcscd::Stopped,
        "denied" => Pcscd::Denied,
        "hangs-up" => Pcscd::HangsUp,
        "silent" => Pcscd::Silent,
        _ => return None,
    })
}

impl Tree {
    fn put(&mut self, path: &str, bytes: Vec<u8>) {
        self.folder(parent(path));
        self.files.insert(path.into(), bytes);
    }

    fn link_to(&mut self, path: &str, target: &str) {
        self.folder(parent(path));
        self.links.insert(path.into(), target.into());
    }

    fn folder(&mut self, path: &str) {
        if !path.is_empty() && self.folders.insert(path.into()) {
            self.folder(parent(path));
        }
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

impl Files for Tree {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.files.get(path).cloned()
    }

    fn list(&self, path: &str) -> Option<Vec<String>> {
        self.folders.get(path)?;
        let all = self.files.keys().chain(self.links.keys()).chain(&self.folders);
        let inside = all.filter(|entry| parent(entry) == path);
        let names = inside.filter_map(|entry| entry.rsplit('/').next()).map(str::to_owned);
        Some(names.collect::<BTreeSet<_>>().into_iter().collect())
    }

    fn link(&self, path: &str) -> Option<String> {
        self.links.get(path).cloned()
    }

    fn exists(&self, path: &str) -> bool {
        self.files.contains_key(path)
            || self.links.contains_key(path)
            || self.folders.contains(path)
    }
}

impl Probes for Outcomes {
    fn open(&self, path: &str) -> Opening {
        self.openings.get(path).cloned().unwrap_or(Opening::Open)
    }

    fn pcscd(&self, _socket: &str) -> Pcscd {
        self.pcscd
    }

    fn helper(&self) -> bool {
        self.helper
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_what_its_lines_say() {
        let text =
            "uid 7 # somebody\n\nfile /a/b one\\ntwo\nbytes /a/c 00ff\nlink /a/d ../e/f\ndir /x/y";
        let system = System::made_up(text).unwrap();
        assert_eq!(system.person.uid, 7);
        assert_eq!(system.names("/a"), ["b", "c", "d"]);
        assert_eq!(system.line("/a/b").as_deref(), Some("one"));
        assert_eq!(system.files.read("/a/c"), Some(vec![0, 0xff]));
        assert_eq!(system.link_name("/a/d").as_deref(), Some("f"));
        assert!(system.files.exists("/x") && !system.files.exists("/z"));
        assert_eq!(system.files.list("/x/y"), Some(Vec::new()));
        assert_eq!(system.files.list("/z"), None);
    }

    #[test]
    fn a_line_that_says_nothing_is_told_with_its_number() {
        for line in ["frobnicate", "uid many", "bytes /a xyz", "open /dev/hidraw0 perhaps"] {
            let error = System::made_up(&format!("uid 1\n{line}")).err().unwrap();
            assert_eq!((error.number, error.line.as_str()), (2, line));
        }
    }
}
