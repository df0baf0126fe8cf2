"""libfido2's programs on the nodes that keyvet uses: each sees what the other does.

usage: tools.py (in the guest; keyvet, keyvet-virtual-key and keyvet-oracle-client are on the PATH)

Prints one line for each case: `ok: NAME` or `FAILED: NAME: WHY`.
"""

import base64
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

FIRMWARES = ["fido-authenticator", "opensk"]
WIRES = ["uhid", "gadget", "usbip"]
PATIENCE = 60
PIN = "4711-tools"


class Failed(Exception):
    pass


def run(*command: str, text: str = "", patience: int = PATIENCE) -> str:
    """Standard output of a command that must end well. It has no terminal, so a program asks on standard input."""
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=patience, start_new_session=True, check=False
    )
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip()[-400:]}")
    return done.stdout


def ours(node: str, *words: str) -> dict:
    return json.loads(run("keyvet-oracle-client", node, *words).splitlines()[-1])


def nodes() -> set[str]:
    return {str(node) for node in Path("/dev").glob("hidraw*")}


def waited_for(what):
    until = time.monotonic() + PATIENCE
    while not (found := what()):
        if time.monotonic() > until:
            raise Failed("no node came, or one did not go")
        time.sleep(0.02)
    return found


@contextmanager
def key(wire: str, firmware: str, *more: str):
    with plugged(wire, firmware, *more) as (node, _):
        yield node


@contextmanager
def plugged(wire: str, firmware: str, *more: str):
    """Its node, and its process, which obeys what is written to it."""
    before = nodes()
    place = ["--usbip", "127.0.0.1:0"] if wire == "usbip" else [f"--{wire}"]
    # it takes its node away when its standard input ends
    command = ["keyvet-virtual-key", "--control", *place, "--firmware", firmware, *more]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            if wire == "usbip":
                port = re.search(r":(\d+),", process.stdout.readline())[1]
                run("usbip", "--tcp-port", port, "attach", "--remote", "127.0.0.1", "--busid", "1-1")
            node = waited_for(lambda: nodes() - before).pop()
            yield node, process
        finally:
            process.stdin.close()
            process.wait(PATIENCE)
            waited_for(lambda: nodes() == before)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def same_info(node: str, wire: str) -> None:
    listed = run("fido2-token", "-L")
    if not listed.startswith(node + ":"):
        raise Failed(f"fido2-token -L: {listed!r}")
    said = run("fido2-token", "-I", node)
    members = ours(node, "info")["members"]
    theirs = {
        "aaguid": re.search(r"^aaguid: (\S+)", said, re.M)[1],
        "versions": re.search(r"^version strings: (.+)", said, re.M)[1].split(", "),
        "maxMsgSize": int(re.search(r"^maxmsgsiz: (\d+)", said, re.M)[1]),
    }
    for name, value in theirs.items():
        if members[name] != value:
            raise Failed(f"{name}: {value} there, {members[name]} here")


def their_credential(node: str, pin: str | None) -> None:
    """Made by fido2-cred, asserted by keyvet."""
    with tempfile.TemporaryDirectory() as folder:
        wanted, made, verified = f"{folder}/wanted", f"{folder}/made", f"{folder}/verified"
        Path(wanted).write_text("\n".join([b64(b"c" * 32), "theirs.example", "user", b64(b"u" * 16)]) + "\n")
        flags = ["-v"] if pin else []
        run("fido2-cred", "-M", *flags, "-i", wanted, "-o", made, node, "es256", text=f"{pin}\n" if pin else "")
        run("fido2-cred", "-V", *flags, "-i", made, "-o", verified, "es256")
        credential = base64.b64decode(Path(verified).read_text().splitlines()[0]).hex()
    found = ours(node, "assert", "theirs.example", "-", credential, *([pin] if pin else []))
    if found.get("id") != credential:
        raise Failed(f"keyvet says {found}")


def our_credential(node: str, pin: str | None) -> None:
    """Made by keyvet, asserted by fido2-assert."""
    made = ours(node, "make-credential", "ours.example", "-", "server-side", *([pin] if pin else []))
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted"
        wanted.write_text("\n".join([b64(b"c" * 32), "ours.example", b64(bytes.fromhex(made["id"]))]) + "\n")
        flags = ["-v"] if pin else []
        said = run("fido2-assert", "-G", *flags, "-i", str(wanted), node, text=f"{pin}\n" if pin else "")
    # client data hash, relying party, authenticator data, signature
    if len(said.splitlines()) < 4:
        raise Failed(f"fido2-assert says {said!r}")


def their_pin(node: str) -> None:
    run("fido2-token", "-S", node, text=f"{PIN}\n{PIN}\n")
    our_credential(node, PIN)
    their_credential(node, PIN)


def at_once(node: str) -> None:
    """Two clients on one node. keyvet gets its own answers, always; libfido2 too, unless the key was busy: it does not try
    again, and FIDO_ERR_RX is all it says."""
    wanted = ours(node, "info")
    aaguid = wanted["members"]["aaguid"]
    right, busy, wrong = [], [], []
    until = time.monotonic() + 5

    def keyvet():
        (right if ours(node, "info")["raw"] == wanted["raw"] else wrong).append("keyvet")

    def libfido2():
        try:
            (right if aaguid in run("fido2-token", "-I", node) else wrong).append("libfido2")
        except Failed as failed:
            (busy if "FIDO_ERR_RX" in str(failed) else wrong).append(str(failed))

    def repeat(client):
        while time.monotonic() < until:
            try:
                client()
            except Failed as failed:
                wrong.append(str(failed))

    threads = [threading.Thread(target=repeat, args=[client]) for client in (keyvet, libfido2, keyvet)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong or {"keyvet", "libfido2"} - set(right):
        raise Failed(f"{len(right)} right answers, {len(busy)} times busy, {len(wrong)} others: {wrong[:3]}")


def case(name: str, check, *arguments) -> bool:
    try:
        check(*arguments)
    except (Failed, subprocess.TimeoutExpired, TypeError, ValueError, KeyError) as error:
        print(f"FAILED: {name}: {' '.join(str(error).split())}", flush=True)
        return False
    print(f"ok: {name}", flush=True)
    return True


def main() -> int:
    short = "--short" in sys.argv[1:]
    well = True
    for wire in WIRES:
        for firmware in FIRMWARES[: 1 if short else 2]:
            about = f"{firmware} over {wire}"
            try:
                with key(wire, firmware) as node:
                    well &= case(f"same getInfo, {about}", same_info, node, wire)
                    if wire == "uhid" or not short:
                        well &= case(f"their credential asserted by keyvet, {about}", their_credential, node, None)
                        well &= case(f"a credential of keyvet asserted by theirs, {about}", our_credential, node, None)
                    if wire == "uhid":
                        well &= case(f"two clients at once, {about}", at_once, node)
                    if wire == "uhid" and not short:
                        well &= case(f"their PIN used by keyvet, {about}", their_pin, node)
            except Failed as failed:
                print(f"FAILED: {about}: {failed}", flush=True)
                well = False
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
