"""JSON over HTTP to servers on loopback."""

import json
import urllib.error
import urllib.request

from .deadline import left

# A proxy meant for the internet has no business between two local processes.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Refused(Exception):
    """An answer other than 2xx."""

    def __init__(self, request: str, status: int, body):
        super().__init__(f"{request} was answered {status}: {body}")
        self.status = status
        self.body = body


def call(method: str, url: str, body=None, headers: dict | None = None):
    """The JSON of a good answer, or `None` when it has none."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, method=method, data=data, headers={"content-type": "application/json", **(headers or {})})
    try:
        with _direct.open(request, timeout=left() or 0.1) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        with error:
            text = error.read()
        raise Refused(f"{method} {url}", error.code, json.loads(text) if text else None) from None
    except OSError as error:
        raise OSError(f"{method} {url}: {error}") from None
    return json.loads(text) if text else None


def fetch(url: str) -> bytes:
    """The bytes of a good answer."""
    with _direct.open(url, timeout=left() or 0.1) as answer:
        return answer.read()
