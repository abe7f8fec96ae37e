"""The commands: what they do is the same for every rival, so nothing of whatsmeow is in here."""

import ctypes
import gc
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

LOOK_SECONDS = 0.02
# How long after the last acknowledgement, or after the last piece of history, something may still come.
ARRIVAL_SECONDS = 120
HISTORY_SECONDS = 15
LINKING_SECONDS = 1
PAGE = 1000


class Bench:
    def __init__(self, sandbox, tell, options, make_device):
        self._sandbox = sandbox
        self._tell = tell
        self._first = options.first
        self._friends = options.friends
        self._friends_made = 0
        self._make_device = make_device
        self._numbers = []
        self._commands = {
            "link": self.link, "send": self.send, "history": self.history, "received": self.received, "rest": self.rest,
        }

    def run(self, command: dict):
        about = dict(command)
        name = about.pop("do")
        if name not in self._commands:
            raise ValueError(f"there is no command '{name}'")
        self._commands[name](**about)

    def resume(self, count: int):
        """Brings back the numbers that a folder has."""
        began = time.monotonic()
        self._numbers = [self._make_device(counted(self._first, index)) for index in range(count)]
        in_parallel(self._numbers, 16, lambda number: number.open())
        self._tell(phase="online", numbers=count, seconds=since(began))

    def close(self):
        in_parallel(self._numbers, 16, lambda number: number.close())

    def link(self, numbers: int, concurrency: int = 4, past: dict | None = None):
        began = told = time.monotonic()
        online = len(self._numbers)
        counting = threading.Lock()

        def link(phone):
            nonlocal told, online
            self._sandbox.ask("POST", "/phones", {"phone": phone})
            if past:
                self._sandbox.ask("POST", f"/phones/{phone}/history", past)
            number = self._make_device(phone)
            number.open()
            with counting:
                online += 1
                if time.monotonic() - told >= LINKING_SECONDS:
                    told = time.monotonic()
                    self._tell(phase="linking", numbers=online)
            return number

        wanted = [counted(self._first, index) for index in range(len(self._numbers), numbers)]
        added = in_parallel(wanted, concurrency, link)
        self._numbers += added
        self._tell(phase="linked", numbers=len(self._numbers), seconds=since(began))
        return added

    def send(self, messages: int, name: str, numbers: int = 1, phones: int = 1, concurrency: int = 16):
        friends = self._make_friends(phones)
        after = {phone: self._sandbox.ask("GET", f"/phones/{phone}")["messages"] for phone in friends}
        failed = []

        def send(index):
            try:
                self._numbers[index % numbers].send(friends[index // numbers % phones], f"{name} {index}")
            except Exception as error:  # whatever it is, it is counted
                failed.append(error)
                print(repr(error), file=sys.stderr)

        began = time.monotonic()
        in_parallel(range(messages), concurrency, send)
        sent = messages - len(failed)
        self._tell(phase="sent", messages=sent, failed=len(failed), seconds=since(began))
        seen = self._arrivals(after, f"{name} ", sent)
        self._tell(phase="arrived", **seen, seconds=since(began))

    def history(self, numbers: int, chats: int, messages: int, concurrency: int = 1):
        began = time.monotonic()
        past = {"chats": chats, "messagesPerChat": messages, "days": 60, "seed": 1}
        added = self.link(len(self._numbers) + numbers, concurrency, past)
        wanted = numbers * chats * messages

        def reported():
            return sum(number.history for number in added)

        while reported() < wanted and time.monotonic() - max([began, *(n.last_history for n in added)]) < HISTORY_SECONDS:
            time.sleep(LOOK_SECONDS)
        self._tell(
            phase="history", numbers=numbers, chats=chats, messages=reported(), missing=wanted - reported(), seconds=since(began)
        )

    def received(self):
        self._tell(phase="received", messages=sum(number.received for number in self._numbers))

    def rest(self):
        gc.collect()
        # Python's own heap; Go gives back what it has freed within some minutes, by itself.
        ctypes.CDLL(None).malloc_trim(0)
        self._tell(phase="resting")

    def _arrivals(self, after: dict, prefix: str, wanted: int) -> dict:
        """Looks at the phones until so many texts with a prefix are there. Each text once; those in several copies are told."""
        texts = {}
        ends = time.monotonic() + ARRIVAL_SECONDS
        while True:
            for phone, position in after.items():
                page = self._sandbox.ask("GET", f"/phones/{phone}/messages?after={position}&limit={PAGE}")
                after[phone] = page["last"]
                for message in page["messages"]:
                    if not message["fromMe"] and (message["text"] or "").startswith(prefix):
                        texts[message["text"]] = texts.get(message["text"], 0) + message["copies"]
            if len(texts) >= wanted or time.monotonic() > ends:
                doubled = sum(copies > 1 for copies in texts.values())
                return {"messages": len(texts), "missing": wanted - len(texts), "doubled": doubled}
            time.sleep(LOOK_SECONDS)

    def _make_friends(self, count: int) -> list[str]:
        phones = [counted(self._friends, index) for index in range(count)]
        for phone in phones[self._friends_made:]:
            self._sandbox.ask("POST", "/phones", {"phone": phone})
        self._friends_made = max(self._friends_made, count)
        return phones


def in_parallel(items, workers: int, act) -> list:
    """Takes the items one after the other, so many at once; the results in the items' order."""
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(act, items))


def counted(first: str, index: int) -> str:
    return f"+{int(first[1:]) + index}"


def since(began: float) -> float:
    return round(time.monotonic() - began, 3)
