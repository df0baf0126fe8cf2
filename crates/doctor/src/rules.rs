//! The udev rules of a machine: who is given access to security keys. Read for what they do in the end, not run.

use crate::system::System;

/// What the rules do about security keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    /// Files that give the person at the seat every key, by its usage.
    pub(crate) by_usage: Vec<String>,
    /// Lines that give the person at the seat keys of some vendor, each in lower case, and its file.
    pub(crate) by_vendor: Vec<(String, String)>,
    /// Groups that are given keys, and the file that says so.
    pub(crate) groups: Vec<(String, String)>,
    /// The program is there by which rules know keys by their usage.
    pub(crate) fido_id: bool,
}

impl Rules {
    /// The rules in force: a file in `/etc` stands in for those of its name elsewhere.
    pub(crate) fn of(system: &System) -> Self {
        let fido_id = PROGRAMS.iter().any(|path| system.files.exists(path));
        let mut rules = Self { fido_id, ..Self::default() };
        let mut seen: Vec<String> = Vec::new();
        for folder in FOLDERS {
            for file in system.names(folder) {
                if file.ends_with(".rules") && !seen.contains(&file) {
                    let text = system.text(&format!("{folder}/{file}")).unwrap_or_default();
                    rules.read(&file, &text);
                    seen.push(file);
                }
            }
        }
        rules
    }

    fn read(&mut self, file: &str, text: &str) {
        let joined = text.replace("\\\n", " ");
        for line in joined.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            let lower = line.to_lowercase();
            let by_usage = USAGES.iter().any(|usage| line.contains(usage));
            let by_vendor = lower.contains("hidraw") && lower.contains("idvendor");
            if !by_usage && !by_vendor {
                continue;
            }
            match (seat(line), group(line)) {
                (true, _) if by_usage => self.by_usage.push(file.to_owned()),
                (true, _) => self.by_vendor.push((lower, file.to_owned())),
                (false, Some(group)) => self.groups.push((group.to_owned(), file.to_owned())),
                (false, None) => {}
            }
        }
    }

    /// Whether nobody is given anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_usage.is_empty() && self.by_vendor.is_empty() && self.groups.is_empty()
    }

    /// Whether a rule by vendor gives the key of these numbers.
    pub(crate) fn names(&self, vendor: &str, product: &str) -> bool {
        self.by_vendor.iter().any(|(line, _)| {
            line.contains(vendor) && (!line.contains("idproduct") || line.contains(product))
        })
    }
}

/// Whether a rule gives something to the person at the seat.
fn seat(line: &str) -> bool {
    line.contains("TAG+=\"uaccess\"")
}

/// The group that a rule gives something to.
fn group(line: &str) -> Option<&str> {
    let (_, after) = line.split_once("GROUP")?;
    let (_, after) = after.trim_start_matches([':', '+', '=', ' ']).split_once('"')?;
    after.split_once('"').map(|(group, _)| group)
}

/// Members of the group of this name, and its number.
pub(crate) fn group_entry(system: &System, name: &str) -> Option<(u32, Vec<String>)> {
    let text = system.text("/etc/group")?;
    let mut entries = text.lines().map(|line| line.split(':').collect::<Vec<_>>());
    entries.find_map(|entry| match entry.as_slice() {
        [group, _, number, members] if *group == name => {
            let members = members.split(',').map(str::to_owned).collect();
            Some((number.parse().ok()?, members))
        }
        _ => None,
    })
}

/// The name of a user.
pub(crate) fn user_name(system: &System, uid: u32) -> Option<String> {
    let text = system.text("/etc/passwd")?;
    let mut entries = text.lines().map(|line| line.split(':').collect::<Vec<_>>());
    entries.find_map(|entry| match entry.as_slice() {
        [name, _, number, ..] if number.parse() == Ok(uid) => Some((*name).to_owned()),
        _ => None,
    })
}

/// Where rules are looked for, the strongest first.
const FOLDERS: [&str; 5] = [
    "/etc/udev/rules.d",
    "/run/udev/rules.d",
    "/usr/local/lib/udev/rules.d",
    "/usr/lib/udev/rules.d",
    "/lib/udev/rules.d",
];

/// Where the program stands.
const PROGRAMS: [&str; 2] = ["/usr/lib/udev/fido_id", "/lib/udev/fido_id"];

/// What the program says of a key.
const USAGES: [&str; 2] = ["ID_FIDO_TOKEN", "ID_SECURITY_TOKEN"];
