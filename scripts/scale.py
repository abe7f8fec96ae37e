#!/usr/bin/env python3
"""How long lists take on a large inbox, and how the database finds its rows.

Starts the server on an empty folder once, so that it makes its tables, fills
them from a seed, starts it again and asks for every filter and order that
openapi.json lists, each several times. Prints the median and the 95th
percentile of each, the processor time that the server took, and below the statements that were run with their plans.

  scripts/scale.py --server target/release/sparkbot --chats 10000 --messages 500000
  scripts/scale.py --server target/release/sparkbot --postgres postgres://localhost/scale …

SQLite is filled by Python itself, PostgreSQL by psql's COPY. A build with the
feature `sandbox` is needed: it talks to nothing but this machine.
"""

import argparse
import io
import json
import os
import random
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

NOW = 1_800_000_000_000
DAY = 86_400_000
VOCABULARY = 20_000
WORDS = 8
KINDS = ["text"] * 80 + ["image"] * 8 + ["audio"] * 4 + ["video", "document", "sticker", "location", "contacts",
                                                       "poll", "event", "product"]
RESOURCES = {"Chat Messages", "Chats", "Chat Contacts", "Chat Files"}
# How lists are paged and what makes the server ask WhatsApp is no filter.
LEFT_OUT = {"size", "page", "skip", "sync"}


def said(text):
    print(text, file=sys.stderr, flush=True)


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

    def cpu_seconds(self):
        """Processor time so far: what a busy machine does not distort."""
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


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


def vocabulary(rng):
    letters = "abcdefghijklmnopqrstuvwxyz"
    return ["".join(rng.choice(letters) for _ in range(3 + n % 7)) + str(n) for n in range(VOCABULARY)]


def zipf(rng, words):
    """A word, the first ones far more often than the last."""
    return words[min(int(len(words) ** rng.random()) - 1, len(words) - 1)]


class Rows:
    """Rows for a table, with something in every column that must have a value."""

    def __init__(self, database, table):
        self.database, self.table = database, table
        self.columns = database.columns(table)
        self.rows = []

    def add(self, **values):
        row = []
        for name, needed, is_number in self.columns:
            if name in values:
                row.append(values[name])
            else:
                row.append((0 if is_number else "") if needed else None)
        self.rows.append(row)
        if len(self.rows) >= 20_000:
            self.flush()

    def flush(self):
        if self.rows:
            self.database.insert(self.table, [name for name, _, _ in self.columns], self.rows)
        self.rows = []


class Sqlite:
    def __init__(self, file):
        self.conn = sqlite3.connect(file)
        self.conn.execute("PRAGMA synchronous = OFF")
        self.conn.execute("PRAGMA cache_size = -500000")
        self.conn.execute("PRAGMA foreign_keys = OFF")

    def columns(self, table):
        found = self.conn.execute(f"PRAGMA table_info({table})").fetchall()
        return [(name, bool(needed), "INT" in kind) for _, name, kind, needed, default, _ in found
                if not (needed and default is not None)]

    def insert(self, table, columns, rows):
        marks = ", ".join("?" * len(columns))
        self.conn.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    def finish(self):
        self.conn.commit()
        self.conn.execute("ANALYZE")
        self.conn.commit()

    def plan(self, statement):
        # Placeholders are all that a plan needs to know of values.
        text = re.sub(r"\$(\d+)", r"?\1", statement)
        count = max([int(n) for n in re.findall(r"\?(\d+)", text)] or [0])
        try:
            return [row[3] for row in self.conn.execute("EXPLAIN QUERY PLAN " + text, ["x"] * count)]
        except sqlite3.Error as error:
            return [f"no plan: {error}"]


