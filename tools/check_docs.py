#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Checks that docs/ says what the sources do: check_docs.py ROOT [--write]. Each promise of docs/reliability.md and
docs/security.md names tests that there are, and the table of limits is that of src/base/limits.hpp; --write writes it."""
import pathlib
import re
import sys

LIMIT = re.compile(r"inline constexpr std::size_t (\w+) = ([^;]+);\s*// (.+)")
CASE = re.compile(r"BOOST_(?:AUTO|FIXTURE|DATA)_TEST_CASE\((\w+)")
HEADING = "| limit | value | of |\n|---|---|---|\n"


def limit_rows(root):
    rows = []
    for line in (root / "src/base/limits.hpp").read_text().splitlines():
        if found := LIMIT.fullmatch(line.strip()):
            name, value, text = found.groups()
            value = value.replace("'", ",").replace(" * mib", " MiB").replace(" * kib", " KiB")
            rows.append(f"| {name.replace('_', ' ')} | {value} | {text} |\n")
    return "".join(rows)


def with_limits(text, rows):
    before, _, after = text.partition(HEADING)
    return before + HEADING + rows + after[re.match(r"(\|.*\n|LIMITS\n)*", after).end():]


def test_names(root):
    names = set()
    for path in (root / "tests").rglob("*"):
        if path.suffix == ".cpp":
            names |= set(CASE.findall(path.read_text()))
        if path.is_dir():
            names.add(str(path.relative_to(root)))
    return names


def promises(path):
    """Number and last cell of each row of the tables whose last column is `held by`."""
    inside = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        last = line.strip("| ").split("|")[-1].strip()
        if inside and line.startswith("|") and set(last) != {"-"}:
            yield number, last
        inside = line.startswith("|") and (inside or last == "held by")


def promises_without_tests(path, names):
    for number, cell in promises(path):
        tests = re.findall(r"`([^`]+)`", cell)
        missing = [name for name in tests if name not in names]
        if missing or not tests:
            yield f"{path.name}:{number}: no such test: {', '.join(missing)}"


def main(root, write):
    names = test_names(root)
    faults = [fault for page in ("reliability.md", "security.md")
              for fault in promises_without_tests(root / "docs" / page, names)]
    page = root / "docs/security.md"
    wanted = with_limits(page.read_text(), limit_rows(root))
    if write:
        page.write_text(wanted)
    elif wanted != page.read_text():
        faults.append("security.md: the limits are not those of src/base/limits.hpp: tools/check_docs.py . --write")
    print("\n".join(faults) or f"every promise names a test, of {len(names)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), "--write" in sys.argv))
