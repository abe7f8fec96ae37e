"""Fills a database with a large inbox from a seed: what scripts/scale.py measures on.

The tables are those that the server has made. Their indexes are taken away
while they are filled and made again as they were, which is what makes it fast;
words are written in the order of their index. SQLite is filled by Python
itself, PostgreSQL by psql's COPY.
"""

import bisect
import itertools
import random
import re
import sqlite3
import subprocess
import sys
import time
from array import array

NOW = 1_800_000_000_000
DAY = 86_400_000
SPAN = 700 * DAY
OWN = "16000000000@c.us"
KINDS = (["text"] * 800 + ["image"] * 80 + ["audio"] * 45 + ["video"] * 20 + ["document"] * 20 + ["sticker"] * 15
         + ["location", "contacts", "poll", "event", "product", "call", "system", "order", "note", "list"])
FILES = {"image", "audio", "video", "document", "sticker"}
ACKS = ["sent", "delivered", "read", "read", "read", "played"]


# Signatures as crates/store/src/rows/chat/signature.rs makes them.
SIGNED_KINDS = {kind: 1 << 51 + place for place, kind in enumerate(["text", "image", "audio", "video", "document", "sticker"])}
INBOUND, OUTBOUND, WITH_FILE, OTHER_KIND, PAIR, GROUP = 1 << 48, 1 << 49, 1 << 50, 1 << 57, 1 << 58, 1 << 59


def signature(word):
    """The bits of a word: one for its first two letters, one for its first four."""
    bits = 0
    for part in {word[:2]} | ({word[:4]} if len(word) >= 4 else set()):
        value = 0x811C9DC5
        for byte in part.encode():
            value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
        bits |= 1 << (value ^ value >> 16) % 48
    return bits


def said(text):
    print(text, file=sys.stderr, flush=True)


class Words:
    """Words of syllables: the first ones short and frequent, as words are (Zipf)."""

    def __init__(self, rng, count=50_000):
        syllables = [a + b for a in ["b", "br", "c", "ch", "d", "f", "g", "h", "l", "m", "n", "p", "pr", "r", "s", "st", "t",
                                     "tr", "v", "w", ""] for b in "aeiou"]
        found = {}
        while len(found) < count:
            parts = 1 + min(len(found) // 60, 1) + min(len(found) // 6_000, 1) + rng.randrange(2)
            word = "".join(rng.choice(syllables) for _ in range(parts)) + rng.choice(["", "", "n", "s", "t", "r"])
            if len(word) > 1:
                found.setdefault(word, None)
        self.list = list(found)
        self.weights = list(itertools.accumulate(1 / (rank + 2) for rank in range(count)))

    def draw(self, rng, count):
        """Places of some words, frequent ones more often."""
        top, weights = self.weights[-1], self.weights
        return {bisect.bisect(weights, rng.random() * top) for _ in range(count)}


class Sqlite:
    def __init__(self, file, filled=False):
        self.conn = sqlite3.connect(file, isolation_level=None)
        if filled:
            return
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000", "foreign_keys = OFF",
                       "temp_store = FILE"):
            self.conn.execute("PRAGMA " + pragma)
        self.conn.execute("BEGIN")

    def one(self, text):
        return self.conn.execute(text).fetchone()[0]

    def run(self, text):
        self.conn.execute("PRAGMA busy_timeout = 10000")
        self.conn.execute(text)

    def columns(self, table):
        found = self.conn.execute(f"PRAGMA table_info({table})").fetchall()
        return [(name, bool(needed), "INT" in kind, needed and default is not None) for _, name, kind, needed, default, _ in found]

    def without_indexes(self, table):
        kept = self.conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS "
                                 "NOT NULL", (table,)).fetchall()
        for name, _ in kept:
            self.conn.execute(f"DROP INDEX {name}")
        return [text for _, text in kept]

    def insert(self, table, columns, rows):
        marks = ", ".join("?" * len(columns))
        self.conn.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    def again(self, texts):
        for text in texts:
            self.conn.execute(text)

    def finish(self):
        self.conn.execute("COMMIT")
        self.conn.execute("PRAGMA journal_mode = WAL")

    def size(self):
        return self.one("PRAGMA page_count") * self.one("PRAGMA page_size")

    def plan(self, statement):
        # Placeholders are all that a plan needs to know of values.
        text = re.sub(r"\$(\d+)", r"?\1", statement)
        count = max([int(n) for n in re.findall(r"\?(\d+)", text)] or [0])
        try:
            return [row[3] for row in self.conn.execute("EXPLAIN QUERY PLAN " + text, ["x"] * count)]
        except sqlite3.Error as error:
            return [f"no plan: {error}"]

    def close(self):
        self.conn.close()