class Postgres:
    def __init__(self, url):
        self.url = url
        self.psql("SET session_replication_role = replica")

    def psql(self, text, data=None):
        done = subprocess.run(["psql", "-qAt", "-v", "ON_ERROR_STOP=1", self.url, "-c", text], input=data,
                              capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout.decode()

    def columns(self, table):
        text = ("SELECT column_name, is_nullable, data_type, column_default FROM information_schema.columns "
                f"WHERE table_name = '{table}' AND table_schema = 'public' ORDER BY ordinal_position")
        rows = [line.split("|") for line in self.psql(text).splitlines()]
        return [(name, nullable == "NO", kind == "bigint") for name, nullable, kind, default in rows
                if not (nullable == "NO" and default and name != "seq")]

    def insert(self, table, columns, rows):
        def field(value):
            if value is None:
                return "\\N"
            if isinstance(value, bytes):
                return "\\\\x" + value.hex()
            return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
        text = io.StringIO()
        for row in rows:
            text.write("\t".join(map(field, row)) + "\n")
        self.psql(f"COPY {table} ({', '.join(columns)}) FROM STDIN", text.getvalue().encode())

    def finish(self):
        self.psql("SELECT setval(pg_get_serial_sequence('chat_messages', 'seq'), "
                  "(SELECT COALESCE(MAX(seq), 1) FROM chat_messages))")
        self.psql("ANALYZE")

    def plan(self, statement):
        try:
            return self.psql("SET plan_cache_mode = force_generic_plan; EXPLAIN (GENERIC_PLAN) " + statement).splitlines()
        except RuntimeError as error:
            return [f"no plan: {error}"]


def fill(database, options, account, device):
    """An inbox from a seed: few chats with much in them, many with little."""
    rng = random.Random(options.seed)
    words = vocabulary(rng)
    own = "16000000000@c.us"
    chats = [f"1999{n:07d}@c.us" for n in range(options.chats)]
    groups = set(range(0, options.chats, 20))
    chats = [f"1203630{n:011d}@g.us" if n in groups else chat for n, chat in enumerate(chats)]
    names = [f"{words[n % 3_000].capitalize()} {words[(n * 7) % 9_000].capitalize()}" for n in range(options.chats)]
    statuses = ["pending", "active", "resolved", "archived"]
    said("contacts and chats")
    contact, chat = Rows(database, "contacts"), Rows(database, "chats")
    for n, wid in enumerate(chats):
        last = NOW - rng.randrange(700 * DAY)
        if n not in groups:
            contact.add(device_id=device, wid=wid, account_id=account, lid=f"{10**14 + n}@lid", phone="+" + wid[:11],
                        name=names[n] if n % 3 else None, push_name=names[n], metadata="[]", created_at=last,
                        updated_at=last)
        chat.add(device_id=device, wid=wid, account_id=account, lid=None if n in groups else f"{10**14 + n}@lid",
                 kind="group" if n in groups else "chat", name=names[n], status=statuses[min(n % 9, 3)],
                 inbound_messages=5, outbound_messages=5, unread=n % 4 if n % 10 == 0 else 0,
                 first_message_at=last - DAY, last_message_at=last, last_inbound_at=last, last_outbound_at=last - 1000,
                 created_at=last, labels="[]", owner="{}", meta="{}", attributes="{}")
    contact.flush()
    chat.flush()
    message, word, file = Rows(database, "chat_messages"), Rows(database, "chat_message_words"), Rows(database, "chat_files")
    index = []
    began = time.monotonic()
    for seq in range(1, options.messages + 1):
        place = int(options.chats * rng.random() ** 2)
        wid = chats[place]
        inbound = rng.random() < 0.55
        kind = rng.choice(KINDS)
        body = " ".join(zipf(rng, words) for _ in range(WORDS))
        at = NOW - int((1 - seq / options.messages) * 700 * DAY) - rng.randrange(DAY)
        author = wid if inbound and place not in groups else chats[place - 1] if inbound else own
        doc = {"from": wid if inbound else own, "to": own if inbound else wid, "meta": {}}
        ack = "delivered" if inbound else rng.choice(["sent", "delivered", "read", "read", "read", "played"])
        message.add(seq=seq, device_id=device, chat=wid, author=author, wa_id=f"3EB0{seq:016X}", account_id=account,
                    flow="inbound" if inbound else "outbound", kind=kind, status="active", body=body, ack=ack,
                    reference=f"order-{seq}" if seq % 50 == 0 else None, doc=json.dumps(doc), raw=b"\n\x05hello", at=at,
                    created_at=at)
        index += [(found, seq) for found in set(body.split())]
        if kind in ("image", "audio", "video", "document", "sticker"):
            file.add(seq=seq, id=f"{seq:024x}", account_id=account, device_id=device, message=seq, chat=wid,
                     author=author, wa_id=f"3EB0{seq:016X}", flow="inbound" if inbound else "outbound",
                     kind=kind, status="new", mime="image/jpeg", size=100_000, filename=f"{words[seq % 900]}.jpg",
                     meta="{}", attempts=0, downloads=0, at=at, created_at=at)
        if seq % 200_000 == 0 or seq == options.messages:
            # In the index's own order, which is the fast one.
            index.sort()
            for found, number in index:
                word.add(device_id=device, word=found.encode(), message=number)
            index = []
            said(f"{seq} messages after {time.monotonic() - began:.0f} s")
    for rows in (message, word, file):
        rows.flush()
    database.finish()
    return rng, words, chats


def values(name, schema, rng, words, chats, messages):
    """Values to ask a filter for; several, so that no answer is a lucky one."""
    if schema.get("type") == "array":
        schema = schema["items"]
    if "enum" in schema:
        return [str(value) for value in schema["enum"]]
    kinds = schema.get("type")
    if kinds == "boolean" or kinds == ["boolean", "null"]:
        return ["true", "false"]
    sometime = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(NOW / 1000 - 86_400 * 200))
    some_id = f"3EB0{rng.randrange(1, messages):016X}"
    known = {
        "search": [words[0], words[50], words[5_000], f"{words[0]} {words[1]}", words[3][:2], "nothinglikethis"],
        "chat": [chats[0], chats[-1], chats[20]], "chats": [chats[0]], "from": [chats[1], chats[20]],
        "to": [chats[1], "16000000000@c.us"], "reference": ["order-50", "order-none"],
        "wid": [some_id], "begin": [some_id], "end": [some_id], "message": [some_id], "phone": ["+19990000001"],
        "country": ["US"], "name": [words[10]], "filename": [words[5]], "author": [chats[1]],
    }
    if name in known:
        return known[name]
    if schema.get("format") == "date-time" or "after" in name.lower() or "before" in name.lower():
        return [sometime]
    return []


