# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""tools/install and tools/uninstall with a build that is there: install_test.py BUILD."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from patience import patient  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"


def run(tool, *words):
    settings = {**os.environ, "CPG_BUILD": str(BUILD)}
    return subprocess.run([TOOLS / tool, *words], env=settings, capture_output=True, text=True, timeout=patient(300))


class Install(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def test_all_of_it_comes_and_goes(self):
        prefix = self.folder / "some where"
        installed = run("install", prefix)
        self.assertEqual(installed.returncode, 0, installed.stderr)
        for path in ("bin/cpg", "bin/kubectl-cilium_policy_gen", "share/man/man1/cpg.1"):
            self.assertTrue(list(prefix.glob(path + "*")), path)
        said = subprocess.run([prefix / "bin/cpg", "version"], capture_output=True, text=True, timeout=patient(60)).stdout
        self.assertTrue(said.startswith("cpg "), said)
        (prefix / "bin/mine").touch()
        removed = run("uninstall", prefix)
        self.assertEqual(removed.returncode, 0, removed.stderr)
        self.assertEqual([path.name for path in prefix.rglob("*") if path.is_file()], ["mine"])

    def test_where_nothing_can_be_put_it_says_so_and_puts_nothing(self):
        (self.folder / "file").write_text("mine")
        failed = run("install", self.folder / "file")
        self.assertNotEqual(failed.returncode, 0)
        self.assertIn(str(self.folder / "file"), failed.stderr)
        self.assertNotIn("installed", failed.stderr)
        self.assertEqual([path.name for path in self.folder.rglob("*")], ["file"])

    def test_a_build_that_is_not_there_is_no_install(self):
        settings = {**os.environ, "CPG_BUILD": str(self.folder / "none")}
        words = [TOOLS / "install", self.folder / "to"]
        failed = subprocess.run(words, env=settings, capture_output=True, text=True, timeout=patient(300))
        self.assertNotEqual(failed.returncode, 0)
        self.assertNotIn("installed", failed.stderr)
        self.assertFalse((self.folder / "to").exists())

    def test_what_was_not_installed_is_not_removed(self):
        failed = run("uninstall", self.folder)
        self.assertEqual(failed.returncode, 3)
        self.assertIn("nothing to remove", failed.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
