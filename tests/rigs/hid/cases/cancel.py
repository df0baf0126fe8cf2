"""How long Ctrl-C takes while a key waits for a touch: from the signal to the end of the process, over each wire.

usage: cancel.py [TIMES] (in the guest: cargo xtask rig hid --wire none -- python3 tests/rigs/hid/cases/cancel.py)

Prints a line for each wire and firmware. Nothing is timed to pass or fail; the exit code and that the key answers the next
command are checked.
"""

import signal
import statistics
import subprocess
import sys
import time

from tools import FIRMWARES, WIRES, key, run


def cancelled(node: str) -> float:
    """Milliseconds from the signal to the end of a `check` that waits for a touch."""
    command = ["keyvet", "check", "--json", "--device", node]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while "Touch the key" not in (line := process.stderr.readline()):
            if not line:
                raise SystemExit(f"it ended before it asked for a touch: {process.wait()}")
        begin = time.perf_counter()
        process.send_signal(signal.SIGINT)
        code = process.wait()
        took = time.perf_counter() - begin
    if code != 7:
        raise SystemExit(f"it ended with {code}")
    run("keyvet", "info", "--device", node)
    return took * 1e3


def main() -> None:
    times = int(sys.argv[1]) if sys.argv[1:] else 20
    for wire in WIRES:
        for firmware in FIRMWARES:
            with key(wire, firmware, "--touch", "never") as node:
                took = sorted(cancelled(node) for _ in range(times))
            print(
                f"{wire}, {firmware}: median {statistics.median(took):.1f} ms, longest {took[-1]:.1f} ms of {times}",
                flush=True,
            )


if __name__ == "__main__":
    main()
