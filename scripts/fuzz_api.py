#!/usr/bin/env python3
"""Every operation of openapi.json with made-up input: no 500, and every answer is one that the document tells of.

Schemathesis makes the input, from a seed; the server is a real one on its own sandbox, with a linked number, a chat,
a group and a file, so that requests reach further than "not found". What would end the number or the key is asked of
ids that are nobody's. Ends everything it starts.

    scripts/fuzz_api.py [--examples 5] [--seed 1] [--binary target/debug/sparkbot]
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOL = "schemathesis==4.32.5"
OWN, BEN, CAROL = "+16001234560", "+16001234561", "+16001234562"
NOBODY = "0" * 24
# They end what all others need.
ENDING = ["devices.delete", "session.reset", "session.reboot", "devices.deleteChats", "login.delete", "apikeys.revoke", "team.delete"]
# Never ends.
ENDLESS = "events.stream"
# What would be waited for, for minutes altogether.
WAITS = {"events.list": {"query.wait": 0}}


def call(method, url, body=None, key=None):
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if key:
        request.add_header("Token", key)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as refused:
        sys.exit(f"fuzz: {method} {url}: {refused.code} {refused.read().decode(errors='replace')}")


def wait(what, look, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    sys.exit(f"fuzz: waited {seconds} s for {what}")


def tool():
    """Schemathesis in a folder of its own, fetched once."""
    target = subprocess.run(
        ["cargo", "metadata", "--no-deps", "--format-version", "1"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    folder = pathlib.Path(json.loads(target.stdout)["target_directory"]) / "fuzz-venv"
    noted = folder / "installed"
    if not noted.exists() or noted.read_text() != TOOL:
        print(f"fuzz: fetching {TOOL}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([folder / "bin/pip", "install", "-q", "--disable-pip-version-check", TOOL], check=True)
        noted.write_text(TOOL)
    return folder / "bin/schemathesis"


def furnish(api, control, key):
    """A number with something of everything; the ids by which parameters find it."""
    for number, name in ((OWN, "Ana"), (BEN, "Ben"), (CAROL, "Carol")):
        call("POST", f"{control}/phones", {"phone": number, "name": name})
    device = call("POST", f"{api}/v1/devices", {"alias": "Fuzzed"}, key)["id"]
    code = call("POST", f"{api}/v1/devices/{device}/authcode", {"phone": OWN}, key)["code"]
    call("POST", f"{control}/phones/%2B{OWN[1:]}/link", {"code": code})
    state = lambda: call("GET", f"{api}/v1/devices/{device}", None, key)["session"]["status"] == "online"
    wait("the number to be online", state)
    group = call("POST", f"{api}/v1/devices/{device}/groups", {"name": "All", "participants": [{"phone": BEN}]}, key)["id"]
    sent = call("POST", f"{api}/v1/messages", {"device": device, "phone": BEN, "message": "hello"}, key)
    call("POST", f"{control}/phones/%2B{BEN[1:]}/messages", {"to": OWN, "text": "hello yourself"})
    received = lambda: [m for m in call("GET", f"{api}/v1/chat/{device}/messages?flow=inbound&size=1", None, key)]
    message = wait("a message", received)[0]["id"]
    file = call("POST", f"{api}/v1/files", {"url": "data:text/plain;base64,aGVsbG8="}, key)[0]["id"]
    webhook = call("POST", f"{api}/v1/webhooks", {"name": "W", "url": "http://127.0.0.1:9/", "events": ["number:session"]}, key)
    return {
        "device": device, "chatId": BEN, "groupId": group, "fileId": file, "webhookId": webhook["id"],
        "messages": sent["id"], "chat": message,
    }


def configuration(ids, document):
    """The ids, and where others are asked for."""
    lines = ["[checks.not_a_server_error]", 'expected-statuses = ["2xx", "3xx", "4xx"]', "", "[parameters]"]
    lines += [f'"path.{name}" = "{ids[name]}"' for name in ("device", "chatId", "groupId", "fileId", "webhookId")]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if not isinstance(operation, dict) or "operationId" not in operation:
                continue
            own = {}
            if operation["operationId"] in ENDING or (method == "delete" and path.count("{") > 0 and path.endswith("}")):
                own = {name: NOBODY for name in ("device", "fileId", "webhookId", "keyId", "messageId")}
            elif "{messageId}" in path:
                own = {"messageId": ids["chat" if path.startswith("/v1/chat") else "messages"]}
            own = {f"path.{name}": value for name, value in own.items() if f"{{{name}}}" in path}
            own |= WAITS.get(operation["operationId"], {})
            if own:
                pairs = ", ".join(f'"{name}" = {json.dumps(value)}' for name, value in own.items())
                lines += ["", "[[operations]]", f'include-name = "{method.upper()} {path}"', f"parameters = {{ {pairs} }}"]
    return "\n".join(lines) + "\n"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--examples", type=int, default=5, help="inputs for each operation")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--binary", default=str(ROOT / "target/debug/sparkbot"), help="one built with the sandbox")
    options = options.parse_args()
    schemathesis = tool()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        log = open(folder / "log", "wb")
        server = subprocess.Popen(
            [options.binary, "serve", "--json", "--data-dir", folder / "data", "--listen", "127.0.0.1:0", "--sandbox",
             "--sandbox-control", "127.0.0.1:0", "--sandbox-socket", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=log, text=True,
        )
        try:
            ready = json.loads(server.stdout.readline())
            api, control, key = ready["api"].rstrip("/"), ready["sandbox"]["control"].rstrip("/"), ready["key"]
            document = json.loads((ROOT / "openapi.json").read_text())
            (folder / "schemathesis.toml").write_text(configuration(furnish(api, control, key), document))
            command = [
                schemathesis, "--config-file", folder / "schemathesis.toml", "run", ROOT / "openapi.json", "--url", api,
                "-H", f"Token: {key}", "--phases", "examples,fuzzing", "--max-examples", str(options.examples),
                "--seed", str(options.seed), "--exclude-operation-id", ENDLESS, "--request-timeout", "60", "--warnings", "off",
                "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
            ]
            done = subprocess.run(command, cwd=folder)
            still = call("GET", f"{api}/v1/devices", None, key)
            print(f"fuzz: the server still answers; numbers: {len(still)}", flush=True)
        finally:
            server.terminate()
            server.wait(timeout=30)
        told = (folder / "log").read_text(errors="replace").splitlines()
        # What the server itself says of its failures.
        for line in [line for line in told if " ERROR " in line][:20]:
            print("fuzz:", line)
        panics = [line for line in told if "panicked" in line]
        for line in panics:
            print("fuzz:", line)
        sys.exit(1 if panics else done.returncode)


if __name__ == "__main__":
    main()
