#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Runs clang-format over the sources without changing them. Only version 14: others lay out the same style differently."""
import pathlib
import re
import shutil
import subprocess
import sys

tool = shutil.which("clang-format-14") or shutil.which("clang-format")
if not tool:
    print("no clang-format")
    sys.exit(77)
version = subprocess.run([tool, "--version"], capture_output=True, text=True).stdout
if not re.search(r"version 14\.", version):
    print(f"not clang-format 14: {version.strip()}")
    sys.exit(77)
root = pathlib.Path(sys.argv[1])
files = [str(p) for d in ("src", "tests", "tools") for p in sorted((root / d).rglob("*")) if p.suffix in (".cpp", ".hpp")]
sys.exit(subprocess.run([tool, "--dry-run", "-Werror", *files]).returncode)
