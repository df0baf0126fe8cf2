"""A gadget that the host does not set up is plugged in again, a few times.

usage: again.py (in the guest; keyvet and keyvet-virtual-key are on the PATH)

Prints one line for each case: `ok: NAME` or `FAILED: NAME: WHY`.
"""

import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

from tools import PATIENCE, Failed, case, plugged, run

HUBS = Path("/sys/bus/usb/devices")
TOLD = "was not set up on dummy_udc"


def let(devices: bool) -> None:
    """Whether the host sets up what is plugged in from now on."""
    hubs = list(HUBS.glob("usb*/authorized_default"))
    if not hubs:
        raise Failed("there is no hub")
    for hub in hubs:
        hub.write_text("1" if devices else "0")


@contextmanager
def refused(seconds: float):
    """Nothing is set up for so long at most."""
    let(False)
    until = threading.Timer(seconds, let, [True])
    until.start()
    try:
        yield
    finally:
        until.cancel()
        let(True)


def told() -> int:
    return run("dmesg").count(TOLD)


def a_while() -> None:
    before = told()
    with refused(3), plugged("gadget", "opensk") as (node, _):
        run("keyvet", "info", "--device", node)
    if told() != before + 1:
        raise Failed(f"it was plugged in {told() - before} more times")


def for_good() -> None:
    with refused(PATIENCE):
        done = subprocess.run(
            ["keyvet-virtual-key", "--firmware", "opensk", "--gadget"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )
    if done.returncode == 0 or "does not set the device up" not in done.stderr:
        raise Failed(f"it ended with {done.returncode}: {done.stderr}")


def main() -> int:
    well = case("a gadget that is not set up is plugged in again", a_while)
    return 0 if case("it is given up when that does not help", for_good) and well else 1


if __name__ == "__main__":
    sys.exit(main())
