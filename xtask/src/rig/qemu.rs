//! QEMU with Debian's kernel: the machine that works wherever QEMU runs, by emulation where there is nothing better.

use super::cpio::Archive;
use super::machine::{INIT, Machine, boots};
use super::{Work, apt};
use crate::paths::{root, target};
use crate::process::command;
use crate::system::{BUSYBOX, QEMU, XZ, require};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// A machine with a kernel that was prepared.
pub(crate) struct Qemu {
    folder: PathBuf,
    accelerator: &'static str,
}

impl Qemu {
    /// The machine, its kernel fetched unless the one of the day is there.
    ///
    /// # Errors
    /// Why this computer cannot have it.
    pub(crate) fn ready() -> Result<Self, String> {
        if !cfg!(target_arch = "x86_64") {
            return Err("the rig's QEMU machine is made for x86-64 only".to_owned());
        }
        require(&[QEMU, BUSYBOX, XZ])?;
        let package = apt::stands_for("linux-image-amd64")?;
        let folder = target().join("rigs").join(&package);
        let wanted = modules_wanted();
        if fs::read_to_string(folder.join(MODULES)).ok() != Some(wanted.clone()) {
            prepare(&package, &folder)?;
            fs::write(folder.join(MODULES), wanted).map_err(|error| error.to_string())?;
        }
        let accelerator = accelerator(&folder);
        Ok(Self { folder, accelerator })
    }
}

impl Machine for Qemu {
    fn name(&self) -> String {
        format!("QEMU ({})", self.accelerator)
    }

    fn is_fast(&self) -> bool {
        self.accelerator == "kvm"
    }

    fn command(&self, job: &Path) -> Vec<String> {
        let file = |name| self.folder.join(name).display().to_string();
        let init = root().join(INIT).display().to_string();
        let job = job.display();
        let line = format!(
            "console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off nokaslr rig_machine={init} rig_job={job}"
        );
        let words = [
            "qemu-system-x86_64 -machine q35 -smp 1 -m 1024 -nodefaults -no-user-config -display none -no-reboot",
            "-chardev file,id=console,path=/dev/fd/1,append=on -serial chardev:console",
            "-chardev file,id=out,path=/dev/fd/3,append=on -serial chardev:out",
            "-chardev file,id=err,path=/dev/fd/4,append=on -serial chardev:err",
            "-fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap",
            "-device virtio-9p-pci,fsdev=host,mount_tag=host",
        ];
        let mut words: Vec<String> = words.join(" ").split(' ').map(str::to_owned).collect();
        let cpu = if self.accelerator == "kvm" { "host" } else { "max" };
        words.extend(["-accel", self.accelerator, "-cpu", cpu].map(str::to_owned));
        words.extend(["-kernel".to_owned(), file(KERNEL), "-initrd".to_owned(), file(INITRAMFS)]);
        words.extend(["-append".to_owned(), line]);
        words
    }

    fn terminals(&self) -> [&'static str; 2] {
        ["/dev/ttyS1", "/dev/ttyS2"]
    }
}

/// A device for virtualisation proves nothing, so it is tried once for each kernel, and the answer kept beside it.
fn accelerator(folder: &Path) -> &'static str {
    let note = folder.join("kvm");
    if !Path::new("/dev/kvm").exists() {
        return "tcg";
    }
    let works = fs::read_to_string(&note).unwrap_or_else(|_| {
        println!("trying /dev/kvm, which exists, for {} s at most", TRY.as_secs());
        let tried = boots(&Qemu { folder: folder.to_path_buf(), accelerator: "kvm" }, TRY);
        let answer = tried.map_or_else(|why| why, |()| YES.to_owned());
        // without the note it is tried again
        let _ = fs::write(&note, &answer);
        answer
    });
    if works == YES { "kvm" } else { "tcg" }
}

/// Fetches the kernel, and keeps what boots: the kernel itself, and a first root with the modules.
fn prepare(package: &str, folder: &Path) -> Result<(), String> {
    println!("fetching {package} (70 MB), for its kernel and a few modules");
    let work = Work::new(folder.join("work"))?;
    apt::unpack(package, &work.0)?;
    let version = package.trim_start_matches("linux-image-");
    let image = fs::read(work.0.join(format!("boot/vmlinuz-{version}")));
    let image = image.map_err(|error| format!("{package} has no kernel: {error}"))?;
    fs::write(folder.join(KERNEL), kernel(&image, &work.0)?).map_err(|error| error.to_string())?;
    let modules = work.0.join("lib/modules").join(version).join("kernel");
    fs::write(folder.join(INITRAMFS), initramfs(&modules)?).map_err(|error| error.to_string())
}

/// The kernel proper out of its self-extracting image: QEMU boots it as it is, and decompressing under emulation would be
/// the larger half of the boot (linux, arch/x86/boot.rst: `setup_sects`, `payload_offset`, `payload_length`).
fn kernel(image: &[u8], work: &Path) -> Result<Vec<u8>, String> {
    let number = |at: usize| {
        let bytes = image.get(at..at.checked_add(4)?)?;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    };
    let found = || {
        let sectors = usize::from(*image.get(0x1f1)?).checked_add(1)?;
        let start = sectors.checked_mul(512)?.checked_add(number(0x248)?)?;
        image.get(start..start.checked_add(number(0x24c)?)?)
    };
    let payload = found().ok_or("the kernel image has no payload where its header says")?;
    let packed = work.join("payload");
    fs::write(&packed, payload).map_err(|error| error.to_string())?;
    unpacked(payload, &packed)
}

