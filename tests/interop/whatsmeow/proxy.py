"""A CONNECT proxy that is web.whatsapp.com for one client.

It ends TLS with a certificate made for the run and pipes the bytes to the
sandbox's socket as they are. Any other host is refused, so that nothing leaves
the machine.
"""

import socket
import ssl
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit

HOST = "web.whatsapp.com"
LONGEST_HEAD = 64 * 1024


class Proxy:
    def __init__(self, folder: Path, socket_url: str, authority: Path):
        self.certificate = folder / "certificate.pem"
        key = folder / "key.pem"
        make_certificate(self.certificate, key)
        # Files come from the sandbox itself, which Go reaches without a proxy.
        self._trusted = folder / "trusted.pem"
        self._trusted.write_text(self.certificate.read_text() + authority.read_text())
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(self.certificate, key)
        target = urlsplit(socket_url)
        self._target = (target.hostname, target.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def environment(self) -> dict[str, str]:
        """What a client needs to take this proxy, and to believe its certificate and the media host's."""
        return {
            "HTTPS_PROXY": self.url, "https_proxy": self.url, "NO_PROXY": "", "no_proxy": "",
            "SSL_CERT_FILE": str(self._trusted), "SSL_CERT_DIR": str(self.certificate.parent),
        }

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket):
        try:
            wanted = read_head(connection).split(" ")[:2]
            if wanted != ["CONNECT", f"{HOST}:443"]:
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                connection.close()
                return
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            client = self._tls.wrap_socket(connection, server_side=True)
            server = socket.create_connection(self._target)
        except OSError:
            connection.close()
            return
        threading.Thread(target=pipe, args=(client, server), daemon=True).start()
        pipe(server, client)


def read_head(connection: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(4096)
        if not more or len(head) > LONGEST_HEAD:
            raise OSError("the request has no end")
        head += more
    return head.decode("latin-1")


def pipe(source: socket.socket, sink: socket.socket):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    # An end on one side is an end on both: a WebSocket is never half open.
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def make_certificate(certificate: Path, key: Path):
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
            "-keyout", key, "-out", certificate,
        ],
        check=True, capture_output=True,
    )
