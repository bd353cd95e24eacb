#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Checks what every source file must have: the two SPDX lines, no tabs, no over-long lines, no over-long files."""
import pathlib
import sys

MOST_LINES = 350
MOST_COLUMNS = 130


def problems_of(path):
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if sum("SPDX-" in line for line in lines[:3]) != 2:
        yield f"{path}: the two SPDX lines are missing"
    if path.suffix == ".hpp" and "#pragma once" not in text:
        yield f"{path}: no #pragma once"
    if path.suffix in (".cpp", ".hpp") and len(lines) > MOST_LINES and "tests" not in path.parts:
        yield f"{path}: {len(lines)} lines, more than {MOST_LINES}"
    for number, line in enumerate(lines, 1):
        if "\t" in line:
            yield f"{path}:{number}: a tab"
        if len(line) > MOST_COLUMNS:
            yield f"{path}:{number}: {len(line)} columns, more than {MOST_COLUMNS}"


def main():
    root = pathlib.Path(sys.argv[1])
    files = [p for d in ("src", "tests", "tools", "proto") for p in sorted((root / d).rglob("*"))]
    files = [p for p in files if p.suffix in (".cpp", ".hpp", ".py", ".proto") or p.name == "meson.build"]
    problems = [p for path in files for p in problems_of(path)]
    print("\n".join(problems) if problems else f"{len(files)} files are in order")
    return 1 if problems else 0


sys.exit(main())
