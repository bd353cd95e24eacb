# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Faults that are planted, each of which a check must find: a check that finds nothing anywhere says nothing."""
import json
import subprocess

import checks
import rounds
from disk import Disk
from places import tree_of, wait_for


def missed(session):
    """The names of those that were not found."""
    reference = session.reference(next(world for world in session.worlds if world.name == "person"))
    found = {**in_files(session.runner, reference), **in_runs(session.runner, reference)}
    return [name for name, findings in found.items() if not findings]


def in_files(runner, reference):
    """In copies of what an undisturbed run has left."""
    place = runner.place
    place.take(reference.before)
    runner.replay(reference.world, reference.world.capture())
    tree = tree_of(place.out)
    evidence = tree_of(place.evidence)
    path = "production/api-server.yaml"
    json_path = next(path for path in evidence if path.endswith("/cart.json"))
    states = [reference.states[0], reference.final]
    planted = {
        "half a policy": changed(tree, path, lambda text: text[:len(text) // 2]),
        "an empty policy": changed(tree, path, lambda text: b""),
        "a mix of old and new": changed(tree, path, lambda text: states[0][path][2][:400] + text[400:] + b"\n"),
        "a file that nobody wants": {**tree, "production/other.yaml": ("file", 0o644, b"")},
        "a temporary file": {**tree, "production/.cpg-abcdef": ("file", 0o600, b"")},
        "other permissions": {**tree, path: ("file", 0o600, tree[path][2])},
        "a file in place of a link": {**tree, "production/frontend.yaml": ("file", 0o644, b"")},
        "a person's file that is gone": {name: entry for name, entry in tree.items() if name != "README.md"},
    }
    found = {name: list(checks.one_of(each, states, allow_temporary=False)) for name, each in planted.items()}
    found["half of the evidence"] = list(checks.whole_json(changed(evidence, json_path, lambda text: text[:-50])))
    found["a flow counted twice"] = list(checks.same_evidence(changed(evidence, json_path, one_flow_more),
                                                              reference.evidence_after))
    found["an old policy and no word"] = list(checks.unnamed([rounds.names_of(place, path)], place.said()))
    return found


def changed(tree, path, change):
    kind, mode, text = tree[path]
    return {**tree, path: (kind, mode, change(text))}


def one_flow_more(text):
    document = json.loads(text)
    document["rules"][0]["flow_count"] += 1
    return json.dumps(document).encode()


def in_runs(runner, reference):
    """By what the shim does: kills, failing calls, and syncs that sync nothing."""
    runner.place.take(reference.before)
    killed = runner.run(reference, "rename:2:2:kill-before")
    torn = list(checks.one_of(tree_of(runner.place.out), [reference.final], allow_temporary=True))
    runner.place.take(reference.before)
    failed = runner.run(reference, "write:1:end:ENOSPC")
    return {
        "a kill": killed.killed and torn,
        "a write that fails": failed.code == 3 and "No space left on device" in failed.err,
        "a write that is cut short": cut_short(runner, reference),
        "syncs that sync nothing": loss_without(runner, reference, "sync:1:end:ignore"),
        "a run that does not end": hangs(),
    }


def cut_short(runner, reference):
    runner.place.take(reference.before)
    runner.run(reference, "write:1:1:short")
    return runner.place.calls()["write"] > reference.calls["write"]


def loss_without(runner, reference, plan):
    """What is lost of files that lie in old folders."""
    place = runner.place
    place.take(reference.before)
    disk = Disk(place.disk)
    runner.run(reference, plan)
    return [finding for finding in rounds.of_loss(place, reference, disk, "contents", None)
            if finding.startswith("lost contents")]


def hangs():
    return wait_for(subprocess.Popen(["sleep", "60"]), patience=0.1) is None