def requests(document, device, rng, words, chats, messages):
    for path, operations in document["paths"].items():
        operation = operations.get("get")
        if not operation or not RESOURCES & set(operation.get("tags", [])) or path.count("{") != 1:
            continue
        base = path.replace("{device}", device)
        yield f"{path}", [base, base + "?page=3"]
        for parameter in operation.get("parameters", []):
            name = parameter["name"]
            if parameter["in"] != "query" or name in LEFT_OUT:
                continue
            found = values(name, parameter.get("schema", {}), rng, words, chats, messages)
            if not found:
                said(f"not asked for: {path} {name}")
            for value in found:
                yield f"{path} {name}={value[:40]}", [f"{base}?{urllib.parse.urlencode({name: value})}"]


def measure(options, server, key, document, device, rng, words, chats):
    client = Api(server.api, key)
    rows, failed = [], 0
    for what, paths in requests(document, device, rng, words, chats, options.messages):
        times, cpu = [], server.cpu_seconds()
        for n in range(options.samples):
            began = time.monotonic()
            try:
                client.call("GET", paths[n % len(paths)])
            except urllib.error.HTTPError as error:
                said(f"{what}: {error.code} {error.read()[:200]}")
                failed += 1
                break
            times.append((time.monotonic() - began) * 1000)
        else:
            times.sort()
            cpu = (server.cpu_seconds() - cpu) * 1000 / len(times)
            rows.append((what, statistics.median(times), times[int(len(times) * 0.95) - 1], times[-1], cpu))
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
    parser.add_argument("--plans", action="store_true", help="show the statements that were run, and their plans")
    options = parser.parse_args()
    folder = options.folder or tempfile.mkdtemp(prefix="scale-")
    data = os.path.join(folder, "data")
    os.makedirs(data)
    try:
        server = Server(options, data, "warn")
        key = server.ready["key"]
        api = Api(server.api, key)
        device = json.loads(api.call("POST", "/v1/devices", {"alias": "Scale"}))["id"]
        document = json.loads(api.call("GET", "/v1/openapi.json"))
        server.stop()
        file = next((os.path.join(data, name) for name in os.listdir(data) if name.endswith(".db")), None)
        database = Postgres(options.postgres) if options.postgres else Sqlite(file)
        if options.postgres:
            account = database.psql("SELECT id FROM accounts").split()[0]
        else:
            account = database.conn.execute("SELECT id FROM accounts").fetchone()[0]
        rng, words, chats = fill(database, options, account, device)
        size = os.path.getsize(file) if not options.postgres else int(
            database.psql("SELECT pg_database_size(current_database())"))
        server = Server(options, data, "warn,sqlx::query=debug" if options.plans else "warn")
        rows, failed = measure(options, server, key, document, device, rng, words, chats)
        server.stop()
        print(f"{options.chats} chats, {options.messages} messages, {size / 2**20:.0f} MiB, "
              f"{'PostgreSQL' if options.postgres else 'SQLite'}, {options.samples} requests of each kind\n")
        print("| request | median ms | p95 ms | most ms | CPU ms |\n|---|---|---|---|---|")
        for what, median, p95, most, cpu in sorted(rows, key=lambda row: -row[1]):
            mark = " **" if median > options.limit else ""
            print(f"| `{what}`{mark} | {median:.1f} | {p95:.1f} | {most:.1f} | {cpu:.1f} |")
        if options.plans:
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
