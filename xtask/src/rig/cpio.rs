//! The archive a kernel unpacks as its first root: cpio in the `newc` form (linux, driver-api/early-userspace).

/// An archive that grows.
#[derive(Default)]
pub(crate) struct Archive {
    bytes: Vec<u8>,
    count: usize,
}

impl Archive {
    /// A folder.
    pub(crate) fn folder(&mut self, path: &str) {
        self.entry(path, 0o040_755, &[]);
    }

    /// A file that can be run.
    pub(crate) fn program(&mut self, path: &str, bytes: &[u8]) {
        self.entry(path, 0o100_755, bytes);
    }

    /// The archive with its end.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, &[]);
        self.bytes
    }

    fn entry(&mut self, path: &str, mode: u32, bytes: &[u8]) {
        self.count = self.count.saturating_add(1);
        let name = path.len().saturating_add(1);
        // magic, inode, mode, owner, group, links, time, size, device, and the length of the name
        let header = format!(
            "070701{:08x}{mode:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{name:08x}{:08x}",
            self.count,
            0,
            0,
            1,
            0,
            bytes.len(),
            0,
            0,
            0,
            0,
            0
        );
        self.bytes.extend(header.as_bytes());
        self.bytes.extend(path.as_bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend(bytes);
        self.pad();
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_begin_at_multiples_of_four_and_the_last_is_the_trailer() {
        let mut archive = Archive::default();
        archive.folder("dev");
        archive.program("init", b"#!/bin/sh");
        let bytes = archive.finish();
        assert_eq!(bytes.len() % 4, 0);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let starts: Vec<usize> = text.match_indices("070701").map(|(at, _)| at).collect();
        assert_eq!(starts, [0, 116, 244]);
        assert!(text.contains("TRAILER!!!"));
        assert!(text.starts_with("07070100000001000041ed"), "{text}");
    }
}
