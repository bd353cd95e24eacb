#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Prints the closing line of a test run, `N passed, N failed`: cases of Boost.Test programs, else whole programs."""
import json
import re
import sys

passed = failed = skipped = 0
with open(sys.argv[1], encoding="utf-8") as log:
    for line in log:
        test = json.loads(line)
        output = test.get("stdout", "") + test.get("stderr", "")
        cases = re.search(r"Running (\d+) test cases?", output)
        count = int(cases.group(1)) if cases else 1
        failures = len(set(re.findall(r'error: in "([^"]+)"', output)))
        # What a test of many rounds says of them.
        for line in re.findall(r"(?m)^\d+ kills, .*$", output):
            print(line)
        if test["result"] == "SKIP":
            skipped += 1
            print(f"skipped: {test['name']}: {output.strip().splitlines()[-1] if output.strip() else 'no reason given'}")
        elif test["result"] == "OK":
            passed += count
        else:
            failures = max(failures, 1)
            failed += failures
            passed += max(count - failures, 0)
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
