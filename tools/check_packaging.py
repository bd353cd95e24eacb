#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Checks what is for other programs to read: check_packaging.py ROOT. The krew manifest by the fields that krew 0.4 knows
(sigs.k8s.io/krew, pkg/index/types.go and validation.go), the k9s plugins by those of k9s 0.50 (its JSON schema of plugins), and
the workflow by actionlint where that is installed. Ends with 77 where there is no reader of YAML."""
import pathlib
import re
import shutil
import subprocess
import sys

try:
    import yaml
except ImportError:
    yaml = None

# Of each field: its type, and whether it must be there.
KREW_PLATFORM = {"uri": (str, True), "sha256": (str, True), "bin": (str, True),
                 "files": ([{"from": (str, True), "to": (str, True)}], False),
                 "selector": ({"matchLabels": (dict, False), "matchExpressions": (list, False)}, False)}
KREW = {"apiVersion": (str, True), "kind": (str, True), "metadata": ({"name": (str, True)}, True),
        "spec": ({"version": (str, True), "shortDescription": (str, True), "description": (str, False), "caveats": (str, False),
                  "homepage": (str, False),
                  "platforms": ([KREW_PLATFORM], True)}, True)}
K9S_PLUGIN = {"shortCut": (str, True), "description": (str, True), "scopes": ([str], True), "command": (str, True),
              "override": (bool, False), "confirm": (bool, False), "dangerous": (bool, False), "background": (bool, False),
              "overwriteOutput": (bool, False), "args": ([str], False), "pipes": ([str], False)}
# What k9s knows of a row of each kind (https://k9scli.io/topics/plugins/).
K9S_VALUES = {"NAMESPACE", "NAME", "CONTEXT", "CLUSTER", "USER", "GROUPS", "POD", "KUBECONFIG", "RESOURCE_GROUP",
              "RESOURCE_VERSION", "RESOURCE_NAME", "FILTER"}


def faults_of(value, wanted, place):
    if isinstance(wanted, dict):
        if not isinstance(value, dict):
            yield f"{place}: a mapping is wanted"
            return
        for name in value.keys() - wanted.keys():
            yield f"{place}.{name}: no such field"
        for name, (kind, required) in wanted.items():
            if name in value:
                yield from faults_of(value[name], kind, f"{place}.{name}")
            elif required:
                yield f"{place}.{name}: is missing"
    elif isinstance(wanted, list):
        if not isinstance(value, list) or not value:
            yield f"{place}: a list is wanted"
            return
        for index, each in enumerate(value):
            yield from faults_of(each, wanted[0], f"{place}[{index}]")
    elif not isinstance(value, wanted):
        yield f"{place}: {wanted.__name__} is wanted"


def krew_faults(root):
    values = {"VERSION": "v1.2.3", "SHA256": "0" * 64, "URI": "https://example.com/cpg.tar.gz", "FOLDER": "cpg"}
    text = re.sub(r"@(\w+)@", lambda found: values[found[1]], (root / "packaging/krew.yaml.in").read_text())
    manifest = yaml.safe_load(text)
    yield from faults_of(manifest, KREW, "krew")
    if manifest["apiVersion"] != "krew.googlecontainertools.github.com/v1alpha2" or manifest["kind"] != "Plugin":
        yield "krew: another kind of manifest"
    if not re.fullmatch(r"[\w-]+", manifest["metadata"]["name"]):
        yield "krew: the name is not one that krew takes"
    if len(manifest["spec"]["shortDescription"]) > 50 or manifest["spec"]["shortDescription"].endswith("."):
        yield "krew: the short description is no short description"


def k9s_faults(root):
    plugins = yaml.safe_load((root / "packaging/k9s-plugins.yaml").read_text())
    if set(plugins) != {"plugins"}:
        yield "k9s: there is more than plugins"
    for name, plugin in plugins["plugins"].items():
        yield from faults_of(plugin, K9S_PLUGIN, f"k9s.{name}")
        for variable in set(re.findall(r"\$([A-Za-z0-9_]+)", " ".join(plugin.get("args", [])))) - K9S_VALUES:
            yield f"k9s.{name}: k9s has no ${variable}"


def workflow_faults(root):
    workflow = root / ".github/workflows/build.yaml"
    yaml.safe_load(workflow.read_text())
    if shutil.which("actionlint"):
        said = subprocess.run(["actionlint", workflow], capture_output=True, text=True)
        if said.returncode:
            yield said.stdout
    for script in set(re.findall(r"\btools/\w+", workflow.read_text())):
        if not (root / script).exists():
            yield f"build.yaml: there is no {script}"


def script_faults(root):
    if not shutil.which("shellcheck"):
        return
    scripts = [root / "tools" / name for name in ("install", "uninstall", "package", "image")]
    said = subprocess.run(["shellcheck", "-x", "-e", "SC1091,SC2086", *scripts], capture_output=True, text=True)
    if said.returncode:
        yield said.stdout


def main(root):
    if not yaml:
        print("there is no reader of YAML: python3-yaml")
        return 77
    faults = [fault for check in (krew_faults, k9s_faults, workflow_faults, script_faults) for fault in check(root)]
    print("\n".join(faults) or "what is for krew, k9s and GitHub is in order")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
