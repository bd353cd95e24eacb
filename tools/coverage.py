#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Prints lines and branches covered for each folder of src/. Arguments: the root of the sources, the build folder."""
import collections
import json
import subprocess
import sys


def share(hit, total):
    return f"{100 * hit / total:5.1f} %  ({hit}/{total})" if total else "    -"


def main():
    root, build = sys.argv[1:3]
    # Compilers give branches to exceptions that no source line names.
    command = ["gcovr", "--root", root, "--filter", f"{root}/src/", "--exclude-throw-branches", "--json", "-", build]
    report = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    sums = collections.defaultdict(lambda: [0, 0, 0, 0])
    for file in report["files"]:
        parts = file["file"].split("/")
        for key in (parts[1] if len(parts) > 2 else "(top)", "all"):
            for line in file["lines"]:
                if line.get("gcovr/noncode"):
                    continue
                branches = [b["count"] for b in line["branches"]]
                counts = (line["count"] > 0, 1, sum(c > 0 for c in branches), len(branches))
                sums[key] = [a + b for a, b in zip(sums[key], counts)]
    print(f"{'folder':12} {'lines':>24} {'branches':>24}")
    for key in sorted(sums, key=lambda k: (k == "all", k)):
        lines_hit, lines, branches_hit, branches = sums[key]
        print(f"{key:12} {share(lines_hit, lines):>24} {share(branches_hit, branches):>24}")


main()
