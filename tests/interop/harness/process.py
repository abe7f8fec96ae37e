"""Processes that speak JSON by the line and never outlive the run."""

import json
import os
import subprocess
import threading
from pathlib import Path

from .deadline import Happened

# How long a process may take over a polite end.
GRACE_SECONDS = 5
# How much of a log is shown when something fails.
TAIL_LINES = 25


class Process:
    """A running program and the JSON objects it has printed."""

    running: list["Process"] = []

    def __init__(self, name: str, command: list, log: Path, environment: dict[str, str] | None = None):
        # Settings of the person who runs this are none of the test's: neither
        # variables nor a sparkbot.toml in the folder.
        own = {key: value for key, value in os.environ.items() if not key.startswith("SPARKBOT_")}
        self.name = name
        self.log = log
        self.printed = Happened()
        with log.open("ab") as errors:
            self._child = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                cwd=log.parent, env={**own, **(environment or {})}, text=True, encoding="utf-8", bufsize=1,
            )
        Process.running.append(self)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._child.stdout:
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                self.printed.add(value)

    def first(self, what: str, fits) -> dict:
        """The first object printed that fits."""
        return self.printed.first(f"{self.name}: {what}", fits, self._ended)

    def _ended(self) -> str | None:
        # What it printed last counts, so the reader has to be through.
        ended = self._child.poll() is not None and not self._reader.is_alive()
        return f"it ended with status {self._child.returncode}" if ended else None

    def say(self, line: dict):
        """Writes an object to its standard input."""
        try:
            self._child.stdin.write(json.dumps(line) + "\n")
        except BrokenPipeError:
            raise RuntimeError(f"{self.name} is gone; its log tells why") from None

    def wait(self) -> int:
        """Waits for an end that it was asked for."""
        status = self._child.wait(GRACE_SECONDS)
        self._forget()
        return status

    def end(self):
        """Ends it, politely first."""
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self._forget()

    def _forget(self):
        if self in Process.running:
            Process.running.remove(self)

    def tail(self) -> str:
        """The end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        return "\n".join(f"    {self.name}: {line[:400]}" for line in lines)

    @classmethod
    def end_all(cls):
        for process in reversed(list(cls.running)):
            process.end()
