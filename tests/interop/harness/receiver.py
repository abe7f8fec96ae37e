"""A webhook's receiver, which believes only what is signed."""

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .deadline import Happened


class Receiver:
    def __init__(self):
        self.events = Happened()
        # Known only once the webhook is made, and it is made with this address.
        self.secret = ""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                genuine = hmac.compare_digest(receiver.signature(self.headers, body), self.headers.get("x-sparkbot-signature", ""))
                if genuine:
                    receiver.events.add(json.loads(body))
                self.send_response(204 if genuine else 403)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_port}/hook"
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def signature(self, headers, body: bytes) -> str:
        signed = headers.get("x-sparkbot-timestamp", "").encode() + b"." + body
        return "sha256=" + hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()

    def event(self, kind: str, wa_id: str, ack: str | None = None) -> dict:
        """Waits for an event about a message."""

        def fits(event):
            return event["event"] == kind and event["id"] == wa_id and ack in (None, event.get("ack"))

        return self.events.first(f"the webhook getting {kind} {ack or ''} of {wa_id}", fits)
