"""whatsmeow as a process that is told what to do: one JSON object per line on
stdin, one per line on stdout (docs/interop.md lists them).

Start it with HTTPS_PROXY and SSL_CERT_FILE in its environment: whatsmeow connects
to web.whatsapp.com and can't be told otherwise, and Go reads both only once.
"""

import base64
import hashlib
import json
import os
import sys
import threading

# The events get stdout for themselves; what libraries print goes to the log.
EVENTS = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
os.dup2(2, 1)

from neonize.client import NewClient  # noqa: E402
from neonize.events import ConnectedEv, DisconnectedEv, LoggedOutEv, MessageEv, ReceiptEv, UndecryptableMessageEv  # noqa: E402
from neonize.proto.Neonize_pb2 import Receipt  # noqa: E402
from neonize.utils.enum import ReceiptType  # noqa: E402
from neonize.utils.jid import build_jid  # noqa: E402

import root_key  # noqa: E402

RECEIPTS = {Receipt.DELIVERED: "delivered", Receipt.READ: "read", Receipt.PLAYED: "played"}
speaking = threading.Lock()
sources = {}

root_key.trust(bytes.fromhex(os.environ["SANDBOX_ROOT_KEY"]))
client = NewClient(os.path.join(os.environ["CLIENT_STATE"], "whatsmeow.db"))


def tell(**event):
    with speaking:
        EVENTS.write(json.dumps(event) + "\n")


def number(*names):
    """The phone number among the names somebody has."""
    return next(("+" + name.User for name in names if name.Server == "s.whatsapp.net"), None)


@client.qr
def on_qr(_, data):
    tell(event="qr", data=data.decode())


@client.event(ConnectedEv)
def on_connected(_, __):
    tell(event="open")


@client.event(DisconnectedEv)
def on_disconnected(_, __):
    tell(event="closed")


@client.event(LoggedOutEv)
def on_logged_out(_, __):
    tell(event="unlinked")


def tell_file(wa_id, message):
    try:
        content = client.download_any(message)
        tell(event="file", id=wa_id, sha256=hashlib.sha256(content).hexdigest())
    except Exception as error:  # whatever it is, the test has to hear of it
        tell(event="error", command="download", reason=repr(error))


@client.event(MessageEv)
def on_message(_, event):
    text = event.Message.conversation or event.Message.extendedTextMessage.text
    if event.Message.HasField("documentMessage"):
        # Fetching it asks Go, which must not be done from within its own call.
        threading.Thread(target=tell_file, args=(event.Info.ID, event.Message), daemon=True).start()
    if not text:
        return
    source = event.Info.MessageSource
    sources[event.Info.ID] = source
    other = (source.Chat, source.RecipientAlt) if source.IsFromMe else (source.Sender, source.SenderAlt)
    tell(event="message", id=event.Info.ID, chat=number(*other), fromMe=source.IsFromMe, text=text)


@client.event(ReceiptEv)
def on_receipt(_, event):
    # Receipts of the own phone for what it got from others carry the same type.
    if event.Type in RECEIPTS and not event.MessageSource.IsFromMe:
        tell(event="receipt", ids=list(event.MessageIDs), kind=RECEIPTS[event.Type])


@client.event(UndecryptableMessageEv)
def on_undecryptable(_, event):
    tell(event="undecryptable", id=event.Info.ID, reason="whatsmeow asks for it again")


def pair(command):
    tell(event="code", code=client.PairPhone(command["phone"].lstrip("+"), True))


def send(command):
    sent = client.send_message(build_jid(command["to"].lstrip("+")), command["text"])
    tell(event="sent", id=sent.ID, text=command["text"])


def file(command):
    content = base64.b64decode(command["base64"])
    to = build_jid(command["to"].lstrip("+"))
    sent = client.send_document(to, content, filename=command["name"], mimetype="application/pdf")
    tell(event="sent", id=sent.ID, text=command["name"])


def read(command):
    source = sources[command["id"]]
    client.mark_read(command["id"], chat=source.Chat, sender=source.Sender, receipt=ReceiptType.READ)


def leave(_=None):
    client.disconnect()
    # Go's threads don't end by themselves, and Python would wait for them.
    os._exit(0)


COMMANDS = {"pair": pair, "send": send, "file": file, "read": read, "quit": leave}


def follow_commands():
    for line in sys.stdin:
        command = json.loads(line)
        try:
            COMMANDS[command["do"]](command)
        except Exception as error:  # whatever it is, the test has to hear of it
            tell(event="error", command=command["do"], reason=repr(error))
    # A closed stdin means that whoever gave the commands is gone.
    leave()


threading.Thread(target=follow_commands, daemon=True).start()
client.connect()
