#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Rounds of kills, failing calls and power cuts at random places of a run of cpg. README.md says what must hold."""
import argparse
import collections
import os
import pathlib
import random
import shutil
import sys
import tempfile

import rounds
import teeth
import worlds
from known import split_findings
from places import Place, Programs
from runs import Reference, Runner

Kind = collections.namedtuple("Kind", ("make", "do"))
KINDS = {"kill": Kind(rounds.kill_round, rounds.do_kill), "fault": Kind(rounds.fault_round, rounds.do_fault),
         "loss": Kind(rounds.loss_round, rounds.do_loss)}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpg", required=True)
    parser.add_argument("--shim", required=True)
    parser.add_argument("--relay-sim", required=True)
    parser.add_argument("--source", required=True, help="the root of the sources, for captures and merge cases")
    parser.add_argument("--rounds", type=int, default=100, help="of kills, and as many of faults")
    parser.add_argument("--losses", type=int, help="power cuts (a tenth of the rounds)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", metavar="KIND:NUMBER", help="one round again, e.g. fault:17")
    parser.add_argument("--plan", help="with --only (and --world): this plan for the shim in place of the round's own")
    parser.add_argument("--world", help="only the rounds of this world")
    parser.add_argument("--every", metavar="ERROR", help="in place of rounds at random: a kill at every call and after it, "
                        "and every call failing once with this error")
    parser.add_argument("--keep", help="a folder for the files of rounds that fail")
    parser.add_argument("--strict", action="store_true", help="what is so by design fails, too")
    return parser.parse_args()


def wanted_rounds(settings):
    if settings.only:
        kind, number = settings.only.split(":")
        return [(kind, int(number))]
    losses = settings.rounds // 10 + 1 if settings.losses is None else settings.losses
    counts = {"kill": settings.rounds, "fault": settings.rounds, "loss": losses}
    return [(kind, number) for kind, count in counts.items() for number in range(1, count + 1)]


class Session:
    """All rounds, and what came of them."""

    def __init__(self, settings, work):
        self.settings = settings
        programs = Programs(*(os.path.abspath(each) for each in (settings.cpg, settings.shim, settings.relay_sim)))
        self.runner = Runner(programs, Place(work / "place"), work)
        self.worlds = worlds.all_worlds(settings.source, random.Random(settings.seed))
        self.references = {}
        self.done = collections.Counter()
        self.known = collections.Counter()
        self.failed = 0

    def reference(self, world):
        if world.name not in self.references:
            self.references[world.name] = Reference(self.runner, world)
        return self.references[world.name]

    def play_every(self):
        for world in self.worlds:
            if self.settings.world in (None, world.name):
                for number in range(1, self.reference(world).calls["any"] + 1):
                    for kind, action in (("kill", "kill-before"), ("kill", "kill-after"), ("fault", self.settings.every)):
                        self.do(kind, number, rounds.Round(self.reference(world), f"any:{number}:{number}:{action}"), None)

    def play_at_random(self):
        for kind, number in wanted_rounds(self.settings):
            self.play(kind, number)

    def play(self, kind, number):
        chance = random.Random(f"{self.settings.seed} {kind} {number}")
        world = chance.choice(self.worlds)
        if self.settings.world not in (None, world.name) and not self.settings.only:
            return
        if self.settings.only and self.settings.world:
            world = next(each for each in self.worlds if each.name == self.settings.world)
        each = KINDS[kind].make(self.reference(world), chance)
        each.plan = self.settings.plan or each.plan
        self.do(kind, number, each, chance)

    def do(self, kind, number, each, chance):
        findings = list(KINDS[kind].do(self.runner, each, chance))
        self.done[kind] += 1
        self.judge(kind, number, each, findings)

    def judge(self, kind, number, each, findings):
        known, new = (set(), findings) if self.settings.strict else split_findings(kind, findings)
        self.known.update(known)
        if not new:
            return
        self.failed += 1
        print(f"{kind}:{number} of seed {self.settings.seed}: {each}", *new, sep="\n    ", flush=True)
        if self.settings.keep:
            kept = pathlib.Path(self.settings.keep, f"{self.settings.seed}-{kind}-{number}")
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(self.runner.place.root, kept, symlinks=True)

    def counts(self):
        known = "; ".join(f"{count} by design: {name}" for name, count in sorted(self.known.items()))
        return (f"{self.done['kill']} kills, {self.done['fault']} faults, {self.done['loss']} power losses: "
                f"{self.failed} failed" + (f"; {known}" if known else ""))


def main():
    settings = arguments()
    with tempfile.TemporaryDirectory(prefix="cpg-faults-") as work:
        session = Session(settings, pathlib.Path(work))
        missed = [] if settings.only else teeth.missed(session)
        for each in missed:
            print(f"a planted fault was not found: {each}")
        if not missed:
            session.play_every() if settings.every else session.play_at_random()
        print(session.counts())
        return 1 if missed or session.failed else 0


if __name__ == "__main__":
    sys.exit(main())
