"""A simulated phone and what a person sees on it."""

import base64

from .deadline import TooLate, eventually
from .http import Refused, call, fetch


class Phone:
    def __init__(self, control: str, number: str, name: str):
        self.number = number
        self._control = control
        self._at = f"{control}/phones/{number}"
        call("POST", f"{control}/phones", {"phone": number, "name": name})

    def scan(self, qr: str) -> dict:
        return call("POST", f"{self._at}/scan", {"qr": qr})["device"]

    def type_code(self, code: str) -> dict:
        # Baileys shows a code while it is still telling the server of it. A person
        # is slower than that; a program has to try again.
        return eventually(f"{self.number} typing a code", lambda: self._type_code(code))

    def _type_code(self, code: str) -> dict | None:
        try:
            return call("POST", f"{self._at}/link", {"code": code})["device"]
        except Refused as refusal:
            if refusal.body["error"] == "no_pending_code":
                return None
            raise

    def send(self, to: str, text: str) -> str:
        return call("POST", f"{self._at}/messages", {"to": to, "text": text})["id"]

    def send_file(self, to: str, content: bytes) -> str:
        media = {"kind": "document", "base64": base64.b64encode(content).decode(), "fileName": "by hand.pdf"}
        return call("POST", f"{self._at}/messages", {"to": to, "media": media})["id"]

    def file(self, wa_id: str) -> dict:
        """Waits until the phone has fetched and decrypted the file of a message."""

        def look():
            media = (self._shown(wa_id) or {}).get("media")
            assert not media or media["state"] != "failed", media
            return media if media and media["state"] == "here" else None

        try:
            return eventually(f"{self.number} having the file of {wa_id}", look)
        except TooLate as late:
            raise TooLate(f"{late}; it shows {self._shown(wa_id)}, "
                          f"and had {self.events('undecryptable')}") from None

    def read(self, chat: str):
        call("POST", f"{self._at}/read", {"chat": chat})

    def switch(self, state: str):
        """`online` or `offline`."""
        call("POST", f"{self._at}/{state}")

    def companions(self) -> list[dict]:
        """What it lists under Linked devices."""
        return call("GET", self._at)["devices"]

    def companion_is(self, online: bool) -> dict:
        def look():
            return next((device for device in self.companions() if device["online"] == online), None)

        return eventually(f"{self.number}'s companion {'online' if online else 'offline'}", look)

    def unlink(self, device: int):
        call("DELETE", f"{self._at}/devices/{device}")

    def message(self, wa_id: str) -> dict:
        """Waits until a message is shown."""
        return eventually(f"{self.number} showing {wa_id}", lambda: self._shown(wa_id))

    def receipt(self, wa_id: str, kind: str, by: str | None = None, companion: bool = False) -> dict:
        """Waits for a receipt, from a companion and not from a phone if that is asked for."""

        def look():
            receipts = (self._shown(wa_id) or {}).get("receipts", [])
            fits = (r for r in receipts if r["type"] == kind and by in (None, r["by"]) and (r["device"] > 0 or not companion))
            return next(fits, None)

        return eventually(f"{self.number} seeing the {kind} receipt of {wa_id}", look)

    def events(self, kind: str) -> list[dict]:
        page = call("GET", f"{self._at}/events?limit=1000")
        return [event for event in page["events"] if event["kind"] == kind]

    def group(self, group: str) -> dict:
        """What it shows of a group."""
        return call("GET", f"{self._at}/groups/{group}")

    def media(self, wa_id: str) -> bytes:
        """The file of a message, opened."""
        return fetch(f"{self._at}/messages/{wa_id}/media")

    def reactions(self, wa_id: str) -> list[str]:
        return [reaction["emoji"] for reaction in (self._shown(wa_id) or {}).get("reactions", [])]

    def vote(self, wa_id: str, options: list[str]):
        shown = self.message(wa_id)
        call("POST", f"{self._at}/messages", {"to": shown["chat"], "message": {"vote": {"id": wa_id, "options": options}}})

    def votes(self, wa_id: str) -> dict[str, int]:
        """How often each option of a poll is chosen, as it shows."""
        poll = (self._shown(wa_id) or {}).get("poll") or {"options": []}
        return {option["name"]: option["votes"] for option in poll["options"]}

    def chat(self, chat: str) -> dict:
        """How it holds a chat."""
        chats = call("GET", f"{self._at}/chats")["chats"]
        return next(one for one in chats if one["chat"] == chat)

    def hold_chat(self, chat: str, **how):
        """Archives, pins, mutes a chat by hand."""
        call("PUT", f"{self._at}/chats/{chat}", how)

    def _shown(self, wa_id: str) -> dict | None:
        try:
            return call("GET", f"{self._at}/messages/{wa_id}")
        except Refused as refusal:
            if refusal.status == 404:
                return None
            raise
