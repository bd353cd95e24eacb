#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Checks the include table of src/README.md: which folder of src/ may include which, and which libraries."""
import pathlib
import re
import sys

FOLDERS = {
    "base": set(),
    "flow": {"base"},
    "source": {"flow", "base"},
    "classify": {"flow", "base"},
    "aggregate": {"flow", "base"},
    "policy": {"flow", "base"},
    "output": {"policy", "flow", "base"},
    "k8s": {"base"},
    "session": {"source", "classify", "aggregate", "policy", "output", "k8s", "flow", "base"},
    "cli": {"session", "source", "classify", "output", "base"},
}
# Prefix of an included header -> folders that may include it, or files where it is a file's matter.
LIBRARIES = {
    "asio": {"base/asio_impl.cpp", "source", "k8s", "session"},
    "grpc": {"source"},
    "google/protobuf": {"flow/wire_reader.hpp", "source"},
    "boost/json": {"flow", "output", "k8s"},
    "boost/program_options": {"cli"},
    "boost/asio/buffer": {"k8s"},
    "boost/beast": {"k8s"},
    "openssl": {"base/digest.cpp", "k8s", "source"},
    "yaml-cpp": {"policy/yaml_parse.cpp", "k8s"},
    "isa-l": {"source"},
    "zstd.h": {"base/packed_text.cpp", "source"},
    "zlib.h": {"k8s"},
    "wslay": {"k8s"},
    "dtl": {"output/diff.cpp"},
}
HUBBLE = re.compile(r"^(flow|observer|relay)/\w+\.(grpc\.)?pb\.h$")


def allowed_library(header, file, folder):
    for prefix, users in sorted(LIBRARIES.items(), key=lambda entry: -len(entry[0])):
        if header.startswith(prefix):
            return folder in users or str(file) in users
    # The rest is the standard library or the system.
    return "/" not in header or header.startswith("sys/") or header.startswith("arpa/") or header.startswith("netinet/")


def problems_of(root, path):
    file = path.relative_to(root)
    folder = file.parts[0]
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = re.match(r'#include ([<"])([^>"]+)[>"]', line)
        if not found:
            continue
        quote, header = found.groups()
        if HUBBLE.match(header):
            ok = folder in ("source", "flow")
        elif quote == '"':
            other = header.split("/")[0]
            ok = other == folder or other in FOLDERS.get(folder, set(FOLDERS))
        else:
            ok = len(file.parts) == 1 or allowed_library(header, file, folder)
        if not ok:
            yield f"src/{file}:{number}: {folder} may not include {header}"


def main():
    root = pathlib.Path(sys.argv[1])
    problems = [p for path in sorted(root.rglob("*.[ch]pp")) for p in problems_of(root, path)]
    print("\n".join(problems) if problems else "every include is in the table of src/README.md")
    return 1 if problems else 0


sys.exit(main())
