"""Holds clients that nobody here wrote against the sandbox and a SparkBot number.

`scripts/interop.sh` fetches what this needs and runs it.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from harness.deadline import TooLate
from harness.foreign import Client, baileys, whatsmeow
from harness.http import Refused
from harness.process import Process
from harness.sparkbot import Number, Sandbox, Server
from scenarios import BY_CODE, BY_QR, Scenario
from together import Together
from whatsmeow.proxy import Proxy

# whatsmeow keeps each of its 812 keys in a transaction of its own, which on a slow
# disk takes longer than all the rest.
MEMORY = Path("/dev/shm")
SPARKBOT_PHONE = ("+16001234560", "Ana")
FIRST_CLIENT_PHONE = 16001234561


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True, type=lambda path: Path(path).resolve(), help="sparkbot, built with the feature sandbox")
    parser.add_argument("--python", required=True, type=lambda path: Path(path).absolute(), help="the Python that has neonize")
    parser.add_argument("--keep", action="store_true", help="keep logs and state, and say where they are")
    parser.add_argument("clients", nargs="*", metavar="CLIENT", help="baileys, whatsmeow; both when none is named")
    chosen = parser.parse_args()
    unknown = set(chosen.clients) - {"baileys", "whatsmeow"}
    if unknown:
        parser.error(f"no such client: {', '.join(sorted(unknown))}")
    return chosen


def main() -> int:
    chosen = arguments()
    # An end from outside is an end like any other: everything started is ended.
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda number, _: sys.exit(128 + number))
    fast = MEMORY if os.access(MEMORY, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="sparkbot-interop-", dir=fast))
    passed = failed = 0
    try:
        for good in results(chosen, folder):
            passed, failed = passed + good, failed + (not good)
    except (TooLate, Refused, OSError, RuntimeError) as error:
        failed += 1
        print(f"fail  {error}")
        show_logs()
    finally:
        Process.end_all()
        if chosen.keep:
            print(f"logs and state: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


def results(chosen, folder: Path):
    """Runs every scenario; yields whether each step was good."""
    sandbox = Sandbox(chosen.binary, folder)
    server = Server(chosen.binary, folder, sandbox)
    receiver = server.receiver()
    number = Number(server, sandbox.phone(*SPARKBOT_PHONE))
    wanted = chosen.clients or ["baileys", "whatsmeow"]
    kinds = []
    if "baileys" in wanted:
        kinds.append(baileys(sandbox))
    if "whatsmeow" in wanted:
        kinds.append(whatsmeow(chosen.python, Proxy(folder, sandbox.socket, sandbox.authority)))
    scenarios = [(kind, way) for kind in kinds for way in (BY_QR, BY_CODE)]
    for index, (kind, way) in enumerate(scenarios):
        name = f"{kind.name} by {way}"
        phone = sandbox.phone(f"+{FIRST_CLIENT_PHONE + index}", name)
        client = Client(kind, folder / f"client-{index}", sandbox.root_key)
        yield from walk(name, Scenario(way, client, phone, number, receiver))
    if len(kinds) == 2:
        yield from walk("together", together(kinds, folder, sandbox))


def together(kinds, folder: Path, sandbox: Sandbox) -> Together:
    """Both clients, linked anew, and a person."""
    members = []
    for index, kind in enumerate(kinds):
        phone = sandbox.phone(f"+{FIRST_CLIENT_PHONE + 10 + index}", f"{kind.name} in the group")
        members += [Client(kind, folder / f"together-{index}", sandbox.root_key), phone]
    return Together(*members, sandbox.phone(f"+{FIRST_CLIENT_PHONE + 12}", "A person"))


def walk(name: str, scenario: Scenario | Together):
    """Takes a scenario's steps one after the other. After one that failed the
    others can't be taken, and none of them counts as passed."""
    broken = False
    for what, step in scenario.steps():
        if broken:
            print(f"fail  {name}: {what} (not reached)", flush=True)
            yield False
            continue
        started = time.monotonic()
        try:
            step()
        except Exception as error:  # a step may fail in any way
            broken = True
            print(f"fail  {name}: {what}\n  {type(error).__name__}: {error}", flush=True)
            if not isinstance(error, (TooLate, Refused, OSError, AssertionError)):
                traceback.print_exc()
            show_logs()
        else:
            print(f"ok    {name}: {what} ({time.monotonic() - started:.1f} s)", flush=True)
        yield not broken
    for client in scenario.clients:
        if client.process:
            client.process.end()


def show_logs():
    for process in Process.running:
        print(process.tail(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
