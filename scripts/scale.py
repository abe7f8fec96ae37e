#!/usr/bin/env python3
"""How long lists take on a large inbox, and how the database finds its rows.

Starts the server on an empty folder once, so that it makes its tables, fills
them from a seed (scale_fill.py), starts it again and asks for every filter and order that
openapi.json lists, each several times. Prints the median and the 95th
percentile of each, the processor time that the server took, and below the statements that were run with their plans.

  scripts/scale.py --server target/release/sparkbot --chats 10000 --messages 500000
  scripts/scale.py --server target/release/sparkbot --postgres postgres://localhost/scale …

A build with the feature `sandbox` is needed: it talks to nothing but this
machine.
"""

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from scale_fill import DAY, NOW, OWN, Filler, Postgres, Sqlite, said

RESOURCES = {"Chat Messages", "Chats", "Chat Contacts", "Chat Files", "Outbound Messages", "Files", "Groups"}
# How lists are paged, what is shown along, and what makes the server ask WhatsApp is no filter.
LEFT_OUT = {"size", "page", "skip", "sync", "include"}


class Server:
    """The binary, on a folder of its own."""

    def __init__(self, options, folder, log_level):
        command = [options.server, "serve", "--json", "--data-dir", folder, "--listen", "127.0.0.1:0", "--sandbox",
                   "--sandbox-socket", "127.0.0.1:0", "--sandbox-control", "127.0.0.1:0",
                   "--set", f"log.level={log_level}"]
        if options.postgres:
            command += ["--database", options.postgres]
        self.log = open(os.path.join(folder, "..", "server.log"), "ab")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log)
        while True:
            line = self.process.stdout.readline()
            if not line:
                sys.exit(f"the server has ended; its log is {self.log.name}")
            try:
                self.ready = json.loads(line)
                break
            except ValueError:
                continue
        self.api = self.ready["api"].rstrip("/")
        self.postmaster = Postgres(options.postgres).postmaster() if options.postgres else None

    def cpu_seconds(self):
        """Processor time so far, of PostgreSQL's processes too where they run here: what a busy machine does not distort."""
        pids = [self.process.pid]
        if self.postmaster:
            with open(f"/proc/{self.postmaster}/task/{self.postmaster}/children", encoding="utf-8") as children:
                pids += [int(pid) for pid in children.read().split()]
        return sum(map(cpu_of, pids))

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def cpu_of(pid):
    """Seconds of one process, to a microsecond; 0 when it has ended."""
    try:
        with open(f"/proc/{pid}/schedstat", encoding="utf-8") as stat:
            own = int(stat.read().split()[0]) / 1e9
        threads = os.listdir(f"/proc/{pid}/task")
        if len(threads) == 1:
            return own
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return 0.0


class Api:
    def __init__(self, base, key):
        self.base, self.key = base, key

    def call(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.base + path, data=data, method=method)
        request.add_header("Token", self.key)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.read()


