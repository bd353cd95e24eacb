#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""What replay costs, as the table of docs/performance.md has it: rows.py CPG MAKE_CAPTURE [ROW...] [--flows N]
[--rounds N] [--before CPG] [--go CPG] [--json FILE] [--keep FOLDER]. Each round runs a row's programs one after the other,
so that a machine that is slower for a while is slower for all of them; what is printed are medians of the rounds'
ratios. Without a row's name all but the growth are run. Asserts nothing about speed."""
import argparse
import collections
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

Cost = collections.namedtuple("Cost", "cpu wall peak")  # seconds, seconds, MiB
MOST_WORKLOADS_WRITTEN = 100_000  # two files each
ONLY_READ = ["--dry-run", "--no-diff", "--no-evidence"]


def run(words, folder, stdin=None, allow=(0,)):
    """The cost of one program and, by wait4, of it alone."""
    environment = dict(os.environ, XDG_CACHE_HOME=str(folder / "cache"))
    began = time.monotonic()
    with open(folder / "out", "w") as out, open(folder / "err", "w") as err:
        child = subprocess.Popen([str(word) for word in words], stdin=stdin or subprocess.DEVNULL, stdout=out,
                                 stderr=err, cwd=folder, env=environment)
        _, status, use = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in allow:
        sys.exit(f"{' '.join(map(str, words))}: exit {child.returncode}\n{(folder / 'err').read_text()[-2000:]}")
    return Cost(use.ru_utime + use.ru_stime, time.monotonic() - began, use.ru_maxrss / 1024)


