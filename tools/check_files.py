#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Refuses archives, programs and large files in the repository: what can't be reviewed does not belong there."""
import pathlib
import subprocess
import sys

MOST_BYTES = 300_000
SUFFIXES = {".whl", ".deb", ".rpm", ".jar", ".zip", ".tar", ".tgz", ".gz", ".xz", ".bz2", ".zst", ".7z", ".a", ".o", ".so",
            ".exe", ".dll", ".pyc", ".class", ".bin"}
MAGICS = (b"\x7fELF", b"PK\x03\x04", b"\x1f\x8b", b"\xfd7zXZ\x00", b"BZh", b"\x28\xb5\x2f\xfd", b"!<arch>",
          b"7z\xbc\xaf", b"MZ\x90")


def problems_of(root, name):
    path = root / name
    if path.is_symlink() or not path.is_file() or name.startswith("tests/data/"):
        return
    if path.suffix.lower() in SUFFIXES:
        yield f"{name}: an archive or a program by its name"
    with path.open("rb") as file:
        if file.read(8).startswith(MAGICS):
            yield f"{name}: an archive or a program by its first bytes"
    if path.stat().st_size > MOST_BYTES:
        yield f"{name}: more than {MOST_BYTES} bytes"


def main():
    root = pathlib.Path(sys.argv[1])
    if not (root / ".git").exists():
        print("not a git checkout")
        return 77
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, text=True)
    if listed.returncode != 0:
        print(f"git lists no files: {listed.stderr.strip()}")
        return 77
    names = [name for name in listed.stdout.split("\0") if name]
    problems = [p for name in names for p in problems_of(root, name)]
    print("\n".join(problems) if problems else f"{len(names)} files are in order")
    return 1 if problems else 0


sys.exit(main())
