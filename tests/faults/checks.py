# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""What must hold of the files after a run. Every check yields findings: `tag: what`."""
import json
import re

from places import files_of, is_temporary, json_of


# Of the whole output directory, not of a policy.
OF_ALL = ("cluster-health.json", "pods.json")


def evidence_of(tree):
    """Of each evidence file what does not differ from run to run: its policy, the number of sessions, and its rules.
    An empty one, which a power cut may leave, is none; whole_json() finds fault with those that were left by other things."""
    out = {}
    for path, entry in files_of(tree).items():
        if is_temporary(path) or not path.endswith(".json") or path.endswith(OF_ALL) or not entry[2]:
            continue
        document = json_of(entry)
        out[path] = {"policy": document["policy"], "sessions": len(document["sessions"]),
                     "rules": {rule["key"]: rule_of(rule) for rule in document["rules"]}}
    return out


def rule_of(rule):
    samples = {json.dumps(each, sort_keys=True) for each in rule.get("samples", [])}
    return {"flow_count": rule["flow_count"], "first_seen": rule["first_seen"], "last_seen": rule["last_seen"],
            "samples": samples}


def sum_of_rules(one, other):
    return {"flow_count": one["flow_count"] + other["flow_count"], "first_seen": min(one["first_seen"], other["first_seen"]),
            "last_seen": max(one["last_seen"], other["last_seen"]), "samples": one["samples"] | other["samples"]}


def with_session(before, added):
    """The evidence after one more session over the same capture, which counts its flows once more."""
    out = dict(before)
    for path, document in added.items():
        old = out.get(path, {"sessions": 0, "rules": {}})
        rules = dict(old["rules"])
        for key, rule in document["rules"].items():
            rules[key] = sum_of_rules(rules[key], rule) if key in rules else rule
        out[path] = {"policy": document["policy"], "sessions": min(10, old["sessions"] + 1), "rules": rules}
    return out


def health_of(tree):
    """What does not differ from run to run; None where there is no such file."""
    for path, entry in tree.items():
        if path.endswith("cluster-health.json"):
            document = json_of(entry)
            return {"drops": document["drops"], "flows_seen": document["session"]["flows_seen"]}
    return None


def whole_json(tree):
    for path, entry in files_of(tree).items():
        if path.endswith(".json") and not is_temporary(path):
            try:
                json_of(entry)
            except ValueError as error:
                yield f"torn: {path} is no JSON: {error}"


def temporary_files(tree):
    for path in tree:
        if is_temporary(path):
            yield f"temporary: {path} is left"


def one_of(tree, states, allow_temporary):
    """Every file is as it is in one of these states, and there are no others."""
    for path in sorted({*files_of(tree), *(path for state in states for path in files_of(state))}):
        found = tree.get(path)
        if is_temporary(path):
            if not allow_temporary:
                yield f"temporary: {path} is left"
        elif found not in [state.get(path) for state in states]:
            yield f"{difference(found, [state.get(path) for state in states])}: {path}"


def difference(found, wanted):
    """The tag of an entry that is none of those wanted."""
    if found is None:
        return "missing"
    files = [each for each in wanted if each]
    if not files:
        return "unwanted"
    if any(found[0] != each[0] for each in files):
        return "replaced"
    if found[0] == "file" and any(found[2] == each[2] for each in files):
        return "permissions"
    return "contents"


def evidence_between(tree, before, after):
    """Every evidence file is as it was or as it shall be."""
    found = evidence_of(tree)
    for path in sorted({*found, *before, *after}):
        if found.get(path) not in (before.get(path), after.get(path)):
            yield f"evidence: {path} is neither old nor new"


def same_evidence(tree, wanted):
    found = evidence_of(tree)
    for path in sorted({*found, *wanted}):
        if found.get(path) != wanted.get(path):
            yield f"evidence: {path} does not have the counts that were to be expected"


# A whole folder of a place, as a message names it.
WHOLE_FOLDER = re.compile(r"/disk(/out|/evidence(/[0-9a-f]{12})?)?(?![/\w.-])")


def unnamed(paths, said):
    """Each of these, given by all the names that it goes by, must be in a message, or a folder above it."""
    lines = [line for line in said.splitlines() if "  ERROR  " in line or "  WARN  " in line or line.startswith("cpg: ")]
    if any(WHOLE_FOLDER.search(line) for line in lines):
        return
    for names in paths:
        if not any(is_named(name, line) for name in names for line in lines):
            yield f"unnamed: nothing was said of {names[0]}"


def is_named(path, line):
    """Whether the line has the path or its folder, as a whole."""
    return any(re.search(re.escape(each) + r"(?![/\w.-])", line) for each in (path, path.rpartition("/")[0]))
