# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Makes the first inputs of a target: its hand-written seeds, and what can be made of tests/data."""
import bz2
import gzip
import json
import lzma
import pathlib
import re
import shutil
import subprocess

# Rules that are wanted, by the characters of tests/fuzz/wanted_rules.cpp.
WANTED = ("00", "81)9", "0`0h", " 0(1!8)9", "7078?B?j", "%0-1&2.3")
# JSON names of members whose values are names of an enum, or a wrapper of a bool.
ENUMS = {"verdict", "Type", "traffic_direction", "drop_reason_desc", "ipVersion", "type", "state_change", "socket_source"}
WRAPPERS = {"is_reply"}


def hand_written(folder):
    """The suffix says how a text becomes bytes: .hex, .crlf, .line (without its last line break); others as they are."""
    for path in sorted(folder.glob("*")):
        data = path.read_bytes()
        if path.suffix == ".hex":
            data = bytes.fromhex(re.sub(r"#.*", "", data.decode()))
        elif path.suffix == ".crlf":
            data = data.replace(b"\n", b"\r\n")
        elif path.suffix == ".line":
            data = data.removesuffix(b"\n")
        yield data


def capture_lines(root):
    for path in sorted((root / "tests/data").glob("*.jsonl")):
        yield from path.read_bytes().splitlines(keepends=True)


def capture_line(root):
    lines = list(capture_lines(root))
    yield from lines
    for at in range(0, len(lines) - 3, 3):
        yield b"".join(lines[at:at + 3])


def text_proto(value, name=""):
    """A flow as protobuf's text format, as far as that can be told from JSON alone."""
    if name == "time":
        return "{seconds: 1768381918 nanos: 104233871}"
    if name in WRAPPERS:
        return "{value: %s}" % str(value).lower()
    if isinstance(value, dict):
        return "{%s}" % " ".join(member for key, each in value.items() for member in members_proto(key, each))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) or name in ENUMS else json.dumps(value)


def members_proto(key, value):
    for each in value if isinstance(value, list) else [value]:
        yield f"{key}: {text_proto(each, key)}"


def wire_flow(root):
    command = ["protoc", "-I", root / "proto", "--encode=observer.GetFlowsResponse", "observer/observer.proto"]
    for line in capture_lines(root):
        try:
            text = text_proto(json.loads(line))[1:-1]
        except ValueError:
            continue
        done = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if done.returncode == 0:
            yield done.stdout


def zstd(data):
    if not shutil.which("zstd"):
        return b""
    return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def capture_container(root):
    """Of each format: as it comes, two streams in a row, one that is cut; and text that the target compresses itself."""
    text = b"".join(list(capture_lines(root))[:2])
    for squeeze in (bytes, gzip.compress, zstd, lzma.compress, bz2.compress):
        data = squeeze(text)
        for each in (data, data + squeeze(b"x\n"), data[:len(data) // 2], data + bytes(512)):
            yield b"\0\x40" + each
    for how in range(1, 4):
        yield bytes([how, 7]) + text[:300]


def merge(root):
    for at, path in enumerate(sorted((root / "tests/data/merge").glob("*.before.yaml"))):
        yield WANTED[at % len(WANTED)].encode() + b"\n" + path.read_bytes()
        yield WANTED[3].encode() + b"\n" + path.read_bytes()


MADE = {each.__name__: each for each in (capture_line, wire_flow, capture_container, merge)}


def make(root, folder, name):
    """Writes the seeds of a target into the folder, and returns that."""
    folder.mkdir(parents=True, exist_ok=True)
    made = list(hand_written(pathlib.Path(root) / "tests/fuzz/seeds" / name))
    if name in MADE:
        made += MADE[name](root)
    for number, data in enumerate(made):
        (folder / f"{number:03}").write_bytes(data)
    return folder
