#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Reads from a program what hardening its build was asked for. Arguments: the program, then what else must hold: `fortify` in
optimised builds, `cet` where the compiler knows -fcf-protection. The linker sets the marks for IBT and SHSTK only where the
start files of the C library have them too, so `cet` looks for the landing pads in the code itself."""
import os
import pathlib
import re
import subprocess
import sys

ENDBR64 = b"\xf3\x0f\x1e\xfa"
# More than start files and static parts of a C library bring along.
FEWEST_PADS = 500


def readelf(program, *what):
    command = ["readelf", "--wide", *what, program]
    environment = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def problems_of(program, extra):
    header = readelf(program, "--file-header", "--program-headers")
    dynamic = readelf(program, "--dynamic")
    symbols = readelf(program, "--dyn-syms")
    stack = re.search(r"GNU_STACK.*", header)
    checks = {
        "not position independent": re.search(r"FLAGS_1.*\bPIE\b", dynamic),
        "binds lazily": re.search(r"BIND_NOW|FLAGS_1.*\bNOW\b", dynamic),
        "no RELRO segment": "GNU_RELRO" in header,
        "executable stack": stack and not re.search(r"\bRWE\b", stack.group()),
        "a search path for libraries": not re.search(r"\((RPATH|RUNPATH)\)", dynamic),
        "no stack protector": "__stack_chk_fail" in symbols,
    }
    if "cet" in extra:
        checks["hardly any landing pads"] = pathlib.Path(program).read_bytes().count(ENDBR64) >= FEWEST_PADS
    if "fortify" in extra:
        checks["no fortified calls"] = re.search(r"\b__\w+_chk\b(?<!__stack_chk)", symbols)
    return [text for text, holds in checks.items() if not holds]


problems = problems_of(sys.argv[1], sys.argv[2:])
print("\n".join(problems) if problems else f"{sys.argv[1]} is hardened")
sys.exit(1 if problems else 0)
