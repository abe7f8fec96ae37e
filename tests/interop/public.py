"""What a client says to many at once: status updates and channels."""

from harness.foreign import Client
from harness.phone import Phone

STATUS = "status@broadcast"


class Public:
    def __init__(self, client: Client, phone: Phone, person: Phone, outsider: Phone):
        self.client = client
        self.clients = [client]
        self._phone = phone
        self._person = person
        self._outsider = outsider

    def steps(self):
        return [
            ("is linked", self.is_linked),
            ("posts an update for one person, whom alone it reaches", self.posts_an_update),
            ("sees the update of a person, who learns that it was seen", self.sees_an_update),
            ("makes a channel, which a person follows", self.makes_a_channel),
            ("posts into its channel, which the person reads", self.posts_into_its_channel),
            ("follows a channel and gets what is posted", self.follows_a_channel),
        ]

    def is_linked(self):
        self.client.open()
        self._phone.scan(self.client.qr())
        self.client.event("open")
        self._phone.companion_is(online=True)

    def posts_an_update(self):
        wa_id = self.client.update("an update", [self._person.number])
        for phone in (self._person, self._phone):
            shown = phone.message(wa_id)
            assert (shown["chat"], shown["text"], shown["from"]) == (STATUS, "an update", self._phone.number), shown
        assert wa_id not in self._outsider.shown_ids(), "it was not for everybody"

    def sees_an_update(self):
        wa_id = self._person.update("my day", [self._phone.number])
        seen = self.client.message(wa_id)
        assert (seen["chat"], seen["text"], seen["from"]) == (STATUS, "my day", self._person.number), seen
        self.client.read(wa_id)
        self._person.receipt(wa_id, "read", by=self._phone.number, companion=True)

    def makes_a_channel(self):
        self._channel = self.client.channel("Interop news")
        assert self._person.follow(self._channel)["name"] == "Interop news"

    def posts_into_its_channel(self):
        wa_id = self.client.send(self._channel, "first post")
        post = self._person.post(self._channel, wa_id)
        assert post["text"] == "first post", post

    def follows_a_channel(self):
        channel = self._person.make_channel("A person's channel")
        self.client.follow(channel)
        wa_id = self._person.publish(channel, "hello followers")
        got = self.client.message(wa_id)
        assert (got["chat"], got["text"]) == (channel, "hello followers"), got
