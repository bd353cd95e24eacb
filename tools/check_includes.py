#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Checks the include table of src/README.md: which folder of src/ may include which, and which libraries."""
import pathlib
import re
import sys

# Rooms of src/ in the order in which a flow passes them, and what each may include.
FOLDERS = {
    "base": set(),
    "flow": {"base"},
    "decode": {"flow", "base"},
    "request": {"flow", "base"},
    "source": {"decode", "flow", "base"},
    "classify": {"request", "flow", "base"},
    "aggregate": {"request", "flow", "base"},
    "policy": {"request", "flow", "base"},
    "enforce": {"policy", "request", "flow", "base"},
    "output": {"policy", "flow", "base"},
    "evidence": {"request", "flow", "base"},
    "partial": {"evidence", "aggregate", "classify", "source", "request", "flow", "base"},
    "report": {"enforce", "evidence", "policy", "request", "flow", "base"},
    "k8s/config": {"base"},
    "k8s/net": {"k8s/config", "base"},
    "k8s/api": {"k8s/net", "k8s/config", "base"},
    "k8s/tunnel": {"k8s/api", "k8s/net", "k8s/config", "base"},
}
FOLDERS["session"] = set(FOLDERS) - {"report"}
# Of the stages, cli takes what a flag sets: gates, relay options, evidence.
FOLDERS["cli"] = {"session", "report", "evidence", "source", "classify", "flow", "base"}

K8S = {"k8s/config", "k8s/net", "k8s/api", "k8s/tunnel"}
# Prefix of an included header -> folders that may include it, or files where it is a file's matter.
LIBRARIES = {
    "asio": {"base/asio_impl.cpp", "base/rearmed_timer.hpp", "base/rearmed_timer.cpp", "source", "session"} | K8S,
    "grpc": {"source"},
    "google/protobuf": {"decode/wire_reader.hpp", "source"},
    "boost/json": {"decode", "partial", "evidence", "report"} | K8S,
    "boost/program_options": {"cli"},
    "boost/iostreams": {"source", "partial"},
    "ares.h": {"k8s/net"},
    "boost/asio/buffer": {"k8s/net"},
    "boost/beast": {"k8s/net"},
    "boost/url": {"base/url.cpp"},
    "openssl": {"base/base64.cpp", "base/digest.cpp", "source", "k8s/net", "k8s/tunnel"},
    "yaml-cpp": {"base/yaml_guard.cpp", "policy/yaml_parse.cpp", "source/hubble_config.cpp", "k8s/config"},
    "archive": {"source/archive_reader.cpp"},
    "isa-l": {"source"},
    "zstd.h": {"base/packed_text.cpp"},
    "zlib.h": {"k8s/tunnel"},
    "wslay": {"k8s/tunnel"},
    "dtl": {"output/diff.cpp"},
    "re2": {"enforce/request_part.cpp", "report/rule_filter.cpp"},
}
HUBBLE = re.compile(r"^(flow|observer|relay)/\w+\.(grpc\.)?pb\.h$")


def allowed_library(header, file, folder):
    for prefix, users in sorted(LIBRARIES.items(), key=lambda entry: -len(entry[0])):
        if header.startswith(prefix):
            return folder in users or str(file) in users
    # The rest is the standard library or the system.
    return "/" not in header or header.startswith("sys/") or header.startswith("arpa/") or header.startswith("netinet/")


def room_of(path):
    return "/".join(path.split("/")[: 2 if path.startswith("k8s/") else 1])


def problems_of(root, path):
    file = path.relative_to(root)
    folder = room_of(str(file))
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = re.match(r'#include ([<"])([^>"]+)[>"]', line)
        if not found:
            continue
        quote, header = found.groups()
        if HUBBLE.match(header):
            ok = folder in ("source", "decode")
        elif quote == '"':
            other = room_of(header)
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
