//! The repository's own files.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("tests/ lies in the repository").to_path_buf()
}

/// A Rust file, cut where its unit tests start.
#[derive(Debug)]
pub struct SourceFile {
    /// Relative to the root of the repository, with slashes.
    pub path: String,
    /// What is built into the product.
    pub product: String,
    /// The rest: from `#[cfg(test)]` on, or all of it below a folder `tests`.
    pub tests: String,
}

impl SourceFile {
    /// The folder below `crates/`, or the first folder.
    #[must_use]
    pub fn package(&self) -> &str {
        let path = self.path.strip_prefix("crates/").unwrap_or(&self.path);
        path.split('/').next().unwrap_or_default()
    }
}

/// Every Rust file below `folder`, in path order.
///
/// # Panics
/// When a file cannot be read.
#[must_use]
pub fn rust_sources(folder: &str) -> Vec<SourceFile> {
    files(folder, "rs").into_iter().map(|path| source(&path)).collect()
}

fn source(path: &Path) -> SourceFile {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let path =
        path.strip_prefix(root()).expect("it was found below the root").display().to_string();
    let outside =
        path.contains("/tests/") || path.ends_with("/tests.rs") || path.starts_with("tests/");
    let begins = ["#[cfg(test)]\nmod ", "#[cfg(all(test, "].map(|begin| text.find(begin));
    let cut = if outside { 0 } else { begins.into_iter().flatten().min().unwrap_or(text.len()) };
    let (product, tests) = text.split_at(cut);
    SourceFile { path, product: product.to_owned(), tests: tests.to_owned() }
}

/// Every file below `folder` whose name ends in `.extension`, in path order; build folders are left out.
///
/// # Panics
/// When a folder cannot be listed.
#[must_use]
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root().join(folder), extension, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("the folder can be listed").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            collect(&path, extension, found);
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
}
