# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Runs every `console` block of README.md and docs/ and compares what it prints: documents_test.py ROOT [PAGE...].

A page's blocks run one after the other in one shell, in a fresh folder that has docs/examples and captures made of them.
In what a block shows, a line `...` stands for any lines, `...` within one for any text, and times for any times; a block
that shows nothing after a command only promises that it works. A comment before a block, which nobody sees on the rendered
page, says otherwise: `<!-- with relay-sim -->` starts one, in place of any local address; `<!-- not run: REASON -->` has only
the flags of its cpg commands checked. Environment: CPG, RELAY_SIM, EXAMPLES; and ROOT, a file system in which cpg is
installed, with ENTER, the words that run a program in it: the blocks run in there, in a folder that has no more than a
capture."""
import difflib
import gzip
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from patience import patient  # noqa: E402

CPG = pathlib.Path(os.environ["CPG"])
EXAMPLES = pathlib.Path(os.environ["EXAMPLES"])
ROOT = os.environ.get("ROOT", "")
BLOCK = re.compile(r"(?:^[ ]*<!-- (?P<mark>[^\n]*?) -->\n+)?^(?P<indent>[ ]*)```console\n(?P<text>.*?)^(?P=indent)```$",
                   re.M | re.S)
MARKER = "\x1e"
LOCAL = re.compile(r"\b(?:localhost|127\.0\.0\.1):\d+\b")
PATIENCE = patient(120)


class Block:
    def __init__(self, page, match, text):
        self.place = f"{page}:{text[: match.start('text')].count(chr(10)) + 1}"
        self.mark = match["mark"] or ""
        self.commands = []  # of a command and what it shows
        for line in match["text"].splitlines():
            line = line[len(match["indent"]):]
            if line.startswith("$ "):
                self.commands.append([line[2:], []])
            elif line.startswith("> ") and not self.commands[-1][1]:
                self.commands[-1][0] += "\n" + line[2:]
            else:
                self.commands[-1][1].append(line)

    def is_run(self):
        return not self.mark.startswith("not run:")

    def wants_relay(self):
        return self.mark == "with relay-sim"


def normal(line):
    line = LOCAL.sub("LOCAL", line)
    line = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*Z?", "TIME", line.rstrip())
    line = re.sub(r"\b\d{4}-\d\d-\d\d \d\d:\d\d → \d\d:\d\d", "TIMES", line)
    return re.sub(r"\b(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?(?:ms|s)\b", "TIME", line)


def matches(shown, printed):
    """Whether lines are those that are shown, of which `...` is any number."""
    def one(line):
        return re.escape(normal(line)).replace(re.escape("..."), ".*") + r"\n"

    pattern = "".join(r"(?:.*\n)*?" if line == "..." else one(line) for line in shown)
    return re.fullmatch(pattern, "".join(normal(line) + "\n" for line in printed)) is not None


def folder_for(holder):
    folder = pathlib.Path(holder)
    shop = (EXAMPLES / "shop.jsonl").read_bytes()
    (folder / "capture.jsonl").write_bytes(shop)
    (folder / "capture.jsonl.gz").write_bytes(gzip.compress(shop))
    if not ROOT:
        shutil.copytree(EXAMPLES, folder / "docs" / "examples")
        (folder / "bin").mkdir()
        (folder / "bin" / "cpg").symlink_to(CPG)
    return folder


def start_relay():
    sim = subprocess.Popen(
        [os.environ["RELAY_SIM"], "--listen", "127.0.0.1:0", "--capture", EXAMPLES / "shop.jsonl", "--loop", "--rate", "200"],
        stdout=subprocess.PIPE, text=True)
    return sim, sim.stdout.readline().split()[-1]


def script_of(blocks, address):
    out = ""
    for block in blocks:
        for command, _ in block.commands:
            out += f"printf '{MARKER}'\n{LOCAL.sub(address, command)}\nprintf '{MARKER}%s' $?\n"
    return out


def outputs_of(blocks, folder, address):
    """Of each command, its status and the lines that it has printed."""
    settings = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": str(folder), "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    enter = []
    if ROOT:
        inside = "/" + str(folder.relative_to(ROOT))
        settings.update(PATH="/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME=inside)
        enter = [*shlex.split(os.environ["ENTER"]), ROOT, "bash", "-c", f"cd {inside} && exec \"$@\"", "-"]
    ran = subprocess.run([*enter, "bash", "-c", script_of(blocks, address)], cwd=folder, env=settings, text=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE)
    parts = ran.stdout.split(MARKER)[1:]
    return [(int(status), text.splitlines()) for text, status in zip(parts[::2], parts[1::2])]


def faults_of_run(blocks):
    with tempfile.TemporaryDirectory(dir=f"{ROOT}/tmp" if ROOT else None) as holder:
        folder = folder_for(holder)
        sim, address = start_relay() if any(block.wants_relay() for block in blocks) else (None, "")
        try:
            outputs = iter(outputs_of(blocks, folder, address))
        finally:
            if sim:
                sim.terminate()
                sim.wait()
                sim.stdout.close()
        for block in blocks:
            for command, shown in block.commands:
                status, printed = next(outputs, (-1, []))
                if status != 0:
                    yield f"{block.place}: `{command}` ended with {status}:\n" + "\n".join(printed[-20:])
                elif shown and not matches(shown, printed):
                    lines = difflib.unified_diff([normal(line) for line in shown], [normal(line) for line in printed],
                                                 "page", "run", lineterm="", n=1)
                    yield f"{block.place}: `{command}` prints something else:\n" + "\n".join(lines)


def faults_of_flags(block):
    for command, _ in block.commands:
        for words in re.findall(r"\bcpg ((?:generate|replay|explain|verify|bootstrap|completion)\b[^|;&>#]*)", command):
            command = ["bash", "-c", f"exec '{CPG}' {words} --help"]
            asked = subprocess.run(command, capture_output=True, text=True, timeout=patient(60))
            if asked.returncode != 0:
                yield f"{block.place}: `cpg {words.strip()}`: {asked.stderr.strip()}"


def faults_of(root, page):
    text = page.read_text()
    blocks = [Block(page.relative_to(root), match, text) for match in BLOCK.finditer(text)]
    for block in blocks:
        if not ROOT:
            yield from faults_of_flags(block)
    blocks = [block for block in blocks if block.is_run()]
    if blocks:
        yield from faults_of_run(blocks)


def main(root, names):
    pages = [root / name for name in names] or [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    faults = [fault for page in pages for fault in faults_of(root, page)]
    print("\n".join(faults) or f"{len(pages)} pages do what they show")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2:]))
