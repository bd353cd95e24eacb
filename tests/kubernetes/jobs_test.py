#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""The manifests of packaging/kubernetes as a cluster runs them: their scripts and arguments as processes, each with the
environment that its Job gives and JOB_COMPLETION_INDEX set: jobs_test.py ROOT.
Ends with 77 where there is no reader of YAML, curl or awk."""
import functools
import gzip
import http.server
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

try:
    import yaml
except ImportError:
    yaml = None

ROOT = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 else ".").resolve()
CPG = os.environ.get("CPG", "cpg")
RELAY_SIM = os.environ.get("RELAY_SIM")
INDEXES = 4
sys.path.insert(0, str(ROOT / "tests/spark"))
import dirty_capture  # noqa: E402

sys.path.insert(0, str(ROOT / "tests/support"))
from patience import patient  # noqa: E402

PATIENCE = patient(120)


def manifests(name):
    return list(yaml.safe_load_all((ROOT / "packaging/kubernetes" / name).read_text()))


def named(documents, kind, name):
    return next(each for each in documents if each["kind"] == kind and each["metadata"]["name"] == name)


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def evidence(folder):
    own = re.compile(rb'"(id|started_at|ended_at|started|ended|file)": "[^"]*"|"20\d\d-\d\d-\d\dT[\d:]*Z-[0-9a-f]{4}"')
    return sorted(own.sub(b"OWN", data) for path, data in tree(folder).items() if path.endswith(".json"))


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Jobs(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.documents = manifests("replay-job.yaml")
        scripts = self.folder / "scripts"
        scripts.mkdir()
        for name, text in named(self.documents, "ConfigMap", "cpg-replay-scripts")["data"].items():
            (scripts / name).write_text(text)
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "cpg").symlink_to(shutil.which(CPG))
        (self.folder / "results").mkdir()

    def environment(self, job, **more):
        """The container's, with the places of its mounts below the folder of the test."""
        container = named(self.documents, "Job", job)["spec"]["template"]["spec"]["containers"][0]
        out = {"PATH": f"{self.folder}/bin:{os.environ['PATH']}", "TMPDIR": str(self.folder), "COMPLETIONS": str(INDEXES)}
        for each in container["env"]:
            value = each["value"]
            if each["name"] != "COMPLETIONS":
                out[each["name"]] = str(self.folder) + value if value.startswith("/") else value
        return out | more

    def start(self, job, **more):
        command = named(self.documents, "Job", job)["spec"]["template"]["spec"]["containers"][0]["command"]
        words = [str(self.folder) + word if word.startswith("/") else word for word in command]
        return subprocess.Popen(words, env=self.environment(job, **more), stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def replay_all(self, **more):
        return [self.start("cpg-replay", JOB_COMPLETION_INDEX=str(index), **more) for index in range(INDEXES)]

    def ended(self, process):
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out.decode(errors="replace"), err.decode(errors="replace")

    def whole(self, paths, *flags):
        command = [CPG, "replay", *flags, "-q", "-o", str(self.folder / "whole"),
                   "--evidence-dir", str(self.folder / "whole-evidence"), "--", *map(str, paths)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout

    def check_same(self):
        policies = tree(self.folder / "results/policies")
        self.assertGreater(len(policies), 50)
        self.assertEqual(policies, tree(self.folder / "whole"))
        self.assertEqual(evidence(self.folder / "results/evidence"), evidence(self.folder / "whole-evidence"))

    def test_numbers_agree(self):
        replay = named(self.documents, "Job", "cpg-replay")["spec"]
        counts = {each["value"] for job in ("cpg-replay", "cpg-combine")
                  for each in named(self.documents, "Job", job)["spec"]["template"]["spec"]["containers"][0]["env"]
                  if each["name"] == "COMPLETIONS"}
        self.assertEqual(counts, {str(replay["completions"])})
        self.assertEqual(replay["completionMode"], "Indexed")

    def test_shares_of_a_volume(self):
        paths = dirty_capture.write(ROOT, self.folder / "captures", flows=3000, files=10)
        combine = self.start("cpg-combine", POLL_SECONDS="0.2")
        for process in self.replay_all():
            status, _, err = self.ended(process)
            self.assertEqual(status, 0, err)
        status, out, err = self.ended(combine)
        self.assertEqual(status, 0, err)
        block = self.whole(paths)
        self.check_same()
        without_path = functools.partial(re.sub, "cluster-health.json: .*", "")
        self.assertIn("Cluster-critical drops", out)
        self.assertEqual(without_path(out), without_path(block))

    def test_more_indexes_than_files_and_a_retry(self):
        paths = dirty_capture.write(ROOT, self.folder / "captures", flows=1000, files=2)
        for _ in range(2):
            for process in self.replay_all():
                self.assertEqual(self.ended(process)[0], 0)
        status, _, err = self.ended(self.start("cpg-combine"))
        self.assertEqual(status, 0, err)
        self.whole(paths)
        self.check_same()

    def test_shares_of_urls(self):
        paths = dirty_capture.write(ROOT, self.folder / "served", flows=1500, files=6)
        handler = functools.partial(QuietHandler, directory=str(self.folder / "served"))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        addresses = [f"http://127.0.0.1:{server.server_port}/{path.name}" for path in paths]
        (self.folder / "scripts/urls").write_text("\n".join(addresses) + "\n")
        for process in self.replay_all(no_proxy="*"):
            status, _, err = self.ended(process)
            self.assertEqual(status, 0, err)
        self.assertEqual(self.ended(self.start("cpg-combine"))[0], 0)
        self.whole(paths)
        self.check_same()

    def test_a_url_that_fails_leaves_no_part(self):
        (self.folder / "scripts/urls").write_text("http://127.0.0.1:9/none.jsonl.gz\n")
        # curl tries again after seconds, which says nothing here.
        (self.folder / "bin/curl").write_text("#!/bin/sh\nexit 7\n")
        (self.folder / "bin/curl").chmod(0o755)
        status, _, err = self.ended(self.start("cpg-replay", JOB_COMPLETION_INDEX="0"))
        self.assertNotEqual(status, 0)
        self.assertIn("no part was written", err)
        self.assertEqual(list((self.folder / "results").rglob("*.zst")), [])

    def test_a_file_that_is_cut_leaves_no_part(self):
        paths = dirty_capture.write(ROOT, self.folder / "captures", flows=1000, files=1)
        paths[0].write_bytes(paths[0].read_bytes()[:-100])
        status, _, err = self.ended(self.start("cpg-replay", JOB_COMPLETION_INDEX="0"))
        self.assertEqual(status, 3, err)
        self.assertEqual(list((self.folder / "results").rglob("*part*")), [self.folder / "results/parts"])

    def test_a_lost_part_is_waited_for(self):
        dirty_capture.write(ROOT, self.folder / "captures", flows=500, files=4)
        for process in self.replay_all():
            self.assertEqual(self.ended(process)[0], 0)
        lost = self.folder / "results/parts/first/part-00002.zst"
        part = lost.read_bytes()
        lost.unlink()
        combine = self.start("cpg-combine", POLL_SECONDS="0.1")
        self.assertIn(b"3 of 4 parts", combine.stderr.readline())
        self.assertFalse((self.folder / "results/policies").exists())
        lost.with_suffix(".new").write_bytes(part)
        lost.with_suffix(".new").rename(lost)
        self.assertEqual(self.ended(combine)[0], 0)


class Capture(unittest.TestCase):
    def test_the_roles_are_those_of_the_documentation(self):
        wanted = next(each for each in yaml.safe_load_all((ROOT / "docs/rbac.yaml").read_text())
                      if each["kind"] == "Role" and each["metadata"]["name"] == "cpg-port-forward")
        self.assertEqual(named(manifests("capture.yaml"), "Role", "cpg-capture")["rules"], wanted["rules"])

    @unittest.skipUnless(RELAY_SIM, "there is no relay-sim")
    def test_a_capture_of_what_a_relay_has(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        job = named(manifests("capture.yaml"), "CronJob", "cpg-capture")["spec"]["jobTemplate"]
        words = job["spec"]["template"]["spec"]["containers"][0]["args"]
        for old, new in (("$(POD_NAME)", "pod-1"), ("=/captures", f"={folder}"), ("=14m", "=2s")):
            words = [word.replace(old, new) for word in words]
        address = f"unix://{folder}/relay.sock"
        relay = subprocess.Popen([RELAY_SIM, "--listen", address, "--capture", str(ROOT / "docs/examples/shop.jsonl")],
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(relay.stdout.close)
        self.addCleanup(relay.wait)
        self.addCleanup(relay.terminate)
        relay.stdout.readline()
        done = subprocess.run([CPG, *words, "--server", address], cwd=folder, capture_output=True, text=True, timeout=PATIENCE,
                              env=os.environ | {"HOME": str(folder)}, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(len(gzip.open(folder / "pod-1.jsonl.gz").read().splitlines()), 100)
        self.assertFalse((folder / "policies").exists())


if __name__ == "__main__":
    if yaml is None or not shutil.which("curl") or not shutil.which("awk"):
        print("needs a reader of YAML (python3-yaml), curl and awk")
        sys.exit(77)
    unittest.main()
