//! User-Mode Linux: a kernel that is an ordinary program, and boots in a second or two.
//!
//! Debian's own has no HID and no USB in it, so one is built from Debian's sources with `tests/rigs/hid/uml.config`.

use super::machine::{INIT, Machine, boots};
use super::processor::kept_on;
use super::{Ran, Work, apt};
use crate::paths::root;
use crate::process::{command, run};
use crate::system::{BC, BISON, BUSYBOX, C_COMPILER, FLEX, MAKE, XZ, require};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A machine with this kernel.
pub(crate) struct Uml(PathBuf);

impl Uml {
    /// The kernel that `KEYVET_UML` names, or the cache holds, when a no-op boots under it.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn ready() -> Result<Self, String> {
        let kernel = named().or_else(|| folder().map(|folder| folder.join(KERNEL)));
        let kernel = kernel.ok_or("KEYVET_UML is not set, and there is no cache")?;
        if !kernel.is_file() {
            return Err(format!("there is no {} (cargo xtask rig build-uml)", kernel.display()));
        }
        require(&[BUSYBOX])?;
        let machine = Self(kernel);
        boots(&machine, Duration::from_secs(30)).map(|()| machine)
    }
}

impl Machine for Uml {
    fn name(&self) -> String {
        "User-Mode Linux".to_owned()
    }

    fn is_fast(&self) -> bool {
        true
    }

    fn command(&self, job: &Path) -> Vec<String> {
        let init = root().join(INIT);
        let own = [
            self.0.display().to_string(),
            format!("init={}", init.display()),
            format!("rig_job={}", job.display()),
            // its socket for commands, which would be in the home folder
            format!("uml_dir={}/", job.display()),
        ];
        let words = kept_on(0).into_iter().chain(own);
        words.chain(LINE.split(' ').map(str::to_owned)).collect()
    }

    fn terminals(&self) -> [&'static str; 2] {
        ["/dev/tty1", "/dev/tty2"]
    }
}

/// As a step of `cargo xtask test`: builds the kernel when there is none, or one of another configuration. With it the whole
/// suite runs in a few minutes; by emulation the longer half of it would take longer than building.
///
/// # Errors
/// What failed.
pub(crate) fn step() -> Result<Ran, String> {
    let ready = Uml::ready().is_ok();
    match (named(), ready) {
        (Some(_), false) => Err("the kernel that KEYVET_UML names does not boot".to_owned()),
        (Some(_), true) => Ok(Ran::Passed),
        (None, true) if is_current() => Ok(Ran::Passed),
        (None, _) => renew(ready),
    }
}

/// Builds the kernel. One from before serves where that cannot be: not all is run on it, and what is not is counted.
fn renew(ready: bool) -> Result<Ran, String> {
    let can = cfg!(target_arch = "x86_64") && apt::stands_for("linux-source").is_ok();
    match if can { build() } else { Err(NOT_HERE.to_owned()) } {
        Ok(()) => Ok(Ran::Passed),
        Err(why) if ready => {
            println!("the kernel from before serves: {why}");
            Ok(Ran::Passed)
        }
        Err(why) if can => Err(why),
        Err(why) => Ok(Ran::Skipped(why)),
    }
}

/// The kernel that `KEYVET_UML` names.
fn named() -> Option<PathBuf> {
    env::var_os("KEYVET_UML").filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Whether the kernel in the cache is of today's configuration and changes. New sources alone are no reason to build again.
fn is_current() -> bool {
    let made = folder().and_then(|folder| fs::read_to_string(folder.join(STAMP)).ok());
    let made = made.as_deref().and_then(|made| made.split_once('\n'));
    made.is_some_and(|(_, made)| config().is_ok_and(|config| made == recipe(&config)))
}

fn config() -> Result<String, String> {
    fs::read_to_string(root().join(CONFIG)).map_err(|error| format!("{CONFIG}: {error}"))
}

/// What the kernel is made by.
fn recipe(config: &str) -> String {
    format!("# {CHANGES:?}\n{config}")
}

/// Builds the kernel into the cache, unless the one there is of the same sources and the same configuration.
///
/// # Errors
/// What failed; the work folder is deleted in any case.
pub(crate) fn build() -> Result<(), String> {
    require(&[C_COMPILER, MAKE, FLEX, BISON, BC, XZ])?;
    let package = apt::stands_for("linux-source")?;
    let config = config()?;
    let stamp = format!("# {package} {}\n{}", apt::version(&package)?, recipe(&config));
    let folder = folder().ok_or("neither XDG_CACHE_HOME nor HOME says where the cache is")?;
    let made = fs::read_to_string(folder.join(STAMP));
    if made.is_ok_and(|made| made == stamp) && folder.join(KERNEL).is_file() {
        println!("{} is up to date", folder.join(KERNEL).display());
        return Ok(());
    }
    let work = Work::new(folder.join(format!("work-{}", std::process::id())))?;
    compile(&package, &work.0, &config)?;
    let built = work.0.join(KERNEL);
    fs::rename(built, folder.join(KERNEL)).map_err(|error| error.to_string())?;
    fs::write(folder.join(STAMP), stamp).map_err(|error| error.to_string())?;
    println!("built {}", folder.join(KERNEL).display());
    Ok(())
}

fn compile(package: &str, work: &Path, config: &str) -> Result<(), String> {
    println!("fetching {package} (140 MB) and unpacking it (1.5 GB)");
    apt::unpack(package, work)?;
    let archive = work.join("usr/src").join(format!("{package}.tar.xz"));
    let tree = work.join("tree");
    fs::create_dir(&tree).map_err(|error| error.to_string())?;
    run(command("tar")
        .arg("--extract")
        .arg("--strip-components=1")
        .arg("--file")
        .arg(&archive)
        .arg("--directory")
        .arg(&tree))?;
    change(&tree)?;
    let make = |arguments: &[&str]| {
        let mut make = command("make");
        make.current_dir(&tree).args(["ARCH=um", "--silent"]).args(arguments);
        make.env("KCONFIG_ALLCONFIG", root().join(CONFIG));
        make
    };
    run(&mut make(&["allnoconfig"]))?;
    left_out(config, &fs::read_to_string(tree.join(".config")).unwrap_or_default())?;
    let jobs = std::thread::available_parallelism().map_or(2, usize::from);
    println!("compiling with {jobs} jobs (twelve minutes of processor time)");
    run(&mut make(&["linux", &format!("--jobs={jobs}")]))?;
    run(command("strip").arg("-o").arg(work.join(KERNEL)).arg(tree.join("linux")))
}

/// Makes the changes, and gives the kernel a name by which the suite knows it. Sources that look otherwise are built as they are,
/// and the suite runs less on that kernel.
fn change(tree: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    for (file, from, to) in CHANGES {
        let path = tree.join(file);
        let text = fs::read_to_string(&path).map_err(failed)?;
        if text.matches(from).count() != 1 {
            println!("these sources are not changed: {file} does not say {from:?}");
            return Ok(());
        }
        fs::write(&path, text.replacen(from, to, 1)).map_err(failed)?;
    }
    fs::write(tree.join("localversion"), format!("{RELEASE}\n")).map_err(failed)
}

/// A kernel that lacks what was asked for would only be noticed by a test that fails for no reason of its own.
fn left_out(wanted: &str, got: &str) -> Result<(), String> {
    let got: Vec<&str> = got.lines().collect();
    let (needed, _) = wanted.split_once("# where it exists").unwrap_or((wanted, ""));
    let options = needed.lines().filter(|line| line.starts_with("CONFIG_"));
    let missing: Vec<_> = options.filter(|line| !got.contains(line)).collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("these sources do not offer {}", missing.join(" ")))
    }
}

