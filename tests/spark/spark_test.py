#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""examples/spark/replay.py on a real Spark, a cluster of two workers on this machine: spark_test.py ROOT CPG [FLOWS]. The
result is that of one replay, also where an executor is killed. Ends with 77 where PySpark or Java is missing."""
import importlib.util
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT, CPG, FLOWS = pathlib.Path("."), "cpg", 40_000
FILES = 40

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import dirty_capture  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from patience import patient  # noqa: E402

PATIENCE = patient(900)


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def evidence(folder):
    own = re.compile(rb'"(id|started_at|ended_at|started|ended)": "[^"]*"|"20\d\d-\d\d-\d\dT[\d:]*Z-[0-9a-f]{4}"')
    return sorted(own.sub(b"OWN", data) for path, data in tree(folder).items() if path.endswith(".json"))


def descendants(pid):
    """All processes below one, by /proc."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit():
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, new = set(), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new} - found
        found |= new
    return found


def executors(pid):
    for child in descendants(pid):
        try:
            if b"CoarseGrainedExecutorBackend" in pathlib.Path(f"/proc/{child}/cmdline").read_bytes():
                yield child
        except OSError:
            continue


class Spark(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.paths = dirty_capture.write(ROOT, cls.folder / "captures", flows=FLOWS, files=FILES)
        before = time.monotonic()
        subprocess.run([CPG, "replay", "--l7", "-q", "-o", str(cls.folder / "whole"),
                        "--evidence-dir", str(cls.folder / "whole-evidence"), "--",
                        *[path.name for path in cls.paths]], check=True, capture_output=True, timeout=PATIENCE,
                       cwd=cls.folder / "captures")
        cls.one_process = time.monotonic() - before

    def start(self, name, cpg):
        import pyspark
        home = pathlib.Path(pyspark.__file__).parent
        environment = os.environ | {"SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
        command = [str(home / "bin/spark-submit"), "--master", "local-cluster[2,1,1024]", "--driver-memory", "800m",
                   "--conf", "spark.executor.memory=800m", "--conf", "spark.ui.enabled=false",
                   str(ROOT / "examples/spark/replay.py"), "--cpg", str(cpg), "--partitions", "8", "--buckets", "3",
                   f"--combine-flag=--evidence-dir={self.folder}/{name}-evidence", str(self.folder / name),
                   str(self.folder / "captures"), "--", "--l7"]
        log = self.enterContext(open(self.folder / f"{name}.log", "wb"))
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=self.folder)

    def check_same(self, name, process):
        status = process.wait(timeout=PATIENCE)
        self.assertEqual(status, 0, (self.folder / f"{name}.log").read_text(errors="replace")[-4000:])
        self.assertGreater(len(tree(self.folder / "whole")), 100)
        self.assertEqual(tree(self.folder / name), tree(self.folder / "whole"))
        self.assertEqual(evidence(self.folder / f"{name}-evidence"), evidence(self.folder / "whole-evidence"))

    def test_the_result_is_that_of_one_replay(self):
        before = time.monotonic()
        self.check_same("spark", self.start("spark", CPG))
        print(f"{FLOWS} flows in {FILES} files: one process {self.one_process:.1f} s, Spark with two workers "
              f"{time.monotonic() - before:.1f} s", flush=True)

    def test_a_killed_executor_changes_nothing(self):
        # Each replay says that it has begun, and goes on when one of the executors has been killed.
        slow = self.folder / "slow-cpg"
        begun, killed = self.folder / "begun", self.folder / "killed-one"
        wait = f'until [ -e "{killed}" ] || ! [ -e "{begun}" ]; do sleep 0.1; done'
        slow.write_text(f'#!/bin/sh\n[ "$1" != replay ] || {{ : > "{begun}"; {wait}; }}\nexec "{CPG}" "$@"\n')
        slow.chmod(0o755)
        process = self.start("killed", slow)
        end = time.monotonic() + PATIENCE
        victims = []
        while process.poll() is None and time.monotonic() < end:
            victims = list(executors(process.pid))
            if len(victims) == 2 and begun.exists():
                break
            time.sleep(0.1)
        self.assertEqual(len(victims), 2)
        os.kill(victims[0], signal.SIGKILL)
        killed.touch()
        self.check_same("killed", process)
        self.assertIn("Lost executor", (self.folder / "killed.log").read_text(errors="replace"))


if __name__ == "__main__":
    ROOT, CPG = pathlib.Path(sys.argv[1]).resolve(), str(pathlib.Path(sys.argv[2]).resolve())
    FLOWS = int(sys.argv[3]) if len(sys.argv) > 3 else FLOWS
    if not shutil.which("java") or not importlib.util.find_spec("pyspark"):
        print("needs Java and PySpark (pip install pyspark)")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
