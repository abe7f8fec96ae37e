"""How long anything may take."""

import threading
import time

# For one event. Generous: a loaded machine is slow, and waiting ends with the event.
EVENT_SECONDS = 30
# For everything, from the first process to the last.
RUN_SECONDS = 300

_run_ends = time.monotonic() + RUN_SECONDS


class TooLate(Exception):
    """Something did not happen in time."""


def left(seconds: float = EVENT_SECONDS) -> float:
    """What is left for an event that may take this long."""
    return max(0.0, min(seconds, _run_ends - time.monotonic()))


def eventually(what: str, look):
    """Asks again and again until `look` has an answer."""
    ends = time.monotonic() + left()
    while True:
        if found := look():
            return found
        if time.monotonic() >= ends:
            raise TooLate(f"{what} did not happen in time")
        time.sleep(0.03)


class Happened:
    """A growing list that others wait on."""

    def __init__(self):
        self._items = []
        self._changed = threading.Condition()

    def add(self, item):
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    def all(self) -> list:
        with self._changed:
            return list(self._items)

    def first(self, what: str, fits, given_up=lambda: None):
        """The first item that fits, there already or still to come. `given_up`
        says why there is no use in waiting any longer."""
        ends = time.monotonic() + left()
        with self._changed:
            while True:
                found = next((item for item in self._items if fits(item)), None)
                if found is not None:
                    return found
                rest = ends - time.monotonic()
                if rest <= 0 or given_up():
                    raise TooLate(f"{what} did not happen{': ' + given_up() if given_up() else ' in time'}")
                self._changed.wait(min(rest, 0.5))
