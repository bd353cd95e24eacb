# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Where a run writes, what is there, and the run itself. The folders keep their names from run to run, for the names are
in the evidence."""
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from patience import patient  # noqa: E402

# Nothing here takes a second; a machine that is busy with other things may take many.
PATIENCE = patient(120)


class Programs:
    def __init__(self, cpg, shim, relay_sim):
        self.cpg = cpg
        self.shim = shim
        self.relay_sim = relay_sim


class Ended:
    """How a run ended."""

    def __init__(self, code, err, fed=0):
        self.code = code  # -9 for SIGKILL; None where it had to be stopped
        self.err = err
        self.fed = fed  # chunks of input that were given to it

    @property
    def killed(self):
        return self.code == -9


class Place:
    """The output folder, the evidence folder and a log of calls, below one folder."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.disk = self.root / "disk"
        self.out = self.disk / "out"
        self.evidence = self.disk / "evidence"
        self.log = self.root / "calls"
        self.err = self.root / "err"

    def clear(self):
        shutil.rmtree(self.root, ignore_errors=True)
        self.out.mkdir(parents=True)

    def keep(self, folder):
        """Puts a copy of the disk there."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.disk, folder, symlinks=True)

    def take(self, folder):
        """The reverse of keep()."""
        self.root.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.disk, ignore_errors=True)
        shutil.copytree(folder, self.disk, symlinks=True)

    def environment(self, programs, plan):
        shutil.rmtree(str(self.log) + ".synced", ignore_errors=True)
        self.log.unlink(missing_ok=True)
        pathlib.Path(str(self.log) + ".synced").mkdir()
        return {
            **os.environ,
            "HOME": str(self.root),
            "LD_PRELOAD": programs.shim,
            "CPG_FAULTS_BELOW": str(self.disk),
            "CPG_FAULTS_PLAN": plan,
            "CPG_FAULTS_LOG": str(self.log),
        }

    def flags(self):
        return ["-o", str(self.out), "--evidence-dir", str(self.evidence), "--evidence-samples", "1000"]

    def start(self, programs, words, plan=None, stdin=subprocess.DEVNULL):
        environment = {**os.environ, "HOME": str(self.root)} if plan is None else self.environment(programs, plan)
        with open(self.err, "wb") as err:
            return subprocess.Popen([programs.cpg, *words, *self.flags()], env=environment, stdin=stdin,
                                    stdout=subprocess.DEVNULL, stderr=err)

    def said(self):
        return self.err.read_text(errors="replace")

    def calls(self):
        """How many calls of each kind the last run with the shim made."""
        out = {"any": 0}
        for line in self.log.read_text().splitlines():
            what, kind = line.split("\t")[:2]
            if what == "call":
                out[kind] = out.get(kind, 0) + 1
                out["any"] += 1
        return out


def wait_for(process, patience=PATIENCE):
    """The status; None where the bound was passed, and the process is no more."""
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def wait_until(condition, process, patience):
    """Whether it came true before the process or the patience ended."""
    end = time.monotonic() + patience
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def entry_of(path):
    """A file by its permissions and bytes, a link by where it leads; folders are only there."""
    if path.is_symlink():
        return ("link", os.readlink(path))
    if path.is_dir():
        return ("folder",)
    return ("file", stat.S_IMODE(path.stat().st_mode), path.read_bytes())


def tree_of(folder):
    """Everything below a folder, by its path. What goes while it is read is left out."""
    out = {}
    for base, folders, files in os.walk(folder):
        for name in folders + files:
            path = pathlib.Path(base, name)
            try:
                out[str(path.relative_to(folder))] = entry_of(path)
            except FileNotFoundError:
                continue
    return out


def files_of(tree):
    return {path: entry for path, entry in tree.items() if entry[0] != "folder"}


def is_temporary(path):
    """The names that cpg gives files until they are whole."""
    return os.path.basename(path).startswith((".cpg-", "cpg-unfinished-"))


def json_of(entry):
    """Raises ValueError where the bytes are no whole JSON."""
    return json.loads(entry[2].decode())
