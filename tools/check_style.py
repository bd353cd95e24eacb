#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Checks what every source file must have: the two SPDX lines, no tabs, no over-long lines, no over-long files; and that
nothing below the command line throws a std::filesystem_error: its calls take an error_code, or base/files wraps them."""
import pathlib
import re
import sys

MOST_LINES = 350
MOST_COLUMNS = 130

# The functions that throw without an error_code as their last argument, and constructors of what does.
THROWING = re.compile(
    r"(?:\bfs|std::filesystem)::(?P<name>absolute|canonical|weakly_canonical|relative|proximate|copy|copy_file|copy_symlink|"
    r"create_director(?:y|ies)|create_hard_link|create_symlink|create_directory_symlink|current_path|equivalent|exists|"
    r"file_size|hard_link_count|is_\w+|last_write_time|permissions|read_symlink|remove|remove_all|rename|resize_file|space|"
    r"status|symlink_status|temp_directory_path|(?:recursive_)?directory_iterator(?:\s+\w+)?|directory_entry(?:\s+\w+)?)"
    r"[({]"
)
# What a file_status tells throws nothing.
OF_STATUS = re.compile(r"(?:exists|is_\w+)$")
STATUS = re.compile(r"(?:\w*status\w*|(?:fs|std::filesystem)::(?:symlink_)?status\(.*\))$", re.DOTALL)
ERROR_CODE = re.compile(r"(?:error|ec|ignored|unknown|failed)$")
# Of a directory_entry.
THROWING_MEMBER = re.compile(r"(?:->|\.)(?:is_regular_file|is_directory|is_symlink|file_size|last_write_time)\(\s*\)")
MAY_THROW = {"cli"}


def arguments_at(text, begin):
    """The arguments between the bracket before `begin` and the one that closes it."""
    out, depth, start = [], 1, begin
    for at in range(begin, len(text)):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if (depth == 1 and text[at] == ",") or depth == 0:
            out.append(text[start:at].strip())
            start = at + 1
        if depth == 0:
            return [argument for argument in out if argument]
    return out


def throws(name, arguments):
    if OF_STATUS.match(name) and len(arguments) == 1 and STATUS.match(arguments[0]):
        return False
    # An end, which is made of nothing.
    if "iterator" in name and not arguments:
        return False
    return not arguments or not ERROR_CODE.match(arguments[-1])


def throwing_calls(path, text):
    for found in THROWING.finditer(text):
        if throws(found["name"].split()[0], arguments_at(text, found.end())):
            yield found.start(), f"fs::{found['name'].split()[0]} without an error_code throws"
    for found in THROWING_MEMBER.finditer(text):
        yield found.start(), f"{found[0]} throws"


def problems_of(path, root):
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
    parts = path.relative_to(root).parts
    if parts[0] == "src" and parts[1] not in MAY_THROW and path.suffix in (".cpp", ".hpp"):
        for at, what in throwing_calls(path, text):
            yield f"{path}:{text.count(chr(10), 0, at) + 1}: {what} a std::filesystem_error: see base/files"


def main():
    root = pathlib.Path(sys.argv[1])
    files = [p for d in ("src", "tests", "tools", "proto") for p in sorted((root / d).rglob("*"))]
    files = [p for p in files if p.suffix in (".cpp", ".hpp", ".py", ".proto") or p.name == "meson.build"]
    problems = [p for path in files for p in problems_of(path, root)]
    print("\n".join(problems) if problems else f"{len(files)} files are in order")
    return 1 if problems else 0


sys.exit(main())
