# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Every manual page is clean under mandoc and groff, has its sections, and is installed: manual_test.py BUILD_FOLDER."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from patience import patient  # noqa: E402

CPG = os.environ["CPG"]
SECTIONS = ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "EXIT STATUS", "EXAMPLES", "SEE ALSO")


def run(*words, **settings):
    return subprocess.run(words, capture_output=True, text=True, timeout=patient(60), **settings)


def commands():
    table = run(CPG, "help").stdout.split("Commands:\n")[1].split("\n\n")[0]
    return [name for name in re.findall(r"(?m)^  (\w[\w-]*) ", table) if name not in ("help", "version")]


def faults_of(name, page):
    for checker in (["mandoc", "-T", "lint"], ["groff", "-ww", "-man", "-Tutf8", "-z"]):
        if shutil.which(checker[0]):
            said = run(*checker, input=page)
            if said.stdout or said.stderr or said.returncode:
                yield f"{name}: {checker[0]}: {said.stdout}{said.stderr}"
    for section in SECTIONS:
        if f".SH {section}\n" not in page:
            yield f"{name}: no section {section}"


def main(build):
    installed = {os.path.basename(path) for path in json.loads(run("meson", "introspect", "--installed", build).stdout)}
    pages = {"cpg": run(CPG, "--print-manual").stdout}
    pages |= {f"cpg-{name}": run(CPG, name, "--print-manual").stdout for name in commands()}
    faults = [fault for name, page in pages.items() for fault in faults_of(name, page)]
    faults += [f"{name}.1 is not installed: see src/meson.build" for name in pages if f"{name}.1" not in installed]
    print("\n".join(faults) or f"{len(pages)} pages are in order")
    missing = [tool for tool in ("mandoc", "groff") if not shutil.which(tool)]
    if not faults and missing:
        print(f"not asked, for they are not here: {', '.join(missing)}")
        return 77
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
