"""The sandbox's control API."""

import http.client
import json
import threading
import time
from urllib.parse import urlsplit

AGAIN_SECONDS = 0.03
PATIENCE_SECONDS = 30


class Refused(Exception):
    def __init__(self, status: int, answer):
        super().__init__((answer or {}).get("message") or f"status {status}")
        self.code = (answer or {}).get("error")


class Sandbox:
    def __init__(self, url: str):
        at = urlsplit(url)
        self._address = (at.hostname, at.port)
        # A connection for each thread, kept open.
        self._mine = threading.local()

    def ask(self, method: str, path: str, body=None):
        if not hasattr(self._mine, "connection"):
            self._mine.connection = http.client.HTTPConnection(*self._address)
        data = None if body is None else json.dumps(body)
        self._mine.connection.request(method, path, data)
        answer = self._mine.connection.getresponse()
        text = answer.read()
        told = json.loads(text) if text else None
        if answer.status >= 300:
            raise Refused(answer.status, told)
        return told

    def again(self, errors, *request):
        """Asks again while the answer is one of these errors."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self.ask(*request)
            except Refused as refused:
                if refused.code not in errors or time.monotonic() > ends:
                    raise
                time.sleep(AGAIN_SECONDS)
