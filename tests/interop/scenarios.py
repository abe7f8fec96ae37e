"""What a foreign client and a SparkBot number do with each other.

One scenario is one client that is linked in one way; its steps build on each
other. What a step proves is said by its name.
"""

from hashlib import sha256

from harness.deadline import eventually
from harness.foreign import Client
from harness.http import Refused
from harness.phone import Phone
from harness.receiver import Receiver
from harness.sparkbot import Number

BY_QR = "QR"
BY_CODE = "code"


class Scenario:
    def __init__(self, way: str, client: Client, phone: Phone, number: Number, receiver: Receiver):
        self._way = way
        self.client = client
        self.clients = [client]
        self._phone = phone
        self._number = number
        self._receiver = receiver
        # The number's own phone; the name under which clients know the number.
        self._theirs = number.phone
        # What is said in one scenario is told apart from what is said in others.
        self._mark = phone.number[-2:]

    def steps(self):
        link = [("is linked by QR", self.is_linked_by_qr)]
        if self._way == BY_CODE:
            link = [("refuses a wrong code", self.refuses_a_wrong_code), ("is linked by code", self.is_linked_by_code)]
        return link + [
            ("sends a text, which reaches the webhook", self.sends_a_text),
            ("is told that its text was delivered", self.is_told_of_delivery),
            ("is told that its text was read, after an answer with sendReadAck", self.is_told_of_reading),
            ("receives a text, which SparkBot then shows as delivered", self.receives_a_text),
            ("reads a text, which SparkBot then shows as read", self.reads_a_text),
            ("shares both directions with its own phone", self.shares_with_its_phone),
            ("sends a file, which both phones open", self.sends_a_file),
            ("opens a file that a person sends", self.opens_a_file),
            ("comes back without linking and gets what waited, in order and once", self.comes_back),
            ("goes on sending and receiving after that", self.goes_on),
            ("is told that it was unlinked on the phone", self.is_unlinked),
        ]

    def is_linked_by_qr(self):
        self.client.open()
        self._phone.scan(self.client.qr())
        self._is_open()

    def refuses_a_wrong_code(self):
        self.client.open()
        self._code = self.client.code(self._phone.number)
        wrong = "BBBBBBBB" if self._code.replace("-", "") == "AAAAAAAA" else "AAAAAAAA"
        try:
            self._phone.type_code(wrong)
        except Refused as refusal:
            assert refusal.body["error"] == "wrong_code", refusal
        else:
            raise AssertionError("a wrong code has linked the client")
        assert not self._phone.companions(), "a wrong code has left a companion"

    def is_linked_by_code(self):
        self._phone.type_code(self._code)
        self._is_open()

    def _is_open(self):
        self.client.event("open")
        self._phone.companion_is(online=True)
        assert len(self._phone.companions()) == 1, self._phone.companions()

    def sends_a_text(self):
        self._first = self._sends("a question")

    def _sends(self, words: str) -> str:
        """The client writes to the number; the webhook hears of it."""
        text = f"{words} {self._mark}"
        wa_id = self.client.send(self._theirs.number, text)
        event = self._receiver.event("message:in:new", wa_id)["data"]
        assert (event["body"], event["type"], event["flow"]) == (text, "text", "inbound"), event
        assert (event["fromNumber"], event["toNumber"]) == (self._phone.number, self._theirs.number), event
        return wa_id

    def is_told_of_delivery(self):
        self.client.receipt(self._first, "delivered")
        # The number's phone says so too; SparkBot has to say it itself.
        self._phone.receipt(self._first, "delivery", by=self._theirs.number, companion=True)

    def is_told_of_reading(self):
        message = self._number.send(self._phone.number, f"an answer {self._mark}", sendReadAck=True, quote=self._first)
        self.client.receipt(self._first, "read")
        self._phone.receipt(self._first, "read", by=self._theirs.number, companion=True)
        assert self.client.message(message["waId"])["text"] == message["message"]

    def receives_a_text(self):
        # With its phone off, nobody but the client can say that it has arrived.
        self._phone.switch("offline")
        self._greeting = self._receives("a greeting", "delivered")
        self._phone.switch("online")

    def _receives(self, words: str, state: str | None = None) -> dict:
        """SparkBot writes to the client, which shows it as from the number."""
        message = self._number.send(self._phone.number, f"{words} {self._mark}")
        shown = self.client.message(message["waId"])
        assert (shown["text"], shown["chat"], shown["fromMe"]) == (message["message"], self._theirs.number, False), shown
        if state:
            self._number.is_in_state(message, state)
            self._theirs.receipt(message["waId"], "delivery", by=self._phone.number, companion=True)
        return message

    def reads_a_text(self):
        self.client.read(self._greeting["waId"])
        self._number.is_in_state(self._greeting, "read")
        self._receiver.event("message:out:ack", self._greeting["waId"], ack="read")
        # Read on one device is read on all of them.
        eventually("the client's own phone showing it as read", lambda: self._phone.message(self._greeting["waId"])["read"])

    def shares_with_its_phone(self):
        sent = self._phone.message(self._first)
        assert (sent["fromMe"], sent["chat"], sent["text"]) == (True, self._theirs.number, f"a question {self._mark}"), sent
        assert sent["fromDevice"] > 0, sent
        received = self._phone.message(self._greeting["waId"])
        assert (received["fromMe"], received["text"]) == (False, self._greeting["message"]), received
        # And what the person writes on the phone shows up in the client.
        wa_id = self._phone.send(self._theirs.number, f"by hand {self._mark}")
        shown = self.client.message(wa_id)
        assert (shown["fromMe"], shown["text"], shown["chat"]) == (True, f"by hand {self._mark}", self._theirs.number), shown
        self._receiver.event("message:in:new", wa_id)

    def sends_a_file(self):
        content = b"a file that is %s " % self._mark.encode() * 2_000
        name = f"file {self._mark}.pdf"
        wa_id = self.client.send_file(self._theirs.number, name, content)
        for phone in (self._theirs, self._phone):
            file = phone.file(wa_id)
            assert (file["fileName"], file["sha256"]) == (name, sha256(content).hexdigest()), file

    def opens_a_file(self):
        content = b"another file for %s " % self._mark.encode() * 2_000
        wa_id = self._theirs.send_file(self._phone.number, content)
        assert self.client.event("file", id=wa_id)["sha256"] == sha256(content).hexdigest()

    def comes_back(self):
        # What is not acknowledged yet would rightly come again.
        eventually("the client having acknowledged everything", lambda: self._phone.companions()[0]["queued"] == 0)
        self.client.close()
        self._phone.companion_is(online=False)
        # Its phone would say "delivered" in its place.
        self._phone.switch("offline")
        waiting = [self._number.send(self._phone.number, f"while away {n} {self._mark}") for n in (1, 2, 3)]
        for message in waiting:
            self._receiver.event("message:out:sent", message["waId"])
            self._number.is_in_state(message, "sent")
        self.client.open()
        for message in waiting:
            assert self.client.message(message["waId"])["text"] == message["message"]
            self._number.is_in_state(message, "delivered")
        self._phone.switch("online")
        assert self.client.count("qr") == 0, "it wanted to be linked again"
        shown = [e["id"] for e in self.client.process.printed.all() if e.get("event") == "message"]
        assert shown == [message["waId"] for message in waiting], shown

    def goes_on(self):
        self.client.receipt(self._sends("back again"), "delivered")
        self._receives("welcome back", "delivered")
        # What a phone could not decrypt at first it has got after asking again.
        for phone in (self._phone, self._theirs):
            for failed in phone.events("undecryptable"):
                phone.message(failed["id"])
        assert not self.client.count("undecryptable"), "the client could not decrypt a message at first"

    def is_unlinked(self):
        self._phone.unlink(self._phone.companions()[0]["id"])
        self.client.event("unlinked")
        assert not self._phone.companions()
