# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""What a person sees of cpg on a terminal: the status line, the summary, the diff, help. Runs the real program (CPG)
against relay-sim (RELAY_SIM) and the captures of docs/examples (EXAMPLES), in a fresh folder a case."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest

from terminal import Screen, Terminal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from patience import patient  # noqa: E402

CPG = os.environ["CPG"]
EXAMPLES = pathlib.Path(os.environ["EXAMPLES"])
SHOP = EXAMPLES / "shop.jsonl"
DOCS = EXAMPLES.parent
# What lines of a diff begin with; `patch` and `git apply` read over comments between files.
OF_DIFF = ("+", "-", "@", " ", "#")
STATUS = re.compile(r"[0-9,]+ flows  ")


class Case(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        (self.folder / "capture.jsonl").write_bytes(SHOP.read_bytes())

    def terminal(self, *words, **settings):
        out = Terminal([CPG, *words], self.folder, **settings)
        self.addCleanup(out.close)
        return out

    def run_cpg(self, *words, **environment):
        settings = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TERM": "xterm", **environment}
        return subprocess.run([CPG, *words], cwd=self.folder, env=settings, capture_output=True, text=True, timeout=patient(60))

    def relay(self, *flags):
        sim = subprocess.Popen([os.environ["RELAY_SIM"], "--listen", "127.0.0.1:0", *flags], stdout=subprocess.PIPE, text=True)
        self.addCleanup(sim.stdout.close)
        self.addCleanup(sim.wait)
        self.addCleanup(sim.terminate)
        return sim.stdout.readline().split()[-1]


class StatusLine(Case):
    def drawn(self, text):
        """Each status line that was drawn, as it stood until something else came."""
        return re.findall(r"(?:\r\x1b\[[KJ]|\n)([^\r\n\x1b]*(?:\d flows|\bpolicies \d)[^\r\n\x1b]*)(?=\r?\x1b)", text)

    def test_it_is_one_line_at_any_width_and_gone_at_the_end(self):
        address = self.relay("--loop", "--rate", "500", "--capture", str(SHOP))
        for columns in (20, 60, 80, 200):
            run = self.terminal("generate", "--server", address, "--duration", "1m", "-o", f"to-{columns}", columns=columns)
            run.until(r"(?s)(\d flows.*?\x1b.*?){4}")
            # Not typed: the terminal would show ^C on the line.
            os.kill(run.pid, signal.SIGTERM)
            self.assertEqual(run.wait(), 0, run.text)
            lines = self.drawn(run.text)
            self.assertGreater(len(lines), 3, run.text)
            for line in lines:
                self.assertLess(len(line), columns)
            rows = Screen(columns).feed(run.text).rows
            self.assertFalse([row for row in rows if " left  " in row], rows)

    def test_it_follows_the_size_of_the_window(self):
        address = self.relay("--loop", "--rate", "500", "--capture", str(SHOP))
        run = self.terminal("generate", "--server", address, "--duration", "1m", "-q", columns=120)
        run.until(r"flows/s")
        run.resize(40)
        seen = len(run.text)
        run.until(r"\x1b\[\d+A\r\x1b\[J.*flows", seen)
        seen = len(run.text)
        run.until(r"(?s)(" + STATUS.pattern + r".*?\x1b.*?){2}", seen)
        lines = self.drawn(run.text[seen:])
        self.assertTrue(lines, run.text[seen:])
        self.assertTrue(all(len(line) < 40 for line in lines), lines)
        run.send("\x03")
        self.assertEqual(run.wait(), 0)

    @unittest.skipUnless(os.environ.get("FAULTS_SHIM"), "a sanitizer wants to be the first library")
    def test_after_the_input_it_shows_how_far_the_writing_is(self):
        flow = json.loads(SHOP.read_text().splitlines()[0])
        for line in map(json.loads, SHOP.read_text().splitlines()):
            if line.get("flow", {}).get("traffic_direction") == "INGRESS" and line["flow"].get("verdict") == "DROPPED":
                flow = line
                break
        with (self.folder / "many.jsonl").open("w") as file:
            for number in range(200):
                flow["flow"]["destination"] |= {"labels": [f"k8s:app=server-{number}"], "namespace": "many"}
                file.write(json.dumps(flow) + "\n")
        slow_disk = {"LD_PRELOAD": os.environ["FAULTS_SHIM"], "CPG_FAULTS_BELOW": str(self.folder),
                     "CPG_FAULTS_PLAN": "sync:1:end:slow"}
        run = self.terminal("replay", "many.jsonl", "-q", "--no-evidence", columns=60, **slow_disk)
        self.assertEqual(run.wait(), 0, run.text[-1000:])
        shown = re.findall(r"writing policies (\d+)/200", run.text)
        self.assertTrue(shown, run.text[-1000:])
        self.assertEqual(shown, sorted(shown, key=int))

    def test_neither_a_dumb_terminal_nor_a_pipe_has_one(self):
        address = self.relay("--loop", "--rate", "500", "--capture", str(SHOP))
        run = self.terminal("generate", "--server", address, "--duration", "1s", TERM="dumb")
        self.assertEqual(run.wait(), 0)
        self.assertNotIn("\x1b", run.text)
        self.assertNotIn("flows/s", run.text)


class Summary(Case):
    def lines(self, text):
        return re.findall(r"^(Session|Flows|Policies|Output|Unhandled|Ignored|Infra|Lost|Evidence|Next) +(.*?)\r?$", text, re.M)

    def test_a_terminal_gets_aligned_lines_without_zeros_and_what_is_next(self):
        run = self.terminal("replay", "capture.jsonl")
        self.assertEqual(run.wait(), 0)
        lines = self.lines(run.text)
        self.assertTrue(5 <= len(lines) <= 10, run.text)
        for label, _ in lines:
            self.assertRegex(run.text, rf"(?m)^{label.ljust(12)}\S")
        self.assertNotRegex(" ".join(text for _, text in lines), r"\b0 ")
        self.assertEqual(dict(lines)["Next"], "git add -N -- policies && git diff -- policies; cpg explain monitoring/prometheus")

    def test_what_is_next_works(self):
        run = self.terminal("replay", "capture.jsonl", "-o", "some $(touch was-run) where", columns=200)
        self.assertEqual(run.wait(), 0)
        subprocess.run(["git", "init", "-q"], cwd=self.folder, check=True)
        path = f"{pathlib.Path(CPG).parent}:{os.environ['PATH']}"
        settings = {"PATH": path, "HOME": str(self.folder), "TERM": "xterm"}
        said = subprocess.run(["sh", "-c", dict(self.lines(run.text))["Next"]], cwd=self.folder, env=settings,
                              capture_output=True, text=True, timeout=patient(60))
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn("+kind: CiliumNetworkPolicy", said.stdout)
        self.assertIn("Policy: cpg-prometheus", said.stdout)
        self.assertFalse((self.folder / "was-run").exists())
        elsewhere = self.terminal("replay", "capture.jsonl", "-n", "nowhere", "-o", "none")
        elsewhere.wait()
        self.assertIn("widen", dict(self.lines(elsewhere.text))["Next"])
        audit = self.terminal("replay", str(EXAMPLES / "audit.jsonl"))
        audit.wait()
        self.assertIn("--include-audit", dict(self.lines(audit.text))["Next"])

    def test_elsewhere_it_is_one_line_of_json(self):
        run = self.run_cpg("replay", "capture.jsonl")
        summary = json.loads(run.stderr.splitlines()[-1])
        self.assertEqual(summary["msg"], "session summary")
        self.assertEqual(summary["policies_written"], 6)
        self.assertFalse(self.lines(run.stderr))

    def test_there_is_none_where_no_connection_came_about(self):
        words = ("generate", "--server", "127.0.0.1:1", "--timeout", "1s")
        run = self.terminal(*words)
        self.assertEqual(run.wait(), 3)
        self.assertFalse(self.lines(run.text), run.text)
        self.assertNotIn("session summary", self.run_cpg(*words).stderr)

    def test_quiet_leaves_out_the_lines_of_policies_alone(self):
        run = self.run_cpg("replay", "capture.jsonl", "-q")
        self.assertEqual(run.returncode, 0)
        self.assertNotIn("policy written", run.stderr)
        self.assertIn("events lost", run.stderr)
        self.assertIn("session summary", run.stderr)
        self.assertIn("exclude each other", self.run_cpg("replay", "capture.jsonl", "-q", "--debug").stderr)


class Diff(Case):
    def test_it_has_colours_on_a_terminal_alone(self):
        words = ("replay", "capture.jsonl", "--dry-run")
        green = "\x1b[32m+kind: CiliumNetworkPolicy"
        for settings, wanted in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
            run = self.terminal(*words, **settings)
            self.assertEqual(run.wait(), 0)
            self.assertEqual(green in run.text, wanted, settings)
        self.assertIn(green, self.run_cpg(*words, "--color", "always").stdout)
        self.assertNotIn("\x1b", self.run_cpg(*words).stdout)
        never = self.terminal(*words, "--color=never")
        never.wait()
        self.assertNotIn("\x1b[3", never.text)

    def test_no_log_line_stands_between_its_hunks(self):
        run = self.terminal("replay", "capture.jsonl", "--dry-run", NO_COLOR=1, columns=500)
        self.assertEqual(run.wait(), 0)
        lines = Screen(500).feed(run.text[: run.text.index("━")]).rows
        part = [line for line in lines if line[:1] in OF_DIFF]
        begin = lines.index(part[0])
        self.assertEqual(lines[begin:begin + len(part)], part)

    def test_standard_output_is_the_diff_alone(self):
        out = self.run_cpg("replay", "capture.jsonl", "--dry-run", "--fail-on-infra-drops")
        self.assertEqual(out.returncode, 1)
        self.assertTrue(all(line[:1] in OF_DIFF for line in out.stdout.splitlines()))
        self.assertIn("Cluster-critical drops", out.stderr)

    def test_git_and_patch_apply_it_from_the_root_of_the_repository(self):
        for tool in (["git", "apply"], ["patch", "-s", "-p1"]):
            repository = self.folder / tool[0]
            deep = repository / "deep" / "here"
            deep.mkdir(parents=True)
            subprocess.run(["git", "init", "-q"], cwd=repository, check=True)
            wanted = self.folder / "wanted"
            self.assertEqual(self.run_cpg("replay", "capture.jsonl", "-o", str(wanted)).returncode, 0)
            diff = self.run_cpg("replay", "capture.jsonl", "--dry-run", "-o", str(deep / "policies")).stdout
            subprocess.run(tool, input=diff, text=True, cwd=repository, check=True)
            self.assertEqual(texts_below(deep / "policies"), texts_below(wanted))

    def test_the_recipe_of_a_merge_request_does_in_each_state_what_it_says(self):
        recipe = re.search(r"## In a merge request.*?```bash\n(.*?)```", (DOCS / "exit-codes.md").read_text(), re.S)[1]
        git = "git init -q; git config user.email a@b; git config user.name a; git add -A; git commit -qm begin --allow-empty"
        policies = self.folder / "policies"
        for state in ("new", "grown", "nothing"):
            if state == "grown":
                cart = next(policies.rglob("cart.yaml"))
                cart.write_text(re.sub(r"(?s)    # TCP/9090.*", "", cart.read_text()))
            subprocess.run(["sh", "-c", git], cwd=self.folder, check=True)
            settings = {**os.environ, "HOME": str(self.folder), "PATH": f"{pathlib.Path(CPG).parent}:{os.environ['PATH']}"}
            run = subprocess.run(["bash", "-euo", "pipefail", "-c", recipe], cwd=self.folder, env=settings, text=True,
                                 capture_output=True, timeout=patient(60))
            self.assertEqual(run.returncode, 0, f"{state}: {run.stdout}{run.stderr}")
            diff = (self.folder / "proposed.diff").read_text()
            self.assertEqual(diff == "", state == "nothing", state)
            self.assertEqual("--- /dev/null" in diff, state == "new", state)
            if state == "nothing":
                self.assertIn("nothing to propose", run.stdout)
            else:
                subprocess.run(["git", "apply", "proposed.diff"], cwd=self.folder, check=True)


class Help(Case):
    def test_it_is_wrapped_to_the_terminal(self):
        for columns in (60, 80, 110):
            run = self.terminal("--help", columns=columns)
            self.assertEqual(run.wait(), 0)
            self.assertTrue(all(len(line) <= columns for line in run.text.splitlines()), run.text)
        self.assertIn("the program or of a command", " ".join(self.terminal_text("--help", columns=110).split()))

    def terminal_text(self, *words, **settings):
        run = self.terminal(*words, **settings)
        run.wait()
        return run.text

    def test_without_a_word_there_is_help_and_no_error(self):
        self.assertEqual(self.run_cpg().returncode, 0)
        self.assertEqual(self.run_cpg().stdout, self.run_cpg("help").stdout)
        self.assertEqual(self.run_cpg("help", "replay").stdout, self.run_cpg("replay", "--help").stdout)
        self.assertRegex(self.run_cpg("version").stdout, r"^cpg \d+\.\d+\.\d+ \(.+, Cilium API 1\.\d+, gRPC \d+\..+\)\n$")
        self.assertEqual(self.run_cpg("-v").stdout, self.run_cpg("version").stdout)

    def test_a_bad_value_points_to_the_help_that_has_it(self):
        for words in (("replay", "--evidence-samples=x", "-"), ("replay", "--color=pink", "-"),
                      ("generate", "--timeout", "soon")):
            run = self.run_cpg(*words)
            self.assertEqual(run.returncode, 2)
            self.assertIn(f"see 'cpg {words[0]} --help'", run.stderr)

    def test_a_format_behind_o_is_warned_of(self):
        run = self.run_cpg("replay", "-o", "jsonpb", "capture.jsonl")
        self.assertEqual(run.returncode, 0)
        self.assertIn("-o is the directory", run.stderr)


def texts_below(folder):
    return {path.relative_to(folder): path.read_text() for path in folder.rglob("*.yaml")}


if __name__ == "__main__":
    unittest.main()
