"""whatsmeow with many numbers in one process, told what to do by the lines of ../README.md."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from sandbox import Sandbox

HERE = Path(__file__).resolve().parent
# What finds whatsmeow's root key in memory is that of the interop tests.
sys.path.insert(0, str(HERE.parent.parent.parent / "tests" / "interop" / "whatsmeow"))
# Set in the environment once the tunnel is there: its process id.
TUNNEL = "RIVAL_TUNNEL"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sandbox", required=True)
    parser.add_argument("--state", required=True, type=Path)
    parser.add_argument("--first", default="+16004000000")
    parser.add_argument("--friends", default="+16006000000")
    parser.add_argument("--journal", choices=("wal", "delete"), default="wal")
    return parser.parse_args()


def through_tunnel(state: Path, about: dict):
    """Starts the tunnel, then this program again with it in its environment: whatsmeow connects to
    web.whatsapp.com and can't be told otherwise, and Go reads a proxy only once, before Python runs."""
    held, kept = os.pipe()
    # As long as this process has its end of the pipe, the tunnel stays.
    os.set_inheritable(kept, True)
    tunnel = subprocess.Popen(
        [sys.executable, HERE / "tunnel.py", about["secureSocketUrl"]], stdin=held, stdout=subprocess.PIPE, text=True
    )
    os.close(held)
    url = tunnel.stdout.readline().strip()
    authority = state / "authority.pem"
    authority.write_text(about["certificate"])
    environment = {
        **os.environ, TUNNEL: str(tunnel.pid), "HTTPS_PROXY": url, "https_proxy": url, "NO_PROXY": "", "no_proxy": "",
        "SSL_CERT_FILE": str(authority), "SSL_CERT_DIR": str(state),
    }
    os.execve(sys.executable, [sys.executable, *sys.argv], environment)


def main():
    options = arguments()
    options.state.mkdir(parents=True, exist_ok=True)
    sandbox = Sandbox(options.sandbox)
    about = sandbox.ask("GET", "/")
    if TUNNEL not in os.environ:
        through_tunnel(options.state, about)

    # The phases get stdout for themselves; what libraries print goes to the log.
    phases = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)

    def tell(**phase):
        phases.write(json.dumps(phase) + "\n")

    import root_key
    from bench import Bench
    from device import Device

    root_key.trust(bytes.fromhex(about["rootKey"]))
    bench = Bench(sandbox, tell, options, lambda phone: Device(phone, sandbox, options.state, options.journal))
    there = len(list(options.state.glob("+*.db")))
    tell(
        phase="ready", rival="whatsmeow", version="neonize 0.5.2", pid=os.getpid(), helpers=[int(os.environ[TUNNEL])],
        numbers=there, settings={"store": "SQLite, a file for each number", "journal": options.journal},
    )
    try:
        if there:
            bench.resume(there)
        follow(bench, tell)
    finally:
        # Go's threads don't end by themselves, and Python would wait for them.
        os._exit(0 if sys.exc_info()[0] is None else 1)


def follow(bench, tell):
    for line in sys.stdin:
        if not line.strip():
            continue
        command = json.loads(line)
        if command["do"] == "quit":
            break
        try:
            bench.run(command)
        except Exception as error:  # whatever it is, the harness has to hear of it
            tell(phase="failed", do=command["do"], reason=repr(error))
    bench.close()
    tell(phase="ended")


if __name__ == "__main__":
    main()
