# Writes a database as the first release made it: its schema, an account with an
# administrator, a number, and messages that have ended long ago.
import json
import sqlite3
import sys
import time

schema, data, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
now = int(time.time() * 1000)
text = open(schema).read()
for name, spelled in [("{blob}", "BLOB"), ("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT"), ("{without_rowid}", " WITHOUT ROWID")]:
    text = text.replace(name, spelled)
db = sqlite3.connect(f"{data}/sandbox.db")
db.executescript("CREATE TABLE schema_version (version BIGINT NOT NULL);" + text)
db.execute("INSERT INTO schema_version VALUES (1)")


def insert(table, **values):
    names = ", ".join(values)
    marks = ", ".join("?" for _ in values)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))


account, user, device = "a" * 24, "b" * 24, "c" * 24
insert("accounts", id=account, name="Main", created_at=now)
insert(
    "users", id=user, account_id=account, name="Administrator", role="admin", status="active", color="#1f7a4d",
    availability="{}", created_at=now, updated_at=now,
)
insert(
    "devices", id=device, account_id=account, alias="Old", plan="pro", status="pending", session_status="new",
    wanted="stopped", settings="{}", session="{}", created_by=user, created_at=now, updated_at=now,
)
for n in range(rows):
    insert(
        "messages", id=f"{n:024x}", account_id=account, device_id=device, wa_id=f"3EB0{n:016X}", chat="16001234561@c.us",
        target="user", kind="text", body=f"message {n}", payload=json.dumps({"contents": {}, "options": {}}), source="api",
        status="processed", delivery_status="delivered", webhook_status="pending", priority=2, rank=0, ordered=0,
        attempts=1, created_by=user, deliver_at=now + n, next_attempt_at=now + n, retry_max=3, retry_count=0,
        created_at=now + n, processed_at=now + n, sent_at=now + n, delivered_at=now + n,
    )
db.commit()
