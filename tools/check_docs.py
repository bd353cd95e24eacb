#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Checks that docs/ says what the sources do: check_docs.py ROOT [--write]. Each promise of docs/reliability.md and
docs/security.md names tests that there are, and the table of limits is that of src/base/limits.hpp; --write writes it.
Every message that names a remedy is in docs/troubleshooting.md, every page in the index, every link leads somewhere, and
the changelog begins with this version."""
import pathlib
import re
import sys

LIMIT = re.compile(r"inline constexpr std::size_t (\w+) = ([^;]+);\s*// (.+)")
CASE = re.compile(r"BOOST_(?:AUTO|FIXTURE|DATA)_TEST_CASE\((\w+)")
HEADING = "| limit | value | of |\n|---|---|---|\n"


def limit_rows(root):
    rows = []
    # A long row is broken behind its equals sign.
    for line in re.sub(r"=\n +", "= ", (root / "src/base/limits.hpp").read_text()).splitlines():
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


# A flag, or an imperative behind a message: what somebody who reads it could do.
REMEDY = re.compile(r"--[a-z]|[;:] (?:give|name|use|run|look|wait|ask|set|put|raise|capture|check|see|start|try|remove|add"
                    r"|write|review|let|stop|part|leave|enable|choose)\b")
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.){12,})"')
# What is wrong with a command line points to the help; these say it later.
LATE = ("conclude.cpp", "evidence_flags.cpp")
# What tells of a way on and no trouble.
NO_TROUBLE = ("run this without --dry-run", "makes rules of what", "turn a default deny on only", "must not be empty", " == ")


def plain(text):
    return re.sub(r'[`"\\]', "", text).strip(" ,;:'")


def remedies(root):
    """The messages of the program that name one, each with its file."""
    for path in sorted((root / "src").rglob("*.cpp")):
        if path.parent.name == "cli" and path.name not in LATE:
            continue
        text = re.sub(r'"\s*\n\s*"', "", path.read_text())
        for message in LITERAL.findall(text):
            if REMEDY.search(message) and not any(part in message for part in NO_TROUBLE):
                yield path.relative_to(root), message


def messages_without_help(root):
    page = plain((root / "docs/troubleshooting.md").read_text())
    for path, message in remedies(root):
        # The page may have it in two parts: what is common to several, and what differs.
        parts = re.split(r", of which alone rules are made; ", message)
        for part in parts:
            if plain(part)[:60] not in page:
                yield f"troubleshooting.md: {path} says: {part}"


def links_to_nowhere(root):
    for page in [root / "README.md", *(root / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
            if "://" not in target and not (page.parent / target).exists():
                yield f"{page.name}: a link to {target}, which is not there"


def pages_without_index(root):
    index = (root / "docs/README.md").read_text()
    for page in sorted((root / "docs").glob("*.md")):
        if page.name != "README.md" and f"({page.name})" not in index:
            yield f"docs/README.md: {page.name} is not in the index"


def version_faults(root):
    version = re.search(r"version: '([\d.]+)'", (root / "meson.build").read_text())[1]
    date = re.search(r"'DATE': '([\d-]+)'", (root / "src/cli/meson.build").read_text())[1]
    newest = re.search(r"^## (.*)$", (root / "docs/changelog.md").read_text(), re.M)[1]
    for number in set(re.findall(r"cpg[-_:](\d+\.\d+\.\d+)", (root / "README.md").read_text())) - {version}:
        yield f"README.md: speaks of {number}, and this is {version}"
    if newest != f"{version} - {date}":
        yield f"changelog.md: begins with {newest}, and this is {version} - {date}"


def main(root, write):
    names = test_names(root)
    faults = [fault for page in ("reliability.md", "security.md")
              for fault in promises_without_tests(root / "docs" / page, names)]
    for check in (messages_without_help, links_to_nowhere, pages_without_index, version_faults):
        faults += check(root)
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