class Bench:
    """What a run writes stays to the end: where thousands of files have just been removed, ext4 takes several times as
    long to make others."""

    def __init__(self, options, folder, homes):
        self.options = options
        self.folder = folder
        self.homes = homes
        self.programs = {"now": options.cpg} | ({"before": options.before} if options.before else {})
        self.results = []

    def home(self):
        return pathlib.Path(tempfile.mkdtemp(dir=self.homes))

    def capture(self, world, flows):
        path = self.folder / f"{world}-{flows}.jsonl"
        if not path.exists():
            with open(path, "wb") as out:
                subprocess.run([self.options.make_capture, world, str(flows)], stdout=out, check=True)
        return path

    def packed(self, path):
        out = path.with_suffix(".jsonl.gz")
        if not out.exists():
            with open(out, "wb") as to:
                subprocess.run(["gzip", "-c", str(path)], stdout=to, check=True)
        return out

    def note(self, row, which, what, values, unit=""):
        values = list(values)
        self.results.append({"row": row, "program": which, "what": what, "unit": unit, "value": statistics.median(values),
                             "least": min(values), "most": max(values)})
        print(f"{row:12} {which:7} {what:44} {statistics.median(values):9.2f}{unit:4} ({min(values):.2f} to "
              f"{max(values):.2f})", flush=True)

    def against_gzip(self, row, world, gzipped):
        plain = self.capture(world, self.options.flows)
        packed = self.packed(plain)
        costs = collections.defaultdict(list)
        for _ in range(self.options.rounds):
            costs["gzip"].append(run(["gzip", "-dc", packed], self.folder))
            for which, cpg in self.programs.items():
                costs[which].append(run([cpg, "replay", packed if gzipped else plain, *ONLY_READ], self.folder))
        for which in self.programs:
            pairs = list(zip(costs[which], costs["gzip"]))
            self.note(row, which, "CPU against gzip -dc", (one.cpu / two.cpu for one, two in pairs))
            if gzipped:
                self.note(row, which, "wall against gzip -dc", (one.wall / two.wall for one, two in pairs))
            self.note(row, which, "CPU a flow", (1e6 * one.cpu / self.options.flows for one, _ in pairs), " us")
            self.note(row, which, "peak", (one.peak for one, _ in pairs), " MiB")

    def everything(self, row):
        plain = self.capture("steady", self.options.flows)
        costs = collections.defaultdict(list)
        for _ in range(self.options.rounds):
            for which, cpg in self.programs.items():
                home = self.home()
                costs[which, "read"].append(run([cpg, "replay", plain, *ONLY_READ], home))
                for step in ("first", "second"):
                    costs[which, step].append(run([cpg, "replay", plain, "-o", home / "policies"], home))
        for which in self.programs:
            for step in ("first", "second"):
                pairs = list(zip(costs[which, step], costs[which, "read"]))
                self.note(row, which, f"{step} run, wall against only reading", (a.wall / b.wall for a, b in pairs))
                self.note(row, which, f"{step} run, CPU against only reading", (a.cpu / b.cpu for a, b in pairs))
            self.note(row, which, "first run, peak", (each.peak for each in costs[which, "first"]), " MiB")

    def writing(self, row):
        plain = self.capture("wide", min(self.options.flows, 20_000))
        programs = self.programs | ({"go": self.options.go} if self.options.go else {})
        costs = collections.defaultdict(list)
        for _ in range(self.options.rounds):
            for which, cpg in programs.items():
                home = self.home()
                costs[which].append(run([cpg, "replay", plain, "-o", home / "policies", "--no-evidence"], home))
        for which in programs:
            self.note(row, which, "wall", (each.wall for each in costs[which]), " s")
            if "go" in programs:
                pairs = list(zip(costs[which], costs["go"]))
                self.note(row, which, "wall against the Go program", (a.wall / b.wall for a, b in pairs))

    def crowd(self, world):
        """10^3 to 10^6 rules: time by their number, and what memory one takes."""
        most = self.options.flows * 10 // 3
        for which, cpg in self.programs.items():
            for flows in (each for each in (1000, 10_000, 100_000, 1_000_000) if each <= most):
                home = self.home()
                words = [cpg, "replay", self.capture(world, flows), "--flush-interval", "1h"]
                bare = run([*words, *ONLY_READ], home)
                self.note(world, which, f"{flows} flows, only read: CPU a flow", [1e6 * bare.cpu / flows], " us")
                self.note(world, which, f"{flows} flows, only read: peak", [bare.peak], " MiB")
                if world == "workloads" and flows > MOST_WORKLOADS_WRITTEN:
                    continue
                full = run([*words, "-o", home / "policies"], home)
                self.note(world, which, f"{flows} flows, all on: CPU a flow", [1e6 * full.cpu / flows], " us")
                self.note(world, which, f"{flows} flows, all on: peak", [full.peak], " MiB")

    def growth(self):
        """10^4 to 10^7 flows, the largest capture through a pipe: time goes by flows, memory by rules."""
        for which, cpg in self.programs.items():
            for flows in (10_000, 100_000, 1_000_000, 10_000_000):
                maker = subprocess.Popen([self.options.make_capture, "steady", str(flows)], stdout=subprocess.PIPE)
                cost = run([cpg, "replay", "-", *ONLY_READ], self.folder, stdin=maker.stdout)
                maker.stdout.close()
                maker.wait()
                self.note("growth", which, f"{flows} flows: CPU", [cost.cpu], " s")
                self.note("growth", which, f"{flows} flows: peak", [cost.peak], " MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cpg", type=os.path.abspath)
    parser.add_argument("make_capture", type=os.path.abspath)
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--flows", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--before", type=os.path.abspath, help="another cpg, measured beside")
    parser.add_argument("--go", type=os.path.abspath, help="the Go program of the same name, for writing")
    parser.add_argument("--json", help="where the results go, for tools/plot_performance.py")
    parser.add_argument("--keep", help="a folder for the captures, which stay there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench(options, pathlib.Path(options.keep or temporary), temporary)
        rows = {"steady": lambda: bench.against_gzip("steady", "steady", False),
                "steady-gzip": lambda: bench.against_gzip("steady-gzip", "steady", True),
                "wide": lambda: bench.against_gzip("wide", "wide", False),
                "dirty": lambda: bench.against_gzip("dirty", "dirty", False),
                "forwarded": lambda: bench.against_gzip("forwarded", "forwarded", False),
                "everything": lambda: bench.everything("everything"),
                "writing": lambda: bench.writing("writing"),
                "peers": lambda: bench.crowd("peers"),
                "workloads": lambda: bench.crowd("workloads"),
                "ports": lambda: bench.crowd("ports"),
                "growth": bench.growth}
        for row in options.rows or [each for each in rows if each != "growth"]:
            if row not in rows:
                parser.error(f"no row {row}: {', '.join(rows)}")
            rows[row]()
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(bench.results, indent=1) + "\n")


main()
