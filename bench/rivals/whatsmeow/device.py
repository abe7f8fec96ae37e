"""One number: its database, its client, and what the library reports."""

import contextlib
import sqlite3
import threading
import time

from neonize.client import NewClient
from neonize.events import ConnectedEv, HistorySyncEv, LoggedOutEv, MessageEv
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message
from neonize.utils.jid import build_jid

ONLINE_SECONDS = 120


class Device:
    def __init__(self, phone: str, sandbox, state, journal: str):
        self.phone = phone
        self.received = 0
        self.history = 0
        self.last_history = 0.0
        self._sandbox = sandbox
        self._online = threading.Event()
        self._linking = threading.Lock()
        self._failure = None
        database = state / f"{phone}.db"
        # The journal's mode stays with the file; neonize has no option for it.
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute(f"PRAGMA journal_mode = {journal}")
        self._client = NewClient(str(database))
        # Only what is asked for is passed from Go to Python.
        self._client.qr(self._on_qr)
        self._client.event(ConnectedEv)(lambda *_: self._online.set())
        self._client.event(LoggedOutEv)(lambda *_: self._give_up("was unlinked"))
        self._client.event(MessageEv)(self._on_message)
        self._client.event(HistorySyncEv)(self._on_history)

    def open(self):
        """Connects; returns when it is online. A new one is linked by code first."""
        threading.Thread(target=self._client.connect, daemon=True).start()
        if not self._online.wait(ONLINE_SECONDS):
            self._give_up("is not online")
        if self._failure:
            raise RuntimeError(self._failure)

    def send(self, to: str, text: str):
        """Returns when the server has acknowledged it."""
        self._client.send_message(build_jid(to[1:]), Message(conversation=text))

    def close(self):
        self._client.disconnect()

    def _give_up(self, why: str):
        self._failure = f"{self.phone} {why}"
        self._online.set()

    def _on_qr(self, _, __):
        # Once there is a QR it is connected and waits to be linked; another one comes every so often.
        if self._linking.acquire(blocking=False):
            # Go must not be asked for something from within its own call.
            threading.Thread(target=self._link, daemon=True).start()

    def _link(self):
        try:
            code = self._client.PairPhone(self.phone[1:], True)
            path = f"/phones/{self.phone}/link"
            self._sandbox.again(("no_pending_code", "busy"), "POST", path, {"code": code})
        except Exception as error:  # whatever it is, `open` has to hear of it
            self._give_up(f"could not be linked: {error!r}")

    def _on_message(self, _, event):
        said = event.Message
        if not event.Info.MessageSource.IsFromMe and (said.conversation or said.extendedTextMessage.text):
            self.received += 1

    def _on_history(self, _, event):
        self.history += sum(len(conversation.messages) for conversation in event.Data.conversations)
        self.last_history = time.monotonic()