/// The contents of `file`, which begins like `head`: as it is, or through the program that packs like that.
fn unpacked(head: &[u8], file: &Path) -> Result<Vec<u8>, String> {
    let program: &[&str] = match head {
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            &["xz", "--decompress", "--stdout", "--single-stream"]
        }
        [0x1f, 0x8b, ..] => &["gzip", "--decompress", "--stdout", "--quiet"],
        [0x28, 0xb5, 0x2f, 0xfd, ..] => &["zstd", "--decompress", "--stdout", "--quiet"],
        _ => return fs::read(file).map_err(|error| error.to_string()),
    };
    let (program, options) = program.split_first().ok_or("no program")?;
    let mut unpack = command(program);
    unpack.args(options).arg(file).stderr(Stdio::null());
    // trailing bytes, which a kernel image has, make them complain
    let output = unpack.output().map_err(|error| format!("{program}: {error}"))?;
    if output.stdout.is_empty() {
        Err(format!("{program} unpacked nothing"))
    } else {
        Ok(output.stdout)
    }
}

fn initramfs(modules: &Path) -> Result<Vec<u8>, String> {
    let read = |path: &Path| fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let mut archive = Archive::default();
    for folder in ["bin", "dev", "host", "modules", "proc", "run", "sys"] {
        archive.folder(folder);
    }
    archive.program("bin/busybox", &read(Path::new("/bin/busybox"))?);
    archive.program("init", &read(&root().join(FIRST))?);
    let mut order = Vec::new();
    let files = files(modules);
    for (name, _) in WANTED {
        load(name, &files, &mut order, &mut archive, 8)?;
    }
    let order: String = order.iter().map(|name| format!("{name} {}\n", parameters(name))).collect();
    archive.program("modules/order", order.as_bytes());
    Ok(archive.finish())
}

/// Puts module `name` into the archive, after those it depends on.
fn load(
    name: &str,
    files: &[PathBuf],
    order: &mut Vec<String>,
    archive: &mut Archive,
    depth: u8,
) -> Result<(), String> {
    if order.iter().any(|known| known == name) {
        return Ok(());
    }
    let file = files.iter().find(|file| module_name(file) == name);
    let file = file.ok_or_else(|| format!("the kernel has no module {name}"))?;
    let packed = fs::read(file).map_err(|error| error.to_string())?;
    let module = unpacked(&packed, file)?;
    let depth = depth.checked_sub(1).ok_or("modules depend on each other without end")?;
    for needed in depends(&module) {
        load(&needed, files, order, archive, depth)?;
    }
    archive.program(&format!("modules/{name}"), &module);
    order.push(name.to_owned());
    Ok(())
}

/// What a module says it needs: `depends=` in its `.modinfo`.
fn depends(module: &[u8]) -> Vec<String> {
    let key = b"\0depends=";
    let at = module.windows(key.len()).position(|window| window == key);
    let after = at.and_then(|at| module.get(at.saturating_add(key.len())..)).unwrap_or_default();
    let list = after.split(|byte| *byte == 0).next().unwrap_or_default();
    let list = String::from_utf8_lossy(list);
    list.split(',').filter(|name| !name.is_empty()).map(|name| name.replace('-', "_")).collect()
}

/// `hid-generic.ko.xz` is module `hid_generic`.
fn module_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next().unwrap_or_default().replace('-', "_")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let (folders, mut found): (Vec<_>, Vec<_>) =
        entries.map(|entry| entry.path()).partition(|path| path.is_dir());
    found.extend(folders.iter().flat_map(|folder| files(folder)));
    found
}

fn parameters(name: &str) -> &'static str {
    WANTED.iter().find(|(wanted, _)| *wanted == name).map_or("", |(_, parameters)| parameters)
}

/// What a prepared kernel was prepared with.
fn modules_wanted() -> String {
    let first = fs::read_to_string(root().join(FIRST)).unwrap_or_default();
    format!("{WANTED:?}\n{first}")
}

/// Modules, and their parameters. Sixteen gadgets can be plugged in at once.
const WANTED: [(&str, &str); 10] = [
    ("virtio_pci", ""),
    ("9pnet_virtio", ""),
    ("9p", ""),
    ("overlay", ""),
    ("hid_generic", ""),
    ("uhid", ""),
    ("usbhid", ""),
    ("vhci_hcd", ""),
    ("dummy_hcd", "num=16"),
    ("usb_f_hid", ""),
];
const FIRST: &str = "tests/rigs/hid/guest/initramfs";
const KERNEL: &str = "vmlinux";
const INITRAMFS: &str = "initramfs";
const MODULES: &str = "made-with";
const YES: &str = "works";
/// How long a no-op may take where virtualisation works.
const TRY: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_names_what_it_depends_on() {
        let module = b"\x7fELF..\0license=GPL\0depends=hid,usb-core\0name=x\0";
        assert_eq!(depends(module), ["hid", "usb_core"]);
        assert!(depends(b"\0depends=\0name=x").is_empty());
        assert!(depends(b"nothing").is_empty());
        assert_eq!(module_name(Path::new("/x/hid-generic.ko.xz")), "hid_generic");
    }

    #[test]
    fn a_kernel_image_is_taken_apart_by_its_header() {
        let work =
            Work::new(std::env::temp_dir().join(format!("xtask-{}", std::process::id()))).unwrap();
        let mut image = vec![0; 0x260];
        image[0x1f1] = 1;
        image[0x248] = 4;
        image[0x24c] = 5;
        image.resize(1024 + 4, 0);
        image.extend(b"plain and more");
        assert_eq!(kernel(&image, &work.0).as_deref(), Ok(&b"plain"[..]));
        image.truncate(1024 + 6);
        assert!(kernel(&image, &work.0).is_err());
    }
}
