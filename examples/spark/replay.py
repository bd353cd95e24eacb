#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Policies for a fleet's captures on Spark: spark-submit replay.py [options] OUTPUT PATH... [-- FLAGS OF cpg replay --partial]

Each partition of the files becomes a part (cpg replay --partial), the lines of all parts go to the task of their workload, which
adds them up (cpg combine --partial), and what is left are a few disjoint parts: the driver writes policies and evidence of them
(cpg combine). PATH is anything that Hadoop lists: folders and globs of s3a://, gs://, hdfs:// or file://. cpg must be on each
node (--cpg), or be sent along with `--files cpg --cpg ./cpg`. A task that is lost is run again: a part depends on its input alone.
"""
import argparse
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile


def run(command, text=b"", folder=None):
    """What the command prints. What it says on stderr goes to the executor's log, and into the error where it fails."""
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, check=False)
    sys.stderr.buffer.write(done.stderr)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise RuntimeError(f"{command[0]} {command[1]} ended with {done.returncode}: {said[-2000:]}")
    return done.stdout


def local_name(path, taken):
    """The file's own name, by which evidence names it; where another has it, with something of its own before it."""
    name = path.rsplit("/", 1)[-1]
    return hashlib.sha256(path.encode()).hexdigest()[:16] + "-" + name if name in taken else name


def part_of(files, cpg, flags):
    """The part of some files, each (path, bytes); nothing for none."""
    with tempfile.TemporaryDirectory(prefix="cpg-") as folder:
        names = []
        for path, content in files:
            names.append(local_name(path, names))
            pathlib.Path(folder, names[-1]).write_bytes(content)
        if not names:
            return None
        return run([cpg, "replay", "--partial", "-", *flags, "--", *sorted(names)], folder=folder)


def bucket_of(line, buckets):
    """The task of a line's workload. A line begins with its key, which is the same text in all parts."""
    key = line[:line.index(b',"pods":')]
    return int.from_bytes(hashlib.sha256(key).digest()[:8], "big") % buckets


def slices_of(part, buckets):
    """A part as several: each has the header, the workloads of one bucket and an end. Only the first has the totals, so that they
    are counted once. Lines are bytes: text of flows need not be UTF-8."""
    header, *workloads, end = part.rstrip(b"\n").split(b"\n")
    without_totals = json.loads(header.decode(errors="surrogateescape"))
    del without_totals["totals"]
    bare = json.dumps(without_totals).encode(errors="surrogateescape")
    lines = [[] for _ in range(buckets)]
    for line in workloads:
        lines[bucket_of(line, buckets)].append(line)
    too_many = json.loads(end)["end"]["too_many_workloads"]
    for bucket, own in enumerate(lines):
        own_end = json.dumps({"end": {"workloads": len(own), "too_many_workloads": too_many}}, separators=(",", ":")).encode()
        yield bucket, b"\n".join([header if bucket == 0 else bare, *own, own_end, b""])


def sum_of(one, other, cpg):
    """Two parts as one. In any order and grouping the sum is the same."""
    with tempfile.TemporaryDirectory(prefix="cpg-") as folder:
        pathlib.Path(folder, "one").write_bytes(one)
        pathlib.Path(folder, "other").write_bytes(other)
        return run([cpg, "combine", "--partial", "-", "one", "other"], folder=folder)


def summed_parts(context, paths, cpg, flags, partitions, buckets):
    """Parts that share no workload, by the number of their bucket."""
    files = context.binaryFiles(",".join(paths), minPartitions=partitions).repartition(partitions)
    parts = files.mapPartitions(lambda some: [part_of(some, cpg, flags)]).filter(lambda part: part is not None)
    slices = parts.flatMap(lambda part: slices_of(part, buckets))
    return slices.reduceByKey(lambda one, other: sum_of(one, other, cpg), numPartitions=buckets)


def write_policies(parts, cpg, output, flags):
    """Fetches the parts one at a time, and writes what they add up to."""
    with tempfile.TemporaryDirectory(prefix="cpg-") as folder:
        for bucket, part in parts.toLocalIterator():
            pathlib.Path(folder, f"{bucket:05}.part").write_bytes(part)
        names = sorted(str(path) for path in pathlib.Path(folder).iterdir())
        if not names:
            sys.exit("replay.py: there is no file in the paths")
        return subprocess.run([cpg, "combine", "-o", output, *flags, "--", *names], check=False).returncode


def arguments():
    words, flags = sys.argv[1:], []
    if "--" in words:
        at = words.index("--")
        words, flags = words[:at], words[at + 1:]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpg", default="cpg", help="the program on each node (default: cpg)")
    parser.add_argument("--partitions", type=int, default=0, help="tasks that read files (default: one a core, at least 2)")
    parser.add_argument("--buckets", type=int, default=0, help="tasks that add up (default: as --partitions)")
    parser.add_argument("--combine-flag", action="append", default=[], metavar="FLAG",
                        help="a flag of the last cpg combine, as --combine-flag=--port-ranges; repeatable")
    parser.add_argument("output", help="where policies go, on the driver")
    parser.add_argument("paths", nargs="+", metavar="path")
    return parser.parse_args(words), flags


def main():
    from pyspark import SparkContext
    given, flags = arguments()
    cpg = os.path.abspath(given.cpg) if os.sep in given.cpg and not given.cpg.startswith("./") else given.cpg
    context = SparkContext(appName="cpg replay")
    partitions = given.partitions or max(2, context.defaultParallelism)
    parts = summed_parts(context, given.paths, cpg, flags, partitions, given.buckets or partitions)
    status = write_policies(parts, cpg, given.output, given.combine_flag)
    context.stop()
    sys.exit(status)


if __name__ == "__main__":
    main()