class Postgres:
    def __init__(self, url):
        self.url = url

    def psql(self, text):
        done = subprocess.run(["psql", "-qAt", "-v", "ON_ERROR_STOP=1", self.url], input=text.encode(),
                              capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout.decode()

    def run(self, text):
        self.psql(text)

    def postmaster(self):
        """The process of a PostgreSQL on this machine; None of another."""
        if self.one("SELECT COALESCE(HOST(inet_server_addr()), '127.0.0.1')") not in ("127.0.0.1", "::1"):
            return None
        found = self.one("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
        with open(f"/proc/{found}/stat", encoding="utf-8") as stat:
            return int(stat.read().rsplit(")", 1)[1].split()[1])

    def one(self, text):
        return self.psql(text).split("\n")[0]

    def columns(self, table):
        text = ("SELECT column_name, is_nullable, data_type, column_default FROM information_schema.columns "
                f"WHERE table_name = '{table}' AND table_schema = 'public' ORDER BY ordinal_position")
        rows = [line.split("|") for line in self.psql(text).splitlines()]
        return [(name, nullable == "NO", kind == "bigint", nullable == "NO" and bool(default)) for name, nullable, kind, default in rows]

    def without_indexes(self, table):
        """Foreign keys go, too: 40 million look-ups of the same number."""
        kept = []
        for kind in ("f", "p u"):
            found = self.psql("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = "
                              f"'{table}'::regclass AND contype IN ('{kind.replace(' ', chr(39) + ',' + chr(39))}')")
            for name, text in (line.split("|", 1) for line in found.splitlines()):
                # What others refer to stays, and its tables are small or filled in order.
                try:
                    self.psql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
                except RuntimeError:
                    continue
                if kind != "f":
                    kept.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}")
        found = self.psql("SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename = "
                          f"'{table}' AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)")
        for name, text in (line.split("|", 1) for line in found.splitlines()):
            self.psql(f"DROP INDEX {name}")
            kept.append(text)
        return kept

    def insert(self, table, columns, rows):
        with subprocess.Popen(["psql", "-qAt", "-v", "ON_ERROR_STOP=1", self.url, "-c",
                               f"COPY {table} ({', '.join(columns)}) FROM STDIN"], stdin=subprocess.PIPE) as psql:
            for row in rows:
                psql.stdin.write(("\t".join(map(field, row)) + "\n").encode())
            psql.stdin.close()
            if psql.wait():
                raise RuntimeError(f"COPY {table}")

    def again(self, texts):
        for text in texts:
            self.psql("SET maintenance_work_mem = '1GB'; " + text)

    def finish(self):
        for table in ("chat_messages", "chat_files", "messages", "events"):
            self.psql(f"SELECT setval(pg_get_serial_sequence('{table}', 'seq'), (SELECT COALESCE(MAX(seq), 1) FROM {table}))")
        # Once filled, autovacuum would do the same in the course of a day.
        self.psql("VACUUM (ANALYZE)")

    def size(self):
        return int(self.one("SELECT pg_database_size(current_database())"))

    def plan(self, statement):
        try:
            count = max([int(n) for n in re.findall(r"\$(\d+)", statement)] or [0])
            values = f"({', '.join(['NULL'] * count)})" if count else ""
            return self.psql(f"SET plan_cache_mode = force_generic_plan; PREPARE asked AS {statement}; "
                             f"EXPLAIN EXECUTE asked{values}").splitlines()
        except RuntimeError as error:
            return [f"no plan: {error}"]

    def close(self):
        """Each question is a connection of its own."""


def field(value):
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    return str(value)


class Filler:
    """One inbox: few chats with much in them, many with little."""

    def __init__(self, database, chats, messages, seed, account, device):
        self.database, self.count, self.account, self.device = database, messages, account, device
        self.rng = random.Random(seed)
        self.words = Words(random.Random(seed))
        self.chats = [f"1203630{n:011d}@g.us" if n % 20 == 0 else f"1999{n:07d}@c.us" for n in range(chats)]
        self.names = [" ".join(self.words.list[place].capitalize() for place in sorted(self.words.draw(self.rng, 3)))
                      for _ in range(chats)]
        self.agents = [f"agent{n:019d}" for n in range(20)]
        self.began = time.monotonic()

    def table(self, name, rows):
        """Rows are dictionaries; what must have a value and is not named is 0 or empty."""
        rows = iter(rows)
        first = next(rows, {})
        # What has a default is written when the row says something else.
        columns = [(column, needed, is_number) for column, needed, is_number, default in self.database.columns(name)
                   if column in first or not default]
        names = {column for column, _, _ in columns}
        blank = [(column, (0 if is_number else "") if needed else None) for column, needed, is_number in columns]
        common = {"account_id": self.account, "device_id": self.device}
        blank = [(column, common.get(column, value)) for column, value in blank]
        if not names:
            return
        kept = self.database.without_indexes(name)
        self.database.insert(name, [column for column, _ in blank],
                             ([row.get(column, value) for column, value in blank] for row in itertools.chain([first], rows)))
        self.database.again(kept)
        said(f"{name}: filled after {time.monotonic() - self.began:.0f} s")

    def fill(self):
        self.at = array("q", (NOW - int((1 - seq / self.count) * SPAN) - int(self.rng.random() * DAY)
                              for seq in range(self.count + 1)))
        self.table("chats", self.chat_rows())
        self.table("chat_words", ({"word": word.encode(), "chat": wid} for word, wid in sorted(
            {(word.lower(), wid) for wid, name in zip(self.chats, self.names)
             for word in name.split() + [wid.split("@")[0]]})))
        self.table("chat_labels", sorted(
            ({"label": f"label{n % 7}", "chat": wid} for n, wid in enumerate(self.chats) if n % 3 == 0),
            key=lambda row: (row["label"], row["chat"])))
        self.contacts()
        self.table("groups", ({"wid": wid, "kind": "group" if n % 3 else "community", "name": self.names[n * 20],
                               "size": 10, "role": "member",
                               "doc": '{"wid":"%s","name":"%s"}' % (wid, self.names[n * 20])}
                              for n, wid in enumerate(wid for wid in self.chats if wid.endswith("@g.us"))))
        self.postings = [array("i") for _ in self.words.list]
        self.signed = [signature(word) for word in self.words.list]
        self.signatures = array("q", bytes(8 * (self.count + 1)))
        self.files = []
        self.table("chat_messages", self.message_rows())
        self.table("chat_files", iter(self.files))
        del self.files
        self.table("chat_message_words", self.word_rows())
        del self.postings, self.signatures
        self.table("messages", self.outbound_rows())
        self.table("files", self.file_rows())
        self.table("events", self.event_rows())
        self.database.finish()

    def chat_rows(self):
        statuses = ["pending", "active", "resolved", "resolved", "resolved"]
        for n, wid in enumerate(self.chats):
            last = NOW - int(self.rng.random() ** 2 * SPAN)
            group = n % 20 == 0
            agent = self.agents[n % 20] if n % 5 == 1 else None
            yield {"wid": wid, "lid": None if group else f"{10**14 + n}@lid", "kind": "group" if group else "chat",
                   "name": self.names[n], "sort_name": self.names[n].lower(), "found_by": self.names[n].lower(),
                   "status": statuses[n % 5], "archived": int(n % 9 == 0), "can_send": int(n % 50 != 0),
                   "read_only": int(n % 500 == 0), "unread": n % 4 if n % 10 == 0 else 0, "inbound_messages": 5,
                   "outbound_messages": 5, "muted_until": -1 if n % 400 == 0 else None, "first_message_at": last - DAY,
                   "last_message_at": last, "last_inbound_at": last, "labels": f'["label{n % 7}"]' if n % 3 == 0 else "[]",
                   "owner": "{}", "agent": agent, "created_at": last, "updated_at": last}

    def contacts(self):
        names = {column for column, *_ in self.database.columns("contacts")}
        numbered = "sort_name" in names
        people = [n for n in range(len(self.chats)) if n % 20]

        def rows():
            for seq, n in enumerate(people, 1):
                at = NOW - int(self.rng.random() * SPAN)
                yield {"seq": seq, "wid": self.chats[n], "lid": f"{10**14 + n}@lid", "phone": "+" + self.chats[n][:11],
                       "name": self.names[n] if n % 3 else None, "push_name": self.names[n], "kind": "user",
                       "category": "business" if n % 15 == 1 else "personal", "country": "US" if n % 4 else "DE",
                       "fields": "{}", "metadata": "[]", "source": "chat" if n % 3 else "import",
                       "email": f"person{n}@example.com" if n % 30 == 1 else None, "blocked": int(n % 1000 == 1),
                       "sort_name": self.names[n].lower(), "created_at": at, "updated_at": at}
        self.table("contacts", rows())
        if numbered:
            self.table("contact_words", ({"word": word.encode(), "contact": seq} for word, seq in sorted(
                {(word.lower(), seq) for seq, n in enumerate(people, 1)
                 for word in self.names[n].split() + [self.chats[n][:11]]})))
            self.table("contact_metadata", ({"contact": seq, "key": "segment", "value": f"s{n % 50}"}
                                            for seq, n in enumerate(people, 1) if n % 4 == 1))

    def message_rows(self):
        rng, words, chats = self.rng, self.words.list, self.chats
        for seq in range(1, self.count + 1):
            place = int(len(chats) * rng.random() ** 2)
            wid, inbound = chats[place], rng.random() < 0.55
            kind = KINDS[int(rng.random() * len(KINDS))]
            found = self.words.draw(rng, 8)
            for word in found:
                self.postings[word].append(seq)
            at, flow = self.at[seq], "inbound" if inbound else "outbound"
            bits = (INBOUND if inbound else OUTBOUND) | (PAIR if place % 20 else GROUP) | SIGNED_KINDS.get(kind, OTHER_KIND)
            bits |= WITH_FILE if kind in FILES else 0
            for word in found:
                bits |= self.signed[word]
            self.signatures[seq] = bits
            author = OWN if not inbound else wid if place % 20 else chats[place + 1] if place + 1 < len(chats) else chats[1]
            if kind in FILES:
                self.files.append({
                    "seq": seq, "id": f"{seq:024x}", "message": seq, "chat": wid, "author": author,
                    "wa_id": f"3EB0{seq:016X}", "flow": flow, "kind": kind, "status": "new", "mime": f"{kind}/x",
                    "size": int(rng.random() ** 3 * 5_000_000), "filename": f"{words[seq % 900]}.jpg", "meta": "{}",
                    "at": at, "created_at": at})
            yield {"seq": seq, "chat": wid, "author": author, "wa_id": f"3EB0{seq:016X}", "flow": flow, "kind": kind,
                   "subtype": "voice" if kind == "audio" and seq % 5 else None,
                   "status": "active" if seq % 200 else "removed", "body": " ".join([words[n] for n in found]),
                   "ack": "delivered" if inbound else ACKS[seq % 6] if seq % 997 else "failed",
                   "reference": f"order-{seq}" if seq % 50 == 0 else None, "chat_kind": "chat" if place % 20 else "group",
                   "doc": '{"from":"%s","to":"%s","meta":{}}' % ((wid, OWN) if inbound else (OWN, wid)),
                   "raw": b"\n\x05hello", "at": at, "created_at": at}
            if seq % 1_000_000 == 0:
                said(f"{seq} messages after {time.monotonic() - self.began:.0f} s")

    def word_rows(self):
        at, signatures = self.at, self.signatures
        for place in sorted(range(len(self.words.list)), key=lambda place: self.words.list[place].encode()):
            word = self.words.list[place].encode()
            for when, seq in sorted((at[seq], seq) for seq in self.postings[place] if seq % 200):
                yield {"word": word, "at": when, "message": seq, "signature": signatures[seq]}

    def outbound_rows(self):
        rng = self.rng
        for seq in range(1, self.count // 10 + 1):
            at = NOW - int((1 - seq * 10 / self.count) * SPAN)
            failed = seq % 300 == 0
            queued = seq > self.count // 10 - 1000
            yield {"seq": seq, "id": f"{seq:024x}", "wa_id": f"3EB0{seq * 10:016X}",
                   "chat": self.chats[int(len(self.chats) * rng.random() ** 2)], "target": "user" if seq % 20 else "group",
                   "kind": KINDS[int(rng.random() * 900)],
                   "body": " ".join(self.words.list[n] for n in self.words.draw(rng, 8)), "payload": "{}",
                   "source": "api" if seq % 3 else "chat",
                   "status": "queued" if queued else "failed" if failed else "processed",
                   "delivery_status": "queued" if queued else "failed" if failed else ACKS[seq % 6],
                   "webhook_status": "notified", "priority": 1 + seq % 5, "rank": 1, "retry_max": 3,
                   "reference": f"order-{seq}" if seq % 5 == 0 else None,
                   "agent_id": self.agents[seq % 20] if seq % 5 == 1 else None, "created_by": "", "deliver_at": at,
                   "next_attempt_at": NOW * 2 if queued else at, "created_at": at}

    def file_rows(self):
        rng = self.rng
        for seq in range(1, self.count // 50 + 1):
            at = NOW - int(rng.random() * SPAN)
            kind = "image" if seq % 4 else "document"
            yield {"id": f"{seq:024x}", "sha2": f"{seq:064x}", "blob": f"{seq:064x}",
                   "size": int(rng.random() ** 3 * 5_000_000), "mime": "image/jpeg" if seq % 4 else "application/pdf",
                   "ext": "jpg" if seq % 4 else "pdf", "kind": kind, "format": "native", "permission": "public",
                   "origin": "upload" if seq % 3 else "remote", "filename": f"{self.words.list[seq % 900]}-{seq}.jpg",
                   "reference": f"ref-{seq}" if seq % 10 == 0 else None,
                   "tags": f'["tag{seq % 40}"]' if seq % 3 == 0 else "[]", "meta": "{}", "created_by": self.agents[seq % 20],
                   "created_at": at, "updated_at": at, "expires_at": NOW * 2}

    def event_rows(self):
        for seq in range(1, self.count // 10 + 1):
            yield {"seq": seq + 1_000, "id": f"evt{seq:021x}", "event": ["message:in:new", "message:out:ack", "chat:update"][seq % 3],
                   "object": "message", "object_id": f"3EB0{seq:016X}", "lane": self.chats[seq % len(self.chats)],
                   "data": "{}", "created_at": NOW - int((1 - seq * 10 / self.count) * SPAN)}
