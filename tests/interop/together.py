"""Two clients from different hands in one group, and a person with a phone.

Each step is done by one of them and seen by the others; where a step says so,
one of them is away and comes back.
"""

import hashlib
import struct
import zlib

from harness.deadline import eventually
from harness.foreign import Client
from harness.phone import Phone


def picture(red: int, green: int, blue: int) -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    side = 32
    rows = (b"\0" + bytes((red, green, blue)) * side) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Together:
    def __init__(self, one: Client, one_phone: Phone, other: Client, other_phone: Phone, person: Phone):
        self.one, self._one_phone = one, one_phone
        self.other, self._other_phone = other, other_phone
        self._person = person
        self.clients = [one, other]

    def steps(self):
        one, other = self.one, self.other
        return [
            ("both are linked", self.are_linked),
            (f"{one.name} makes a group of three", self.makes_a_group),
            ("all three see the same members", self.see_the_same_members),
            ("texts reach all, both ways", self.texts_reach_all),
            ("the person's text reaches both", self.the_person_writes),
            ("delivery is told per member", self.delivery_is_told),
            (f"{one.name}'s picture is opened by {other.name} and on the phone", lambda: self.picture_is_opened(one, other)),
            (f"{other.name}'s picture is opened by {one.name} and on the phone", lambda: self.picture_is_opened(other, one)),
            ("reactions are seen, both ways", self.reactions_are_seen),
            ("edits are seen, both ways", self.edits_are_seen),
            (f"{other.name} votes in {one.name}'s poll, which counts", self.votes_count),
            ("the person votes in both polls", self.the_person_votes),
            (f"{other.name} drops off and gets what it missed, in order and once", self.drops_off),
            (f"{one.name} drops off and gets what it missed, in order and once", self.drops_off_too),
            (f"a chat archived by {one.name} is archived on its phone", self.archive_reaches_the_phone),
            ("a chat archived on the phone is archived for both", self.the_phone_archives),
        ]

    def are_linked(self):
        for client, phone in ((self.one, self._one_phone), (self.other, self._other_phone)):
            client.open()
            phone.scan(client.qr())
            client.event("open")
            phone.companion_is(online=True)

    def makes_a_group(self):
        numbers = [self._other_phone.number, self._person.number]
        self._group = self.one.group("Interop", numbers)
        assert self.other.event("group", id=self._group)["subject"] == "Interop"

    def see_the_same_members(self):
        expected = sorted(phone.number for phone in (self._one_phone, self._other_phone, self._person))
        assert self.one.members(self._group) == expected
        assert self.other.members(self._group) == expected
        shown = self._person.group(self._group)
        assert sorted(member["phone"] for member in shown["participants"]) == expected, shown

    def _is_said(self, wa_id: str, text: str, by: Phone, seen_by: list[Client]):
        for client in seen_by:
            shown = client.message(wa_id)
            assert (shown["text"], shown["chat"], shown["from"]) == (text, self._group, by.number), shown
        shown = self._person.message(wa_id)
        assert (shown["text"], shown["from"]) == (text, by.number), shown

    def texts_reach_all(self):
        for client, phone, seen_by in (
            (self.one, self._one_phone, [self.other]), (self.other, self._other_phone, [self.one]),
        ):
            text = f"hello from {client.name}"
            wa_id = client.send(self._group, text)
            self._is_said(wa_id, text, phone, seen_by)
            # Once the keys for the group are known, only the sealed text travels.
            text = f"again from {client.name}"
            self._is_said(client.send(self._group, text), text, phone, seen_by)

    def the_person_writes(self):
        wa_id = self._person.send(self._group, "hello from a phone")
        self._is_said(wa_id, "hello from a phone", self._person, self.clients)

    def delivery_is_told(self):
        wa_id = self.one.send(self._group, "who has got this?")
        for phone in (self._other_phone, self._person):
            self._one_phone.receipt(wa_id, "delivery", by=phone.number)

    def picture_is_opened(self, client: Client, by: Client):
        data = picture(200, 40, 60 if client is self.one else 160)
        caption = f"a picture from {client.name}"
        wa_id = client.picture(self._group, data, caption)
        seen = by.event("picture", id=wa_id)
        assert (seen["caption"], seen["chat"]) == (caption, self._group), seen
        # Clients may send a picture as another file than they were given; all that
        # open it have to see the same.
        assert sha256(self._person.media(wa_id)) == seen["sha256"], seen

    def reactions_are_seen(self):
        for client, by in ((self.one, self.other), (self.other, self.one)):
            wa_id = client.send(self._group, f"react to {client.name}")
            by.message(wa_id)
            by.react(wa_id, "👍")
            assert client.event("reaction", of=wa_id)["emoji"] == "👍"
            eventually("the phone showing the reaction", lambda wa_id=wa_id: self._person.reactions(wa_id) == ["👍"])

    def edits_are_seen(self):
        for client, by in ((self.one, self.other), (self.other, self.one)):
            wa_id = client.send(self._group, f"a mistake of {client.name}")
            by.message(wa_id)
            client.edit(wa_id, f"a correction of {client.name}")
            assert by.event("edit", of=wa_id)["text"] == f"a correction of {client.name}"
            eventually("the phone showing the edit", lambda wa_id=wa_id, client=client: (
                self._person.message(wa_id)["text"] == f"a correction of {client.name}"))

    def votes_count(self):
        self._poll = self.one.poll(self._group, "Bread?", ["rye", "wheat"])
        self.other.event("poll", id=self._poll)
        self.other.vote(self._poll, ["rye"])
        assert self.one.event("vote", of=self._poll)["options"] == ["rye"]
        eventually("the phone counting the vote", lambda: self._person.votes(self._poll) == {"rye": 1, "wheat": 0})

    def the_person_votes(self):
        self._person.vote(self._poll, ["wheat"])
        assert self.one.event("vote", of=self._poll, **{"from": self._person.number})["options"] == ["wheat"]
        poll = self.other.poll(self._group, "Cake?", ["yes", "no"])
        self._person.message(poll)
        self._person.vote(poll, ["yes"])
        assert self.other.event("vote", of=poll, **{"from": self._person.number})["options"] == ["yes"]

    def drops_off(self):
        self._drops_off(self.other, self._other_phone, self.one)

    def drops_off_too(self):
        self._drops_off(self.one, self._one_phone, self.other)

    def _drops_off(self, client: Client, phone: Phone, meanwhile: Client):
        eventually(f"{client.name} having acknowledged everything", lambda: phone.companions()[0]["queued"] == 0)
        client.close()
        phone.companion_is(online=False)
        texts = [meanwhile.send(self._group, f"while {client.name} was away {n}") for n in (1, 2)]
        shown = meanwhile.picture(self._group, picture(10, 200, 30), f"while {client.name} was away")
        meanwhile.react(texts[0], "🎉")
        meanwhile.edit(texts[1], f"edited while {client.name} was away")
        by_hand = self._person.send(self._group, f"from the phone while {client.name} was away")
        client.open()
        assert client.event("picture", id=shown)["caption"] == f"while {client.name} was away"
        assert client.event("reaction", of=texts[0])["emoji"] == "🎉"
        assert client.event("edit", of=texts[1])["text"] == f"edited while {client.name} was away"
        client.message(by_hand)
        got = [e["id"] for e in client.process.printed.all() if e.get("event") == "message"]
        assert got == [*texts, by_hand], got
        assert not client.count("undecryptable"), f"{client.name} could not decrypt a message at first"

    def archive_reaches_the_phone(self):
        # neonize does not tell whatsmeow which collection a change is for.
        self.one.archive(self._group, True)
        eventually("its phone showing the chat as archived", lambda: self._one_phone.chat(self._group)["archived"])

    def the_phone_archives(self):
        self._one_phone.hold_chat(self._group, archived=False)
        self.one.event("chat", chat=self._group, archived=False)
        self._other_phone.hold_chat(self._group, archived=True)
        # whatsmeow keeps what it was told and does not say so.
        eventually(f"{self.other.name} holding the chat as archived", lambda: self.other.settings(self._group)["archived"])
