# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""One round each of a kill, a fault and a power cut: what is done, and what must hold afterwards."""
import shutil
import stat

import checks
from disk import Disk
from places import files_of, is_temporary, tree_of

ERRORS = ("ENOSPC", "EIO", "EMFILE", "EINTR", "ESTALE", "EACCES")


class Round:
    """A reference, and the plan that the shim is given."""

    def __init__(self, reference, plan):
        self.reference = reference
        self.plan = plan

    def __str__(self):
        return f"{self.reference.world.name} {self.plan}"


def kill_round(reference, chance):
    number = chance.randint(1, reference.calls["any"])
    return Round(reference, f"any:{number}:{number}:{chance.choice(('kill-before', 'kill-after'))}")


def fault_round(reference, chance):
    kind = chance.choice(sorted(kind for kind in reference.calls if kind != "any"))
    first = chance.randint(1, reference.calls[kind])
    if kind == "write" and chance.random() < 0.3:
        then = chance.choice(("", f";write:{first + 1}:{first + 1}:ENOSPC"))
        return Round(reference, f"write:{first}:{first}:short{then}")
    last = chance.choice((first, first, first, first + 1, first + 3, "end"))
    # A call that is interrupted for ever is one of a system that is not.
    errors = [each for each in ERRORS if each != "EINTR" or last != "end"]
    return Round(reference, f"{kind}:{first}:{last}:{chance.choice(errors)}")


def loss_round(reference, chance):
    return Round(reference, chance.choice(("entries", "contents", "chance")))


def start(runner, each):
    place = runner.place
    place.take(each.reference.before)
    ended = runner.run(each.reference, each.plan)
    # For who reads what a round left: the next run changes both.
    place.keep(place.root / "disturbed")
    shutil.copy(place.err, place.root / "disturbed-err")
    return ended


def do_kill(runner, each, chance):
    ended = start(runner, each)
    if not ended.killed:
        yield from of_undisturbed_end(runner.place, each.reference, ended)
    else:
        yield from of_kill(runner.place, each.reference, ended)
    yield from of_next_run(runner, each.reference)


def of_kill(place, reference, ended):
    """At most the flush at work is missing."""
    tree = tree_of(place.out)
    evidence = tree_of(place.evidence)
    states = reference.states[ended.fed - 1:ended.fed + 1]
    if reference.world.live:
        states = states + written_states(place, tree)
    yield from checks.one_of(tree, states, allow_temporary=True)
    yield from checks.whole_json(evidence)
    if not reference.world.live:
        yield from checks.evidence_between(evidence, reference.evidence_before, reference.evidence_after)


def written_states(place, tree):
    """What the run itself had synced before it gave a file its name, each with the permissions that the file has."""
    contents = {path.read_bytes() for path in (place.root / "calls.synced").iterdir()}
    return [{path: entry} for path, entry in files_of(tree).items() if entry[0] == "file" and entry[2] in contents]


def of_undisturbed_end(place, reference, ended):
    if ended.code != reference.code:
        yield f"status: {ended.code} in place of {reference.code}"
    yield from checks.one_of(tree_of(place.out), [reference.final], allow_temporary=False)


def do_fault(runner, each, chance):
    ended = start(runner, each)
    yield from of_fault(runner.place, each, ended)
    yield from of_next_run(runner, each.reference)


def of_fault(place, each, ended):
    """All is done, or what is not is named and the status says so."""
    reference = each.reference
    tree = tree_of(place.out)
    evidence = tree_of(place.evidence)
    if ended.code not in (reference.code, 3):
        yield f"status: {ended.code}"
    states = reference.states + (written_states(place, tree) if reference.world.live else [])
    yield from checks.one_of(tree, states, allow_temporary=True)
    if not has_failed(place, "unlink"):
        yield from checks.temporary_files({**tree, **evidence})
    yield from checks.whole_json(evidence)
    missing = [path for path, entry in files_of(reference.final).items() if tree.get(path) != entry]
    if missing and ended.code == 0:
        yield f"silent: status 0 without {', '.join(missing)}"
    if not reference.world.live:
        yield from checks.evidence_between(evidence, reference.evidence_before, reference.evidence_after)
        yield from of_evidence_after_fault(place, reference, evidence, ended)
    yield from checks.unnamed([names_of(place, path) for path in missing], ended.err)


