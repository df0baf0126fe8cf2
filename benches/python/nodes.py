"""keyvet, libfido2 and python-fido2 on the HID nodes of virtual keys, measured: two tables of docs/performance.md.

usage: nodes.py KEYVET VIRTUAL-KEY TALK LIBFIDO2 (in the guest of `cargo xtask rig hid --wire none`; the clients are those
of benches/, and the interpreter has python-fido2)
"""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

FIRMWARES = ["fido-authenticator", "opensk"]
# a loaded machine wants fewer
PASSES, COUNT = 3, int(os.environ.get("KEYVET_BENCH_COUNT", "300"))


def nodes():
    return {str(node) for node in Path("/dev").glob("hidraw*")}


def waited_for(what):
    until = time.monotonic() + 60
    while not (found := what()):
        if time.monotonic() > until:
            raise SystemExit("no node came, or one did not go")
        time.sleep(0.01)
    return found


@contextmanager
def key(program, firmware):
    before = nodes()
    command = [program, "--control", "--uhid", "--firmware", firmware]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        yield waited_for(lambda: nodes() - before).pop()
        process.stdin.close()
        process.wait(60)
        waited_for(lambda: nodes() == before)


def exchanges(virtual_key, clients):
    print("| firmware | | libfido2 | keyvet | python-fido2 | keyvet to libfido2 | keyvet to python-fido2 |")
    print("|---|---|---|---|---|---|---|")
    for firmware in FIRMWARES:
        least = {}
        for name, client in clients.items():
            for mode in ("rate", "cost"):
                with key(virtual_key, firmware) as node:
                    done = subprocess.run([*client, mode, node, str(PASSES), str(COUNT)], stdout=subprocess.PIPE, check=True)
                for operation, figures in json.loads(done.stdout).items():
                    if operation != "name":
                        # this kernel counts processor time in ticks of 10 ms: no pass alone says anything
                        least[name, mode, operation] = min(figures) if mode == "rate" else sum(figures) / len(figures)
        for operation, title in (("get_info", "getInfo"), ("make_credential", "makeCredential")):
            of = lambda name, mode: least[name, mode, operation]
            ratio = lambda name, mode: f"{of(name, mode) / of('keyvet', mode):.2f}" if of("keyvet", mode) else "–"
            rates = [f"{1e6 / of(name, 'rate'):.0f}" for name in clients]
            costs = [f"{of(name, 'cost'):.0f}" for name in clients]
            print(f"| {firmware} | {title}, a second |", " | ".join([*rates, ratio("libfido2", "rate"), ratio("python-fido2", "rate")]), "|")
            print(f"| {firmware} | {title}, µs of processor |", " | ".join([*costs, ratio("libfido2", "cost"), ratio("python-fido2", "cost")]), "|")


def run(command):
    """Wall and processor time in milliseconds."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    if status != 0:
        raise SystemExit(f"{command} ended with {status}")
    return (time.monotonic() - start) * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3


def listing(keyvet, virtual_key):
    with key(virtual_key, "opensk"), key(virtual_key, "opensk"), key(virtual_key, "opensk"), key(virtual_key, "opensk"):
        print("\n| four keys | wall, least (ms) | wall, median (ms) | processor, mean (ms) |\n|---|---|---|---|")
        for command in (["fido2-token", "-L"], [keyvet, "list"]):
            runs = [run(command) for _ in range(20)]
            walls = sorted(wall for wall, _ in runs)
            cpu = sum(cpu for _, cpu in runs) / len(runs)
            print(f"| `{Path(command[0]).name} {command[1]}` | {walls[0]:.0f} | {walls[len(walls) // 2]:.0f} | {cpu:.1f} |")


def main():
    keyvet, virtual_key, talk, libfido2 = sys.argv[1:]
    python = [sys.executable, "-B", str(Path(__file__).with_name("talk.py"))]
    exchanges(virtual_key, {"libfido2": [libfido2], "keyvet": [talk], "python-fido2": python})
    listing(keyvet, virtual_key)


if __name__ == "__main__":
    main()
