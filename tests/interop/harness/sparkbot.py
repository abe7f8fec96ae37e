"""A SparkBot server, the sandbox it joins, and a number of the server."""

from pathlib import Path

from .deadline import eventually
from .http import call
from .phone import Phone
from .process import Process
from .receiver import Receiver

EVENTS = ["message:in:new", "message:out:sent", "message:out:ack"]


class Sandbox:
    def __init__(self, binary: Path, folder: Path):
        command = [binary, "sandbox", "--json", "--socket", "127.0.0.1:0", "--control", "http://127.0.0.1:0"]
        self.process = Process("sandbox", command, folder / "sandbox.log")
        self.control = self.process.first("ready", lambda line: "control" in line)["control"].rstrip("/")
        root = call("GET", self.control)
        self.socket = root["socketUrl"]
        self.root_key = root["rootKey"]
        # Who signs the certificate of the media host.
        self.authority = folder / "authority.pem"
        self.authority.write_text(root["certificate"])

    def phone(self, number: str, name: str) -> Phone:
        return Phone(self.control, number, name)


class Server:
    def __init__(self, binary: Path, folder: Path, sandbox: Sandbox):
        command = [
            binary, "serve", "--json", "--sandbox-url", sandbox.control,
            "--data-dir", folder / "data", "--listen", "127.0.0.1:0",
        ]
        self.process = Process("sparkbot", command, folder / "sparkbot.log")
        ready = self.process.first("ready", lambda line: "api" in line)
        self._api = ready["api"].rstrip("/")
        self._key = ready["key"]

    def call(self, method: str, path: str, body=None):
        return call(method, f"{self._api}{path}", body, {"token": self._key})

    def receiver(self) -> Receiver:
        receiver = Receiver()
        webhook = self.call("POST", "/v1/webhooks", {"name": "Interop", "url": receiver.url, "events": EVENTS})
        receiver.secret = webhook["secret"]
        return receiver


class Number:
    """A number of the server, linked by code to `phone`."""

    def __init__(self, server: Server, phone: Phone):
        self._server = server
        self.phone = phone
        self._id = server.call("POST", "/v1/devices", {"alias": "Interop"})["id"]
        code = server.call("POST", f"/v1/devices/{self._id}/authcode", {"phone": phone.number})["code"]
        phone.type_code(code)
        eventually("the number going online", self._online)

    def _online(self) -> bool:
        return self._server.call("GET", f"/v1/devices/{self._id}")["session"]["status"] == "online"

    def send(self, to: str, text: str, **options) -> dict:
        """Hands a text over; the accepted message."""
        return self._server.call("POST", "/v1/messages", {"device": self._id, "phone": to, "message": text, **options})

    def is_in_state(self, message: dict, state: str) -> dict:
        """Waits for a message's delivery state."""

        def look():
            now = self._server.call("GET", f"/v1/messages/{message['id']}")
            return now if now["deliveryStatus"] == state else None

        return eventually(f"SparkBot's '{message['message']}' being {state}", look)
