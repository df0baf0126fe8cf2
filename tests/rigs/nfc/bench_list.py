#!/usr/bin/env python3
"""`keyvet list` beside other clients that look for keys: whole programs, on no key, a card, 16 cards, and 4 keys more.

usage: cargo build --release -p keyvet-cli && cargo build --release -p keyvet-pcsc -p keyvet-virtual-key
       cargo xtask rig nfc --keys 0 -- PYTHON tests/rigs/nfc/bench_list.py TARGET/release [FIDO2-TOKEN]

PYTHON has what requirements.txt lists. FIDO2-TOKEN is of a libfido2 built with -DUSE_PCSC=ON. The programs take turns;
the 4 keys are simulators on UDP, which keyvet alone sees. Prints a table in Markdown and the load before and after.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

PORT, TIMES = 35963, 15
PYTHON = """
from fido2.ctap2 import Ctap2
from fido2.hid import CtapHidDevice
from fido2.pcsc import CtapPcscDevice
[Ctap2(device) for device in [*CtapHidDevice.list_devices(), *CtapPcscDevice.list_devices()]]
"""


def measured(command: list[str], environment: dict) -> tuple[float, float]:
    """Wall and processor time in milliseconds, the programs that it started and waited for with it."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    if status != 0:
        raise SystemExit(f"{command} ended badly")
    return (time.monotonic() - start) * 1e3, (used.ru_utime + used.ru_stime) * 1e3


def row(what: str, commands: dict[str, list[str]], environment: dict) -> None:
    runs = {name: [] for name in commands}
    for _ in range(TIMES):
        for name, command in commands.items():
            runs[name].append(measured(command, environment))
    for name, figures in runs.items():
        walls = sorted(wall for wall, _ in figures)
        least = min(used for _, used in figures)
        print(f"| {what} | {name} | {walls[0]:.0f} | {walls[len(walls) // 2]:.0f} | {walls[-1]:.0f} | {least:.1f} |", flush=True)


def until_listed(keyvet: str, count: int, environment: dict) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        said = subprocess.run([keyvet, "list", "--json"], stdout=subprocess.PIPE, env={**os.environ, **environment})
        if sum("error" not in key for key in json.loads(said.stdout)["keys"]) == count:
            return
        time.sleep(0.2)
    raise SystemExit(f"not {count} keys")


def main() -> None:
    target, *others = sys.argv[1:]
    keyvet, virtual_key = (str(Path(target).resolve() / name) for name in ["keyvet", "keyvet-virtual-key"])
    os.environ["KEYVET_PCSC"] = str(Path(target).resolve() / "keyvet-pcsc")
    commands = {"`keyvet list`": [keyvet, "list"], "python-fido2, getInfo of each": [sys.executable, "-c", PYTHON]}
    commands |= {"`fido2-token -L`": [program, "-L"] for program in others}
    keys = []

    def start(*words: str) -> str:
        keys.append(subprocess.Popen([virtual_key, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True))
        return keys[-1].stdout.readline()

    def card(at: int) -> None:
        firmware = ["opensk", "fido-authenticator"][at % 2]
        start("--firmware", firmware, "--seed", str(at + 1), "--card", f"127.0.0.1:{PORT + at}")

    try:
        print("load", Path("/proc/loadavg").read_text().strip())
        print("| | | least (ms) | median (ms) | longest (ms) | processor, least (ms) |\n|---|---|---|---|---|---|")
        row("no key", commands, {})
        card(0)
        until_listed(keyvet, 1, {})
        row("1 card", commands, {})
        for at in range(1, 16):
            card(at)
        until_listed(keyvet, 16, {})
        row("16 cards", commands, {})
        places = [start("--seed", str(100 + at), "--listen", "127.0.0.1:0").split()[-1] for at in range(4)]
        environment = {"KEYVET_UDP": ",".join(places)}
        until_listed(keyvet, 20, environment)
        row("16 cards and 4 keys", {"`keyvet list`": commands["`keyvet list`"]}, environment)
        print("load", Path("/proc/loadavg").read_text().strip())
    finally:
        for key in keys:
            key.kill()
            key.wait()


if __name__ == "__main__":
    main()
