#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""run.py ROOT FOLDER SECONDS TIMEOUT [NAME]: runs the fuzzers that are built in FOLDER, one line each."""
import pathlib
import re
import shutil
import subprocess
import sys

import seeds

MOST_INPUT_BYTES = 16384
MOST_MEGABYTES = 2048


def last(pattern, text):
    found = re.findall(pattern, text)
    return found[-1] if found else "?"


def show_finding(log, findings):
    for line in log.splitlines():
        if re.match(r"broken: |SUMMARY: |.*runtime error: |==\d+== ?ERROR: ", line):
            print(f"    {line[:300]}")
    for path in findings:
        print(f"    {path}")


def run(root, folder, name, seconds, timeout):
    """The findings of one target."""
    corpus, found = folder / "corpus" / name, folder / "findings" / name
    for each in (corpus, found):
        each.mkdir(parents=True, exist_ok=True)
    known = set(found.iterdir())
    command = [
        folder / "tests/fuzz" / name, corpus, seeds.make(root, folder / "seeds" / name, name),
        f"-max_total_time={seconds}", f"-timeout={timeout}", f"-max_len={MOST_INPUT_BYTES}",
        f"-rss_limit_mb={MOST_MEGABYTES}", f"-artifact_prefix={found}/", "-print_final_stats=1",
    ]
    dictionary = root / "tests/fuzz/seeds" / f"{name}.dict"
    if dictionary.exists():
        command.append(f"-dict={dictionary}")
    done = subprocess.run(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    log = done.stderr.decode(errors="replace")
    (folder / f"{name}.log").write_text(log)
    new = sorted(set(found.iterdir()) - known)
    print(f"{name}: {last(r'number_of_executed_units: *([0-9]+)', log)} runs, "
          f"{last(r'average_exec_per_sec: *([0-9]+)', log)}/s, {last(r' cov: ([0-9]+)', log)} edges, "
          f"corpus {last(r' corp: ([0-9]+)', log)}" + (f", status {done.returncode}" if done.returncode else ""), flush=True)
    if done.returncode:
        show_finding(log, new)
    return done.returncode != 0


def main():
    root, folder = (pathlib.Path(each).resolve() for each in sys.argv[1:3])
    sources = sorted((root / "tests/fuzz").glob("*.cpp"))
    names = [each.stem for each in sources if "LLVMFuzzerTestOneInput" in each.read_text()]
    if len(sys.argv) > 5:
        if sys.argv[5] not in names:
            sys.exit(f"no target {sys.argv[5]}: there are {', '.join(names)}")
        names = [sys.argv[5]]
    shutil.rmtree(folder / "seeds", ignore_errors=True)
    failed = [name for name in names if run(root, folder, name, sys.argv[3], sys.argv[4])]
    if failed:
        print(f"found something: {', '.join(failed)}; the inputs are in {folder / 'findings'}, the logs beside it")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
