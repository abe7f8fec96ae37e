"""A client that nobody here wrote, driven through its process."""

import base64
import shutil
from dataclasses import dataclass
from pathlib import Path

from .deadline import eventually
from .process import Process

HERE = Path(__file__).resolve().parent.parent


@dataclass
class Kind:
    """How a client is started."""

    name: str
    command: list
    environment: dict[str, str]


def baileys(sandbox) -> Kind:
    node = shutil.which("node")
    environment = {"SANDBOX_SOCKET": sandbox.socket, "NODE_EXTRA_CA_CERTS": str(sandbox.authority)}
    return Kind("Baileys", [node, HERE / "baileys" / "client.mjs"], environment)


def whatsmeow(python: Path, proxy) -> Kind:
    return Kind("whatsmeow", [python, HERE / "whatsmeow" / "client.py"], proxy.environment())


class Client:
    """One linked device of somebody. Its state is on disk and outlives its process."""

    def __init__(self, kind: Kind, state: Path, root_key: str):
        self._kind = kind
        self.name = kind.name
        self._state = state
        self._log = state.with_suffix(".log")
        self._environment = {**kind.environment, "SANDBOX_ROOT_KEY": root_key, "CLIENT_STATE": str(state)}
        self._state.mkdir()
        self.process: Process | None = None

    def open(self):
        self.process = Process(self._kind.name, self._kind.command, self._log, self._environment)

    def close(self):
        """A polite end: the connection is closed, the state is kept."""
        self.process.say({"do": "quit"})
        status = self.process.wait()
        assert status == 0, f"{self._kind.name} ended with status {status}"

    def qr(self) -> str:
        return self.event("qr")["data"]

    def code(self, phone: str) -> str:
        # Only now is it connected and waiting to be linked.
        self.qr()
        self._do("pair", phone=phone)
        return self.event("code")["code"]

    def send(self, to: str, text: str) -> str:
        self._do("send", to=to, text=text)
        return self.event("sent", text=text)["id"]

    def send_file(self, to: str, name: str, content: bytes) -> str:
        self._do("file", to=to, name=name, base64=base64.b64encode(content).decode())
        return self.event("sent", text=name)["id"]
    def picture(self, to: str, picture: bytes, caption: str) -> str:
        self._do("picture", to=to, base64=base64.b64encode(picture).decode(), caption=caption)
        return self.event("sent", caption=caption)["id"]

    def react(self, wa_id: str, emoji: str):
        self._do("react", id=wa_id, emoji=emoji)

    def edit(self, wa_id: str, text: str):
        self._do("edit", id=wa_id, text=text)

    def poll(self, to: str, name: str, options: list[str]) -> str:
        self._do("poll", to=to, name=name, options=options)
        return self.event("sent", name=name)["id"]

    def vote(self, wa_id: str, options: list[str]):
        self._do("vote", id=wa_id, options=options)

    def group(self, subject: str, members: list[str]) -> str:
        self._do("group", subject=subject, members=members)
        return self.event("group", subject=subject)["id"]

    def members(self, group: str) -> list[str]:
        self._do("members", id=group)
        return self.event("members", id=group)["members"]

    def archive(self, chat: str, archived: bool):
        self._do("archive", chat=chat, archived=archived)
        self.event("archived", chat=chat)

    def settings(self, chat: str) -> dict:
        """What it holds a chat for; asked anew each time."""
        asked = self.count("settings", chat=chat)
        self._do("settings", chat=chat)
        eventually(f"{self._kind.name} telling how it holds {chat}", lambda: self.count("settings", chat=chat) > asked)
        return [e for e in self.process.printed.all() if e.get("event") == "settings" and e["chat"] == chat][-1]

    def read(self, wa_id: str):
        self._do("read", id=wa_id)

    def receipt(self, wa_id: str, kind: str):
        self._first(f"{kind} receipt of {wa_id}", lambda e: e["event"] == "receipt" and e["kind"] == kind and wa_id in e["ids"])

    def message(self, wa_id: str) -> dict:
        return self.event("message", id=wa_id)

    def event(self, kind: str, **fields) -> dict:
        return self._first(f"{kind} {fields or ''}", lambda e: e["event"] == kind and all(e.get(k) == v for k, v in fields.items()))

    def count(self, kind: str, **fields) -> int:
        return sum(e["event"] == kind and all(e.get(k) == v for k, v in fields.items()) for e in self.process.printed.all())

    def _do(self, command: str, **parameters):
        self.process.say({"do": command, **parameters})

    def _first(self, what: str, fits) -> dict:
        # An error is the answer to a command, so waiting for more is in vain.
        found = self.process.first(what, lambda e: "event" in e and (fits(e) or e["event"] == "error"))
        assert fits(found), f"{self._kind.name} could not {found.get('command')}: {found.get('reason')}"
        return found
