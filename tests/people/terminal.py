# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Programs behind a real terminal, for tests of what people see. Every wait has an end; only what was started is ended."""
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from patience import patient  # noqa: E402

PATIENCE = patient(60)


class Terminal:
    """A child on a pseudo terminal of its own, and all that it has written."""

    def __init__(self, words, folder, columns=80, rows=25, **environment):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            set_size(0, rows, columns)
            settings = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm", "LC_ALL": "C.UTF-8"}
            settings.update({name: str(value) for name, value in environment.items()})
            os.execvpe(words[0], [str(word) for word in words], settings)

    def resize(self, columns, rows=25):
        set_size(self.fd, rows, columns)

    def send(self, text):
        os.write(self.fd, text.encode())

    def read(self, seconds=0.05):
        """Whatever comes within this time; false at the end."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            part = os.read(self.fd, 65536)
        except OSError:
            return False
        self.text += part.decode("utf-8", "replace")
        return bool(part)

    def until(self, pattern, since=0):
        """Reads until the text from there on matches; fails in the end."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if re.search(pattern, self.text[since:]):
                return self.text[since:]
            if not self.read():
                break
        if re.search(pattern, self.text[since:]):
            return self.text[since:]
        raise AssertionError(f"no {pattern!r} in {self.text[since:]!r}")

    def wait(self):
        """Reads to the end; the exit status."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if not self.read():
                _, status = os.waitpid(self.pid, 0)
                self.pid = None
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"it did not end: {self.text!r}")

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def set_size(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


# A control sequence, a command to the terminal (a title, say), another escape, or a character.
PART = re.compile(r"\x1b\[[?>=0-9;]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b[()].|\x1b[^\[\]()]|[^\x1b]", re.S)


class Screen:
    """What a terminal shows of a text: rows without end, of which those that are too long go on in the next."""

    def __init__(self, columns):
        self.columns, self.rows, self.row, self.column = columns, [""], 0, 0

    def feed(self, text):
        for part in PART.findall(text):
            self.take(part)
        return self

    def take(self, part):
        if part == "\r":
            self.column = 0
        elif part == "\n":
            self.row += 1
            self.rows += [""] * (self.row + 1 - len(self.rows))
        elif part == "\x1b[K" or part == "\x1b[J":
            self.rows[self.row] = self.rows[self.row][: self.column]
            if part == "\x1b[J":
                del self.rows[self.row + 1:]
        elif part == "\b":
            self.column = max(0, self.column - 1)
        elif move := re.fullmatch(r"\x1b\[(\d*)([ABCDG])", part):
            self.move(int(move[1] or 1), move[2])
        elif part >= " ":
            self.put(part)

    def move(self, count, where):
        if where in "AB":
            self.row = max(0, self.row + (count if where == "B" else -count))
            self.rows += [""] * (self.row + 1 - len(self.rows))
        elif where == "G":
            self.column = count - 1
        else:
            self.column = max(0, self.column + (count if where == "C" else -count))

    def put(self, character):
        if self.column == self.columns:
            self.column = 0
            self.take("\n")
        row = self.rows[self.row].ljust(self.column)
        self.rows[self.row] = row[: self.column] + character + row[self.column + 1:]
        self.column += 1
