#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Checks that ThreadSanitizer reports races that are there, with the suppressions of tools/tsan.supp, and no others.

Usage: check_tsan.py PATH/injected_race      with TSAN_OPTIONS as the tests have it
"""
import os
import subprocess
import sys

# ThreadSanitizer's own exit code for a run with reports.
REPORTED = 66


def problems_of(program, race):
    # A second look at one race costs time and tells nothing.
    options = os.environ.get("TSAN_OPTIONS", "") + " halt_on_error=1"
    run = subprocess.run([program, race], capture_output=True, text=True, timeout=120, check=False,
                         env={**os.environ, "TSAN_OPTIONS": options})
    if race == "none" and run.returncode != 0:
        yield f"without a race: exit code {run.returncode}\n{run.stderr}"
    if race != "none" and run.returncode != REPORTED:
        yield f"the race '{race}' is not reported: exit code {run.returncode}\n{run.stderr}"


def main():
    problems = [p for race in ("none", "member", "function", "handover") for p in problems_of(sys.argv[1], race)]
    print("\n".join(problems) if problems else "three races reported, none where there is none")
    return 1 if problems else 0


sys.exit(main())