/// The cache folder.
fn folder() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
    Some(cache.join("keyvet/uml"))
}

/// What is changed in the sources: file, text, other text.
///
/// The clock ticks a thousand times a second, not a hundred: a thread has its turn for a tick at least, and every pause in
/// setting up a USB device is rounded up to one. There may be as many HID gadgets as there are controllers, not four. And a
/// controller looks at its transfers once in a millisecond, not eight times: an interrupt costs a machine of this kind so much
/// that five keys would leave time for little else.
const CHANGES: [(&str, &str, &str); 3] = [
    ("arch/um/Kconfig", "config HZ\n\tint\n\tdefault 100\n", "config HZ\n\tint\n\tdefault 1000\n"),
    (
        "drivers/usb/gadget/function/f_hid.c",
        "#define HIDG_MINORS\t4\n",
        "#define HIDG_MINORS\t16\n",
    ),
    (
        "drivers/usb/gadget/udc/dummy_hcd.c",
        "#define DUMMY_TIMER_INT_NSECS\t125000 ",
        "#define DUMMY_TIMER_INT_NSECS\t1000000 ",
    ),
];
/// How the release of a kernel with these changes ends.
pub(crate) const RELEASE: &str = "-keyvet";
const NOT_HERE: &str = "it is built on x86-64, from Debian's linux-source";
/// The rest of the kernel's command line. It takes memory as it needs it. Sixteen gadgets can be plugged in at once, and none is put
/// to sleep by itself; the host's randomness counts as such.
const LINE: &str = "mem=1024M root=/dev/root rootfstype=hostfs rootflags=/ ro con=null con0=null,fd:1 \
                    con1=null,fd:3 con2=null,fd:4 ssl=null quiet loglevel=4 dummy_hcd.num=16 \
                    usbcore.autosuspend=-1 rng_core.default_quality=1000";
const CONFIG: &str = "tests/rigs/hid/uml.config";
const KERNEL: &str = "linux";
/// Says of which sources and which configuration the kernel is.
const STAMP: &str = "made-of";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_that_look_otherwise_are_built_as_they_are_and_not_named_ours() {
        let tree = Work::new(env::temp_dir().join(format!("tree-{}", std::process::id())));
        let tree = tree.unwrap();
        for (file, from, _) in CHANGES {
            let path = tree.0.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("a\n{from}b\n")).unwrap();
        }
        change(&tree.0).unwrap();
        assert_eq!(fs::read_to_string(tree.0.join("localversion")).unwrap(), "-keyvet\n");
        let (file, _, to) = CHANGES[0];
        assert_eq!(fs::read_to_string(tree.0.join(file)).unwrap(), format!("a\n{to}b\n"));
        fs::remove_file(tree.0.join("localversion")).unwrap();
        change(&tree.0).unwrap();
        assert!(!tree.0.join("localversion").exists(), "they were changed before");
    }

    #[test]
    fn an_option_that_the_sources_do_not_offer_is_named() {
        let wanted = "# why\nCONFIG_A=y\nCONFIG_B=y\n# where it exists\nCONFIG_C=y\n";
        assert_eq!(left_out(wanted, "CONFIG_B=y\nCONFIG_A=y\n"), Ok(()));
        let error = left_out(wanted, "CONFIG_A=y\n# CONFIG_B is not set\n").unwrap_err();
        assert!(error.ends_with("CONFIG_B=y"), "{error}");
    }
}