class Inbox:
    """What was filled in: what to ask for."""

    def __init__(self, filler):
        self.rng = random.Random(7)
        self.words, self.chats, self.messages = filler.words.list, filler.chats, filler.count
        self.agents, self.names = filler.agents, filler.names

    def several(self, list_of, low, high, count=5):
        return [list_of[self.rng.randrange(low, min(high, len(list_of)))] for _ in range(count)]

    def searches(self, path):
        """Kinds of words, each with several of the kind."""
        words = self.words
        if "/chats" in path or "/contacts" in path or "/groups" in path:
            yield "a name", self.several(self.names, 0, 10**9)
            yield "a common word", words[:5]
            yield "a number", [wid[:9] for wid in self.several(self.chats, 0, 10**9)]
        else:
            yield "the most common words", words[:5]
            yield "common words", self.several(words, 50, 200)
            yield "middling words", self.several(words, 1_000, 4_000)
            yield "rare words", self.several(words, 20_000, 50_000)
            yield "two common words", [" ".join(self.several(words, 0, 60, 2)) for _ in range(5)]
            yield "a common and a rare word", [f"{words[n]} {rare}" for n, rare in
                                               enumerate(self.several(words, 5_000, 30_000))]
            yield "three words", [" ".join(self.several(words, 0, 1_000, 3)) for _ in range(5)]
        yield "one letter", ["b", "s", "t", "m", "p"]
        yield "two letters", [word[:2] for word in self.several(words, 0, 1_000)]
        yield "three letters", [word[:3] for word in self.several(words, 500, 5_000)]
        yield "a word that nobody wrote", ["nothinglikethis", "xyzxyz", "qqqq", "wwwww", "kjhkjh"]

    def values(self, path, name, schema):
        """Values to ask a filter for, with a word for each kind of value."""
        if schema.get("type") == "array":
            schema = schema["items"]
        if "enum" in schema:
            for value in schema["enum"]:
                yield str(value), [str(value)]
            return
        kinds = schema.get("type")
        if kinds in ("boolean", ["boolean", "null"]):
            yield "true", ["true"]
            yield "false", ["false"]
            return
        ids = [f"3EB0{seq * 10:016X}" for seq in self.several(range(1, self.messages // 10), 0, 10**9)]
        if name == "search":
            yield from self.searches(path)
        elif name in ("chat", "chats", "to", "from") and path != "/v1/messages":
            yield "a large chat", self.chats[1:6]
            yield "some chat", self.several(self.chats, 0, 10**9)
            yield "a group", self.chats[0:100:20]
            if name == "to":
                yield "the number itself", [OWN]
        elif name in ("phone", "group", "channel") and path == "/v1/messages":
            yield "a chat", {"phone": ["+" + wid[:11] for wid in self.chats[1:6]], "group": self.chats[0:100:20],
                             "channel": ["120363000000000001@newsletter"]}[name]
        else:
            serial = [f"{n:024x}" for n in self.several(range(1, self.messages // 50), 0, 10**9)]
            known = {
                "reference": ([f"order-{n * 50}" for n in range(1, 6)]), "wid": ids, "begin": ids, "end": ids, "message": ids,
                "ids": serial, "waIds": ids, "agent": self.agents[:5], "agents": self.agents[:5],
                "labels": [f"label{n}" for n in range(5)], "labelsExclude": [f"label{n}" for n in range(5)],
                "phone": [wid[:11] for wid in self.chats[1:6]], "country": ["US", "DE"], "filename": self.words[:5],
                "email": ["person31@example.com"], "owner": self.agents[:5], "sha2": [f"{n:064x}" for n in range(5)],
                "tags": ["tag1", "tag2"], "mime": ["image/jpeg", "application/pdf"], "ext": ["jpg", "pdf"],
                "filesize": [">4MB", "<1KB"], "priority": ["1", "2"], "metadataKey": ["segment"], "metadataValue": ["s1"],
                "device": [], "devices": [],
            }
            if name in known:
                if known[name]:
                    yield "some", known[name]
            elif schema.get("format") == "date-time" or "after" in name.lower() or "before" in name.lower():
                for days in (5, 200, 690):
                    at = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime((NOW - DAY * days) / 1000))
                    yield f"{days} days ago", [at]


def requests(document, device, inbox):
    for path, operations in document["paths"].items():
        operation = operations.get("get")
        if not operation or not RESOURCES & set(operation.get("tags", [])):
            continue
        parameters = [each for each in operation.get("parameters", []) if each["in"] == "query"]
        if path.replace("{device}", "").count("{") or not any(each["name"] == "size" for each in parameters):
            continue
        base = path.replace("{device}", device)
        short = path.replace("/v1/chat/{device}", "").replace("/v1/devices/{device}", "")
        yield short, "", [base]
        yield short, "page=100", [base + "?page=100"]
        for parameter in parameters:
            name = parameter["name"]
            if name in LEFT_OUT:
                continue
            found = list(inbox.values(path, name, parameter.get("schema", {})))
            if not found:
                said(f"not asked for: {path} {name}")
            for what, values in found:
                yield short, f"{name}={what}", [f"{base}?{urllib.parse.urlencode({name: value})}" for value in values]
        if short == "/messages" and path != "/v1/messages":
            words = inbox.words
            for what, query in COMBINED:
                yield short, what, [f"{base}?" + urllib.parse.urlencode(query(inbox, words[n], n)) for n in range(5)]


# What people ask for at once.
COMBINED = [
    ("chat and search", lambda inbox, word, n: {"chat": inbox.chats[n + 1], "search": word}),
    ("chat and kind", lambda inbox, word, n: {"chat": inbox.chats[n + 1], "kind": "image"}),
    ("chat, oldest first", lambda inbox, word, n: {"chat": inbox.chats[n + 1], "sort": "date:asc"}),
    ("search and kind", lambda inbox, word, n: {"search": word, "kind": "image"}),
    ("search and flow", lambda inbox, word, n: {"search": inbox.words[200 + n], "flow": "inbound"}),
    ("flow and kinds", lambda inbox, word, n: {"flow": "inbound", "kind": "image,video"}),
    ("search and before, long ago", lambda inbox, word, n: {"search": inbox.words[200 + n], "before": "2025-06-01T00:00:00Z"}),
    ("two words and kind", lambda inbox, word, n: {"search": f"{inbox.words[30 + n]} {inbox.words[60 + n]}", "kind": "image"}),
    ("search and after", lambda inbox, word, n: {"search": word, "after": "2026-06-01T00:00:00Z"}),
]


def agents_requests(device, inbox):
    """Lists as an agent sees them: the own chats, and those that are nobody's."""
    words = inbox.words
    for short in ("/messages", "/chats", "/files"):
        base = f"/v1/chat/{device}{short}"
        yield short, "as an agent", [base]
        yield short, "page=100 as an agent", [base + "?page=100"]
        found = inbox.names if short == "/chats" else words
        yield short, "search=common as an agent", [f"{base}?search={urllib.parse.quote(word)}" for word in found[50:55]]
    yield "/messages", "flow=inbound as an agent", [f"/v1/chat/{device}/messages?flow=inbound"]
    yield "/messages", "kind=poll as an agent", [f"/v1/chat/{device}/messages?kind=poll"]
    yield "/chats", "status=pending as an agent", [f"/v1/chat/{device}/chats?status=pending"]
    yield "/v1/messages", "as an agent", ["/v1/messages"]


def agent(server, database, kept, first):
    """The key of somebody who looks after the chats of the first agent that was filled in."""
    client = Api(server.api, kept["key"])
    person = {"email": "agent@example.com", "password": "a-Long-enough-9-word"}
    if "agent" not in kept:
        made = client.call("POST", f"/v1/devices/{kept['device']}/team",
                           dict(person, displayName="Agent", role="agent", color="teal"))
        kept["agent"] = json.loads(made)["id"]
        database.run(f"UPDATE chats SET agent = '{kept['agent']}' WHERE agent = '{first}'")
    return json.loads(client.call("POST", "/v1/login", person))["key"]


def measure(options, server, kept, agents_key, document, inbox):
    device, rows, failed = kept["device"], [], 0
    asked = [(kept["key"], each) for each in requests(document, device, inbox)]
    asked += [(agents_key, each) for each in agents_requests(device, inbox)]
    for key, (short, what, paths) in asked:
        client = Api(server.api, key)
        times, cpu = [], server.cpu_seconds()
        for n in range(options.samples):
            began = time.monotonic()
            try:
                client.call("GET", paths[n % len(paths)])
            except urllib.error.HTTPError as error:
                said(f"{short} {what}: {error.code} {error.read()[:200]}")
                failed += 1
                break
            times.append((time.monotonic() - began) * 1000)
        else:
            times.sort()
            cpu = (server.cpu_seconds() - cpu) * 1000 / len(times)
            rows.append((f"{short} {what}".strip(), statistics.median(times), times[int(len(times) * 0.95) - 1], times[-1], cpu))
            if options.verbose:
                said("%-70s %8.1f %8.1f %8.1f" % (rows[-1][0], rows[-1][1], rows[-1][3], cpu))
    return rows, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="the binary, built with the feature sandbox")
    parser.add_argument("--chats", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=500_000)
    parser.add_argument("--samples", type=int, default=20, help="requests of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=50, help="milliseconds that a median may take")
    parser.add_argument("--folder", help="where to work; a temporary one that is removed when absent")
    parser.add_argument("--postgres", help="URL of an empty PostgreSQL database, in place of SQLite")
    parser.add_argument("--filled", action="store_true", help="the folder and the database are filled already, from the same "
                                                              "seed and sizes")
    parser.add_argument("--verbose", action="store_true", help="tell each figure as soon as it is there")
    parser.add_argument("--plans", action="store_true", help="show the statements that were run, and their plans")
    options = parser.parse_args()
    folder = options.folder or tempfile.mkdtemp(prefix="scale-")
    data = os.path.join(folder, "data")
    os.makedirs(data, exist_ok=True)
    ids = os.path.join(folder, "ids.json")
    try:
        if options.filled:
            with open(ids, encoding="utf-8") as text:
                kept = json.load(text)
        else:
            server = Server(options, data, "warn")
            kept = {"key": server.ready["key"]}
            kept["device"] = json.loads(Api(server.api, kept["key"]).call("POST", "/v1/devices", {"alias": "Scale"}))["id"]
            server.stop()
        file = next((os.path.join(data, name) for name in os.listdir(data) if name.endswith(".db")), None)
        database = Postgres(options.postgres) if options.postgres else Sqlite(file, options.filled)
        account = database.one("SELECT id FROM accounts")
        filler = Filler(database, options.chats, options.messages, options.seed, account, kept["device"])
        if not options.filled:
            filler.fill()
        inbox, size = Inbox(filler), database.size()
        server = Server(options, data, "warn,sqlx::query=debug" if options.plans else "warn")
        agents_key = agent(server, database, kept, filler.agents[0])
        with open(ids, "w", encoding="utf-8") as text:
            json.dump(kept, text)
        database.close()
        document = json.loads(Api(server.api, kept["key"]).call("GET", "/v1/openapi.json"))
        rows, failed = measure(options, server, kept, agents_key, document, inbox)
        server.stop()
        print(f"{options.chats} chats, {options.messages} messages, {size / 2**20:.0f} MiB, "
              f"{'PostgreSQL' if options.postgres else 'SQLite'}, {options.samples} requests of each kind\n")
        print("| request | median ms | p95 ms | most ms | CPU ms |\n|---|---|---|---|---|")
        for what, median, p95, most, cpu in sorted(rows, key=lambda row: -row[1]):
            mark = " **" if median > options.limit else ""
            print(f"| `{what}`{mark} | {median:.1f} | {p95:.1f} | {most:.1f} | {cpu:.1f} |")
        if options.plans:
            database = Postgres(options.postgres) if options.postgres else Sqlite(file, True)
            show_plans(database, os.path.join(folder, "server.log"))
        slow = [what for what, median, *_ in rows if median > options.limit]
        print(f"\n{len(rows)} kinds of requests, {len(slow)} over {options.limit:.0f} ms, {failed} refused")
        return 1 if slow or failed or not rows else 0
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)


def show_plans(database, log):
    """Each statement that the server has run, once, with its plan."""
    with open(log, encoding="utf-8", errors="replace") as lines:
        text = re.sub(r"\x1b\[[0-9;]*m", "", lines.read())
    found = set()
    for match in re.finditer(r'db\.statement="((?:[^"\\]|\\.)*)"|summary="((?:[^"\\]|\\.)*)"', text):
        statement = (match.group(1) or match.group(2) or "").replace("\\n", " ").replace('\\"', '"')
        statement = " ".join(statement.split())
        if statement.upper().startswith(("SELECT", "WITH")) and "…" not in statement:
            found.add(statement)
    print()
    for statement in sorted(found):
        print(statement)
        for line in database.plan(statement):
            print("    " + line)


if __name__ == "__main__":
    sys.exit(main())