def of_evidence_after_fault(place, reference, tree, ended):
    """What was not written is named; evidence goes without saying where its policy is named."""
    found = checks.evidence_of(tree)
    missing = [path for path, wanted in reference.evidence_after.items() if found.get(path) != wanted]
    yield from checks.unnamed([[f"{place.evidence}/{path}", *names_of(place, policy_of(path))] for path in missing],
                              ended.err)


def policy_of(evidence_path):
    return evidence_path.split("/", 1)[1].removesuffix(".json") + ".yaml"


def names_of(place, path):
    """A file, and what leads to it."""
    others = {"kept/web.yaml": "production/frontend.yaml", "production/mine.yml": "production/cart.yaml",
              "production/frontend.yaml": "kept/web.yaml", "production/cart.yaml": "production/mine.yml",
              "shop/web-d150db0a.yaml": "shop/web.yaml"}
    return [f"{place.out}/{each}" for each in (path, others.get(path)) if each]


def has_failed(place, kind):
    return any(line.split("\t")[1] == kind and line.endswith("planned") for line in place.log.read_text().splitlines()
               if line.startswith("call"))


def of_next_run(runner, reference):
    """The same flows again, undisturbed: the bytes of an undisturbed run, and one more session of evidence."""
    before = checks.evidence_of(tree_of(runner.place.evidence))
    ended = runner.replay(reference.world, reference.world.capture())
    tree = tree_of(runner.place.out)
    evidence = tree_of(runner.place.evidence)
    if ended.code != reference.code:
        yield f"next status: {ended.code} in place of {reference.code}"
    for finding in checks.temporary_files({**tree, **evidence}):
        yield "next " + finding
    # The differences to the outcome that is nearest.
    yield from min((list(of_outcome(tree, evidence, before, each)) for each in reference.outcomes), key=len)
    if checks.health_of(evidence) != reference.health:
        yield "next health: the counts are others"
    if [entry[2].decode() for path, entry in evidence.items() if path.endswith("/output-dir")] != [f"{runner.place.out}\n"]:
        yield "next evidence: its folder does not name the output folder"


def of_outcome(tree, evidence, evidence_before, outcome):
    wanted, added = outcome
    for finding in checks.one_of(tree, [wanted], allow_temporary=True):
        yield "next " + finding
    for finding in checks.same_evidence(evidence, checks.with_session(evidence_before, added)):
        yield "next " + finding


def do_loss(runner, each, chance):
    """What a run reported as written outlasts a power cut at once after it."""
    place = runner.place
    place.take(each.reference.before)
    disk = Disk(place.disk)
    ended = runner.run(each.reference, "")
    yield from of_undisturbed_end(place, each.reference, ended)
    yield from of_loss(place, each.reference, disk, each.plan, chance)
    yield from of_next_run(runner, each.reference)


def of_loss(place, reference, disk, mode, chance):
    written = tree_of(place.evidence)
    disk.replay(place.log)
    lost = place.root / "after-the-loss"
    shutil.rmtree(lost, ignore_errors=True)
    disk.write(lost, mode, chance)
    take_permissions(lost, place.disk)
    yield from of_lost_policies(tree_of(lost / "out"), reference.final)
    yield from of_lost_evidence(tree_of(lost / "evidence"), written)
    place.take(lost)


def of_lost_policies(tree, written):
    for finding in checks.one_of(tree, [written], allow_temporary=True):
        folder = finding.split(": ")[1].rpartition("/")[0]
        yield "lost folder: " + folder if folder and folder not in tree else "lost " + finding


def of_lost_evidence(tree, written):
    for path, entry in files_of(written).items():
        if path not in tree:
            yield f"lost evidence: {path} is gone"
        elif tree[path][2] != entry[2]:
            yield f"lost evidence: {path} is {'as before' if tree[path][2] else 'empty'}"


def take_permissions(folder, model):
    """The log does not have them, and no file changes its own."""
    for path in files_of(tree_of(folder)):
        if (model / path).exists() and not (folder / path).is_symlink():
            (folder / path).chmod(stat.S_IMODE((model / path).stat().st_mode))
