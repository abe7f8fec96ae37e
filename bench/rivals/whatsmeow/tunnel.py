"""A CONNECT proxy that leads to the sandbox: `tunnel.py wss://127.0.0.1:PORT/…`.

It prints its own address and passes the bytes on as they are: the sandbox ends TLS itself, with a certificate that is good
for web.whatsapp.com. Any other host is refused, so that nothing leaves the machine. It ends with its stdin.
"""

import asyncio
import os
import sys
import threading
from urllib.parse import urlsplit

WANTED = [b"CONNECT", b"web.whatsapp.com:443"]
LONGEST_HEAD = 64 * 1024


class End(asyncio.Protocol):
    """One end of a tunnel: what comes in goes out at the other."""

    def __init__(self, other=None):
        self.other = other

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.other.transport.write(data)

    def pause_writing(self):
        self.other.transport.pause_reading()

    def resume_writing(self):
        self.other.transport.resume_reading()

    def connection_lost(self, _):
        # An end on one side is an end on both: a WebSocket is never half open.
        if self.other and self.other.transport:
            self.other.transport.close()


class Entrance(End):
    """The client's end, which first asks for a host."""

    def __init__(self, target):
        super().__init__()
        self._target = target
        self._head = b""

    def data_received(self, data):
        if self.other:
            self.other.transport.write(data)
            return
        self._head += data
        if b"\r\n\r\n" not in self._head:
            if len(self._head) > LONGEST_HEAD:
                self.transport.close()
            return
        if self._head.split(b" ")[:2] != WANTED:
            self.transport.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            self.transport.close()
            return
        self.transport.pause_reading()
        asyncio.get_running_loop().create_task(self._lead())

    async def _lead(self):
        try:
            _, self.other = await asyncio.get_running_loop().create_connection(lambda: End(self), *self._target)
        except OSError:
            self.transport.close()
            return
        self.transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
        self.transport.resume_reading()


async def serve(target):
    server = await asyncio.get_running_loop().create_server(lambda: Entrance(target), "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def end_with_stdin():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_stdin, daemon=True).start()
at = urlsplit(sys.argv[1])
asyncio.run(serve((at.hostname, at.port)))
