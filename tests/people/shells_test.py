# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Completions in the real shells, typed at a terminal: CPG's directory must have the program as `cpg`. Words are typed
with a tab behind them, and what the line has become is read from the screen."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from terminal import PATIENCE, Screen, Terminal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from patience import patient  # noqa: E402

CPG = pathlib.Path(os.environ["CPG"])
PROMPT = "ready> "
SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
SET_UP = {
    "bash": f"PS1='{PROMPT}'; bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; source <(cpg completion bash)",
    "zsh": f"PS1='{PROMPT}'; unset zle_bracketed_paste; setopt no_beep no_list_beep; autoload -U compinit; compinit -u -D; "
           "source <(cpg completion zsh)",
    "fish": f"function fish_prompt; echo -n '{PROMPT}'; end; set -g fish_autosuggestion_enabled 0; "
            "cpg completion fish | source",
}
# What is typed, and the line that a tab makes of it; a blank at the end stands for one that the shell has added.
LINES = (
    ("cpg rep", "cpg replay "),
    ("cpg help gen", "cpg help generate "),
    ("cpg completion z", "cpg completion zsh "),
    ("cpg replay --dry", "cpg replay --dry-run "),
    ("cpg --debug repl", "cpg --debug replay "),
    ("cpg --log-level w", "cpg --log-level warn "),
    ("cpg --log-level=w", "cpg --log-level=warn "),
    ("cpg replay --ignore-protocol s", "cpg replay --ignore-protocol sctp "),
    ("cpg replay --ignore-protocol tcp,s", "cpg replay --ignore-protocol tcp,sctp "),
    ("cpg replay --ignore-drop-reason CT_MAP_I", "cpg replay --ignore-drop-reason CT_MAP_INSERTION_FAILED "),
    ("cpg explain --format y", "cpg explain --format yaml "),
    ("cpg replay -n prod", "cpg replay -n production "),
    ("cpg replay -n=prod", "cpg replay -n=production "),
    ("cpg explain prod", "cpg explain production/"),
    ("cpg explain production/ca", "cpg explain production/cart "),
    ("cpg explain -o other sh", "cpg explain -o other shop/"),
    ("cpg replay cap", "cpg replay capture.jsonl "),
    ("cpg replay -o oth", "cpg replay -o other/"),
    ("cpg replay --output-dir=oth", "cpg replay --output-dir=other/"),
    ('cpg explain "production/ca', 'cpg explain "production/cart" '),
    ("cpg replay --ignore-protocol 't", "cpg replay --ignore-protocol 'tcp' "),
)


class Completions(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        for path in ("policies/production/cart.yaml", "policies/production/web.yaml", "other/shop/a.yaml", "capture.jsonl"):
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).touch()

    def shell(self, name):
        if not shutil.which(name):
            self.skipTest(f"there is no {name}")
        path = f"{CPG.parent}:{os.environ['PATH']}"
        out = Terminal(SHELLS[name], self.folder, columns=200, PATH=path)
        self.addCleanup(out.close)
        out.until(r"[#$%>] ?")
        out.send(f"{SET_UP[name]}\r")
        out.until(re.escape(PROMPT) + r"(?!')")
        out.send("echo be''gun\r")
        out.until(r"begun[\s\S]*" + re.escape(PROMPT))
        return out

    def line(self, shell):
        """What stands behind the last prompt."""
        row = next(row for row in reversed(Screen(200).feed(shell.text).rows) if PROMPT in row)
        return row.split(PROMPT)[-1]

    def completed(self, shell, typed, wanted):
        """The line that typing makes, with a mark behind the tab: the one that is wanted once it stands there."""
        shell.send(typed + "\t")
        shell.send("@")
        found = self.becomes(shell, wanted + "@")
        shell.send("\x15")
        self.becomes(shell, "")
        return found.split("@")[0]

    def becomes(self, shell, wanted):
        end = time.monotonic() + PATIENCE
        while self.line(shell).rstrip() != wanted and time.monotonic() < end:
            shell.read()
        return self.line(shell)

    def check(self, name):
        shell = self.shell(name)
        for typed, wanted in LINES:
            with self.subTest(shell=name, typed=typed):
                self.assertEqual(self.completed(shell, typed, wanted), wanted)

    def test_bash(self):
        self.check("bash")

    def test_zsh(self):
        self.check("zsh")

    def test_fish(self):
        self.check("fish")


class Plugin(unittest.TestCase):
    """As kubectl asks a plugin: a program of that name, the words, and an answer as cobra gives it."""

    def test_kubectl_asks_the_plugin_itself_and_keeps_its_own_completion(self):
        with tempfile.TemporaryDirectory() as folder:
            plugin = pathlib.Path(folder) / "kubectl_complete-cilium_policy_gen"
            plugin.symlink_to(CPG)
            settings = {"capture_output": True, "text": True, "timeout": patient(60)}
            ask = lambda *words: subprocess.run([plugin, *words], **settings).stdout.splitlines()
            self.assertIn("replay\tWrite the policies for captures of Hubble flows", ask("rep"))
            self.assertEqual(ask("replay", "--log-level", "w"), ["warn", ":4"])
            self.assertEqual(ask("replay", ""), [":0"])
            self.assertEqual(ask("replay", "-o", ""), [":16"])
            flags = [line.split("\t")[0] for line in ask("replay", "-")]
            self.assertLessEqual({"-n", "--namespace", "-o", "-q", "--quiet", "-h"}, set(flags))
            self.assertNotIn("--server", flags)
            self.assertEqual(ask("replay", "--", "-"), [":0"])
            command = pathlib.Path(folder) / "kubectl-cilium_policy_gen"
            command.symlink_to(CPG)
            script = subprocess.run([command, "completion", "bash"], capture_output=True, text=True, timeout=patient(60)).stdout
            self.assertIn("complete -F _kubectl_cilium_policy_gen kubectl-cilium_policy_gen", script)
            self.assertNotRegex(script, r"complete.* kubectl\n")

    def test_kubectl_itself_completes_the_plugins_words(self):
        if not shutil.which("kubectl"):
            self.skipTest("there is no kubectl")
        with tempfile.TemporaryDirectory() as folder:
            for name in ("kubectl-cilium_policy_gen", "kubectl_complete-cilium_policy_gen"):
                (pathlib.Path(folder) / name).symlink_to(CPG)
            settings = {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": folder}
            asked = subprocess.run(["kubectl", "__complete", "cilium-policy-gen", "rep"], env=settings, capture_output=True,
                                   text=True, timeout=patient(60))
            if "cilium" not in asked.stdout and "replay" not in asked.stdout:
                self.skipTest("this kubectl completes no words of plugins: 1.26 and later do")
            self.assertIn("replay", asked.stdout)


if __name__ == "__main__":
    unittest.main()
