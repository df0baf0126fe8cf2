"""How long Ctrl-C takes while a key waits for a touch: from the signal to the end of the process, over each wire.

usage: cancel.py [TIMES] (in the guest: cargo xtask rig hid --wire none -- python3 tests/rigs/hid/cases/cancel.py)

Prints a line for each wire and firmware, and one for `sleep`, which does nothing when it is interrupted: what the machine
itself takes at that moment. Nothing is timed to pass or fail; the exit code and that the key answers the next
command are checked.
"""

import signal
import statistics
import subprocess
import sys
import time

from tools import FIRMWARES, WIRES, key, run


def interrupted(process: subprocess.Popen) -> tuple[float, int]:
    """Milliseconds from the signal to the end, and the exit code."""
    begin = time.perf_counter()
    process.send_signal(signal.SIGINT)
    code = process.wait()
    return (time.perf_counter() - begin) * 1e3, code


def nothing() -> float:
    with subprocess.Popen(["sleep", "100"]) as process:
        time.sleep(0.1)
        return interrupted(process)[0]


def cancelled(node: str) -> float:
    """Milliseconds from the signal to the end of a `check` that waits for a touch."""
    command = ["keyvet", "check", "--json", "--device", node]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while "Touch the key" not in (line := process.stderr.readline()):
            if not line:
                raise SystemExit(f"it ended before it asked for a touch: {process.wait()}")
        took, code = interrupted(process)
    if code != 7:
        raise SystemExit(f"it ended with {code}")
    run("keyvet", "info", "--device", node)
    return took


def tell(what: str, took: list[float]) -> None:
    median, longest = statistics.median(took), max(took)
    print(f"{what}: median {median:.1f} ms, longest {longest:.1f} ms of {len(took)}", flush=True)


def main() -> None:
    times = int(sys.argv[1]) if sys.argv[1:] else 20
    tell("sleep", [nothing() for _ in range(times)])
    for wire in WIRES:
        for firmware in FIRMWARES:
            with key(wire, firmware, "--touch", "never") as node:
                tell(f"{wire}, {firmware}", [cancelled(node) for _ in range(times)])


if __name__ == "__main__":
    main()
