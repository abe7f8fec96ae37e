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
from types import SimpleNamespace

# The events get stdout for themselves; what libraries print goes to the log.
EVENTS = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
os.dup2(2, 1)

from neonize._binder import consume_bytes_struct, gocode  # noqa: E402
from neonize.client import NewClient  # noqa: E402
from neonize.events import (  # noqa: E402
    ConnectedEv, DisconnectedEv, JoinedGroupEv, LoggedOutEv, MessageEv, ReceiptEv, UndecryptableMessageEv,
)
from neonize.proto.Neonize_pb2 import Receipt  # noqa: E402
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message  # noqa: E402
from neonize.utils.enum import ReceiptType, VoteType  # noqa: E402
from neonize.utils.jid import build_jid  # noqa: E402

import root_key  # noqa: E402

RECEIPTS = {Receipt.DELIVERED: "delivered", Receipt.READ: "read", Receipt.PLAYED: "played"}
speaking = threading.Lock()
# Messages by id, those that were sent included.
known = {}
# What can be chosen in a poll, by its id.
polls = {}

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


@client.event(JoinedGroupEv)
def on_joined(_, event):
    tell(event="group", id=jid_text(event.GroupInfo.JID), subject=event.GroupInfo.GroupName.Name)


@client.event(MessageEv)
def on_message(_, event):
    source, said = event.Info.MessageSource, event.Message
    known[event.Info.ID] = event
    author = number(source.Sender, source.SenderAlt)
    other = (source.Chat, source.RecipientAlt) if source.IsFromMe else (source.Sender, source.SenderAlt)
    chat = jid_text(source.Chat) if source.IsGroup else number(*other)
    about = {"id": event.Info.ID, "chat": chat, "from": author, "fromMe": source.IsFromMe}
    edited = said.protocolMessage.editedMessage
    text = said.conversation or said.extendedTextMessage.text
    if event.IsEdit or edited.ByteSize():
        edited = edited if edited.ByteSize() else said
        of = said.protocolMessage.key.ID or event.Info.ID
        tell(event="edit", **about, of=of, text=edited.conversation or edited.extendedTextMessage.text)
    elif text:
        tell(event="message", **about, text=text)
    elif said.HasField("imageMessage"):
        later(lambda: tell(event="picture", **about, caption=said.imageMessage.caption, sha256=opened(said)))
    elif said.HasField("documentMessage"):
        later(lambda: tell(event="file", **about, sha256=opened(said)))
    elif said.HasField("reactionMessage"):
        tell(event="reaction", **about, of=said.reactionMessage.key.ID, emoji=said.reactionMessage.text)
    elif poll := poll_in(said):
        polls[event.Info.ID] = [option.optionName for option in poll.options]
        tell(event="poll", **about, name=poll.name)
    elif said.HasField("pollUpdateMessage"):
        of = said.pollUpdateMessage.pollCreationMessageKey.ID
        later(lambda: tell(event="vote", **about, of=of, options=chosen(of, event)))


def later(act):
    """Asks Go for something, which must not be done from within its own call."""

    def run():
        try:
            act()
        except Exception as error:  # whatever it is, the test has to hear of it
            tell(event="error", command="receive", reason=repr(error))

    threading.Thread(target=run, daemon=True).start()


def opened(said):
    return hashlib.sha256(client.download_any(said)).hexdigest()


def chosen(of, event):
    # neonize 0.5.2 forgets to turn this one answer of Go's into bytes.
    gocode.DecryptPollVote.errcheck = consume_bytes_struct
    hashes = list(client.decrypt_poll_vote(event).selectedOptions)
    return [name for name in polls[of] if hashlib.sha256(name.encode()).digest() in hashes]


def poll_in(said):
    kinds = ("pollCreationMessage", "pollCreationMessageV2", "pollCreationMessageV3")
    return next((getattr(said, kind) for kind in kinds if said.HasField(kind)), None)


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


def address(to):
    user, _, server = to.lstrip("+").partition("@")
    return build_jid(user, server or "s.whatsapp.net")


def jid_text(jid):
    return f"{jid.User}@{jid.Server}"


def place_of(wa_id):
    """Chat, author and id of a message, as replies to it name them."""
    source = known[wa_id].Info.MessageSource
    return source.Chat, source.Sender, wa_id


def sent(to, message, **about):
    answer = client.send_message(to, message)
    # One's own message, as far as others are about it.
    source = SimpleNamespace(Chat=to, Sender=client.get_me().JID)
    known[answer.ID] = SimpleNamespace(Info=SimpleNamespace(ID=answer.ID, MessageSource=source))
    tell(event="sent", id=answer.ID, **about)
    return answer.ID


def send(command):
    sent(address(command["to"]), Message(conversation=command["text"]), text=command["text"])


def picture(command):
    message = client.build_image_message(base64.b64decode(command["base64"]), caption=command["caption"])
    sent(address(command["to"]), message, caption=command["caption"])


def file(command):
    content = base64.b64decode(command["base64"])
    message = client.build_document_message(content, filename=command["name"], mimetype="application/pdf")
    sent(address(command["to"]), message, text=command["name"])


def react(command):
    chat, sender, wa_id = place_of(command["id"])
    sent(chat, client.build_reaction(chat, sender, wa_id, command["emoji"]), of=wa_id)


def edit(command):
    chat, _, wa_id = place_of(command["id"])
    client.edit_message(chat, wa_id, Message(conversation=command["text"]))
    tell(event="sent", id=wa_id, of=wa_id)


def poll(command):
    message = client.build_poll_vote_creation(command["name"], command["options"], VoteType.SINGLE)
    polls[sent(address(command["to"]), message, name=command["name"])] = command["options"]


def vote(command):
    asked = known[command["id"]]
    message = client.build_poll_vote(asked.Info, command["options"])
    sent(asked.Info.MessageSource.Chat, message, of=command["id"])


def group(command):
    made = client.create_group(command["subject"], [address(member) for member in command["members"]])
    tell(event="group", id=jid_text(made.JID), subject=command["subject"])


def members(command):
    found = client.get_group_info(address(command["id"])).Participants
    tell(event="members", id=command["id"], members=sorted(number(one.JID, one.PhoneNumber) for one in found))


def settings(command):
    found = client.chat_settings.get_chat_settings(address(command["chat"]))
    tell(event="settings", chat=command["chat"], archived=found.Archived, pinned=found.Pinned)


def read(command):
    chat, sender, wa_id = place_of(command["id"])
    client.mark_read(wa_id, chat=chat, sender=sender, receipt=ReceiptType.READ)


def leave(_=None):
    client.disconnect()
    # Go's threads don't end by themselves, and Python would wait for them.
    os._exit(0)


COMMANDS = {
    "pair": pair, "send": send, "picture": picture, "file": file, "react": react, "edit": edit, "poll": poll, "vote": vote, "group": group,
    "members": members, "settings": settings, "read": read, "quit": leave,
}


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
