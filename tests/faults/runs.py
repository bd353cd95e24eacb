# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Runs a world, disturbed or not, and knows what an undisturbed run of it makes."""
import pathlib
import re
import shutil
import signal
import subprocess

from checks import evidence_of, health_of
from places import Ended, patient, tree_of, wait_for, wait_until
from worlds import MARKER

# Long enough for a flush on a busy machine; what is not written by then is judged as it is.
FLUSH_PATIENCE = patient(10)


class Runner:
    def __init__(self, programs, place, work):
        self.programs = programs
        self.place = place
        self.work = pathlib.Path(work)

    def capture_file(self, text):
        path = self.work / "capture.jsonl"
        path.write_text(text)
        return str(path)

    def replay(self, world, text, plan=None):
        """All at once, from a file."""
        words = ["replay", self.capture_file(text), *world.flags]
        process = self.place.start(self.programs, words, plan)
        return Ended(wait_for(process), self.place.said(), len(world.chunks))

    def run(self, reference, plan):
        """As this world is run: a disturbed run, or one whose calls are counted."""
        if reference.world.live:
            return self.generate(reference, plan)
        if len(reference.world.chunks) > 1:
            return self.feed(reference, plan)
        return self.replay(reference.world, reference.world.capture(), plan)

    def feed(self, reference, plan):
        """A chunk at a time, each when the one before has been written or given up."""
        words = ["replay", "-", "--flush-interval", "20ms", *reference.world.flags]
        process = self.place.start(self.programs, words, plan, subprocess.PIPE)
        fed = 0
        try:
            for chunk in reference.world.chunks:
                process.stdin.write(chunk.encode())
                process.stdin.flush()
                fed += 1
                wait_until(self.settled(reference.states[fed]), process, FLUSH_PATIENCE)
            process.stdin.close()
        except BrokenPipeError:
            pass
        return Ended(wait_for(process), self.place.said(), fed)

    def settled(self, state):
        """A condition: the files are these, or one more of them could not be written."""
        failures = self.place.said().count(" not written ")
        return lambda: tree_of(self.place.out) == state or self.place.said().count(" not written ") > failures

    def generate(self, reference, plan):
        """Live, from a relay that serves the capture over several flushes, until its last flow was seen."""
        sim = self.start_sim(reference.world)
        try:
            words = ["generate", "--server", self.address_of(sim), "--flush-interval", "40ms"]
            process = self.place.start(self.programs, words, plan)
            wait_until(self.saw_marker, process, FLUSH_PATIENCE)
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            return Ended(wait_for(process), self.place.said(), 1)
        finally:
            sim.kill()
            sim.wait()
            sim.stdout.close()

    def saw_marker(self):
        return (self.place.out / MARKER / "last.yaml").exists() or MARKER in self.place.said()

    def start_sim(self, world):
        words = [self.programs.relay_sim, "--listen", "127.0.0.1:0", "--capture", self.capture_file(world.capture()),
                 "--rate", "800"]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def address_of(self, sim):
        return re.match(r"listening on (\S+)", sim.stdout.readline().decode()).group(1)


class Reference:
    """What undisturbed runs of a world make. `states` are the output folder after each number of chunks."""

    def __init__(self, runner, world):
        self.world = world
        self.before = runner.work / ("before-" + world.name)
        self.lay(runner)
        place = runner.place
        self.states = [tree_of(place.out)]
        self.evidence_before = evidence_of(tree_of(place.evidence))
        for count in range(1, len(world.chunks) + 1):
            place.take(self.before)
            self.code = runner.replay(world, world.capture(count)).code
            self.states.append(tree_of(place.out))
        self.evidence_after = evidence_of(tree_of(place.evidence))
        self.health = health_of(tree_of(place.evidence))
        self.outcomes = self.outcomes_of(runner)
        self.calls = self.calls_of(runner)

    def lay(self, runner):
        runner.place.clear()
        if self.world.earlier:
            runner.replay(self.world, self.world.earlier)
        self.world.lay(runner.place.out)
        runner.place.keep(self.before)

    def outcomes_of(self, runner):
        """What a run over all flows may end in, by the number of chunks that were written before it: the output folder, and
        the evidence that it adds. One, unless names are the matter: a file's owner keeps its name."""
        out = []
        for count in range(len(self.world.chunks)):
            runner.place.take(self.before)
            runner.replay(self.world, self.world.capture(count))
            shutil.rmtree(runner.place.evidence, ignore_errors=True)
            runner.replay(self.world, self.world.capture())
            outcome = (tree_of(runner.place.out), evidence_of(tree_of(runner.place.evidence)))
            if outcome not in out:
                out.append(outcome)
        return out

    def calls_of(self, runner):
        runner.place.take(self.before)
        runner.run(self, "")
        return runner.place.calls()

    @property
    def final(self):
        return self.states[-1]
