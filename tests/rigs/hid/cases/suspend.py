"""Keys on a machine that sleeps: what a key is afterwards, and what becomes of a command that waited over it.

usage: suspend.py (in the guest; keyvet and keyvet-virtual-key are on the PATH)

Prints one line for each case: `ok: NAME` or `FAILED: NAME: WHY`.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from tools import FIRMWARES, PATIENCE, Failed, case, nodes, plugged, run, waited_for

STATE = Path("/sys/power/state")
ALARM = Path("/sys/class/rtc/rtc0/wakealarm")
SLEPT = Path("/sys/power/suspend_stats/success")
SLEEP_S = 2


def cannot_sleep() -> str | None:
    if not (STATE.exists() and "mem" in STATE.read_text().split()):
        return "this kernel cannot be suspended"
    return None if ALARM.exists() else "this machine has no clock that wakes it"


def sleep() -> None:
    """Suspends the machine. It wakes at the alarm at the latest; User-Mode Linux does so at once, with every driver asleep
    and woken all the same."""
    before = SLEPT.read_text()
    ALARM.write_text("0")
    ALARM.write_text(f"+{SLEEP_S}")
    STATE.write_text("mem")
    if int(SLEPT.read_text()) != int(before) + 1:
        raise Failed("the machine did not sleep")


def same_key(node: str) -> None:
    """The key answers as before, at a node of that name: the kernel takes USB devices away and gives them back."""
    before = json.loads(run("keyvet", "info", "--json", "--device", node))
    sleep()
    waited_for(lambda: node in nodes())
    after = json.loads(run("keyvet", "info", "--json", "--device", node))
    differ = [member for member in before if before[member] != after.get(member)]
    if differ:
        raise Failed(f"{differ} differ after the sleep")


def slept_through(node: str, key: subprocess.Popen, lost: bool) -> None:
    """A registration waits for a touch while the machine sleeps. It has it afterwards, unless the kernel took the key away:
    then it says so at once. Either way the next one succeeds."""
    command = ["keyvet", "check", "--json", "--device", node]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while "Touch the key" not in (line := process.stderr.readline()):
            if not line:
                raise Failed(f"it ended before it asked for a touch: {process.wait()}")
        sleep()
        key.stdin.write("set-touch immediate\n")
        key.stdin.flush()
        found = json.loads(process.communicate(timeout=PATIENCE)[0])
    said = (process.returncode, (found.get("error") or {}).get("code"))
    if said != ((10, "transport.removed") if lost else (0, None)):
        raise Failed(f"it ended with {said}")
    waited_for(lambda: node in nodes())
    if not json.loads(run(*command))["registration"]:
        raise Failed("the next one registers nothing")


def main() -> int:
    why = cannot_sleep()
    if why:
        print(f"skipped: suspend: {why}")
        return 0
    well = True
    for wire, lost in [("uhid", False), ("gadget", True)]:
        for firmware in FIRMWARES:
            about = f"{firmware} over {wire}"
            with plugged(wire, firmware, "--touch", "manual") as (node, key):
                well &= case(f"the same key after a sleep, {about}", same_key, node)
                well &= case(f"a registration over a sleep, {about}", slept_through, node, key, lost)
    print("skipped: suspend over usbip: the kernel does not sleep while such a device is attached")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
