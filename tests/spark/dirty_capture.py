#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""Writes a capture with all that makes parts hard to add up, split into gzip files:
dirty_capture.py ROOT FOLDER [FLOWS [FILES [SEED]]]

The two events of a packet, a query's answer and the connection that needs its name lie in whatever file chance takes. Between
them are lines that are no flows, lost events, and each line of tests/data."""
import gzip
import pathlib
import random
import sys

TEAMS, WORKLOADS = 20, 400
PORTS = (80, 443, 5432, 6379, 8080, 8443, 9090, 9092)
NAMES = ("api.example.com", "pay.example.net", "cdn.example.org", "db.team-1.svc.corp.internal")
DIRT = (b"\n", b"{\n", b"not a flow\n", b'{"flow":{"time":"no"}}\n', b'{"flow":[]}\n', b"\xff\xfe\x00\n",
        b'{"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":"3"},"node_name":"n1"}\n')


def pod(number):
    team = f"team-{number % TEAMS}"
    # Some pairs of workloads share a plain name.
    key = "app" if number % 7 == 0 else "app.kubernetes.io/name"
    name = f"app-{number // 2 if number % 50 < 2 else number}"
    return (f'{{"ID":{100 + number},"identity":{20000 + number},"cluster_name":"prod-eu","namespace":"{team}",'
            f'"labels":["k8s:{key}={name}","k8s:app.kubernetes.io/part-of=shop",'
            f'"k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name={team}",'
            f'"k8s:io.cilium.k8s.policy.cluster=prod-eu","k8s:io.cilium.k8s.policy.serviceaccount={name}",'
            f'"k8s:io.kubernetes.pod.namespace={team}"],"pod_name":"{name}-6d5f7c9b8d-q2x7k","workloads":[{{"name":"{name}",'
            f'"kind":"Deployment"}}]}}')


PODS = [pod(number) for number in range(WORKLOADS)]
SERVER = ('{"namespace":"kube-system","labels":["k8s:k8s-app=kube-dns","k8s:io.kubernetes.pod.namespace=kube-system",'
          '"k8s:io.cilium.k8s.policy.cluster=prod-eu"],"pod_name":"coredns-1"}')
WORLD = '{"identity":2,"labels":["reserved:world"]}'


def flow(chance, time, verdict, ends, addresses, rest):
    node = f"prod-eu/worker-{chance % 8}"
    return (f'{{"flow":{{"time":"{time}","uuid":"0632b0cc-{chance:012x}","verdict":"{verdict}","IP":{{"source":"{addresses[0]}",'
            f'"destination":"{addresses[1]}","ipVersion":"IPv4"}},"source":{ends[0]},"destination":{ends[1]},'
            f'"node_name":"{node}",{rest}}},"node_name":"{node}","time":"{time}"}}\n').encode()


def drop(number, chance, time):
    subject = chance % WORKLOADS
    peer = (subject + 1 + (chance >> 9) % 5) % WORKLOADS
    event = ('"type":1,"sub_type":133', '"type":5')[(chance >> 12) % 2]
    # Few ports of clients, so that twins meet.
    ports = f'"source_port":{32768 + (chance >> 13) % 64},"destination_port":{PORTS[(chance >> 19) % 8]}'
    reason = "CT_MAP_INSERTION_FAILED" if number % 97 == 0 else "POLICY_DENIED"
    addresses = (f"10.42.{peer % 250}.17", f"10.42.{subject % 250}.33")
    return flow(chance, time, "DROPPED", (PODS[peer], PODS[subject]), addresses,
                f'"drop_reason_desc":"{reason}","l4":{{"TCP":{{{ports},"flags":{{"SYN":true}}}}}},'
                f'"Type":"L3_L4","event_type":{{{event}}},"traffic_direction":"INGRESS","Summary":"TCP Flags: SYN"')


def outward(chance, time):
    address = f"203.0.113.{(chance >> 9) % 40}"
    named = f',"destination_names":["{NAMES[(chance >> 15) % 3]}"]' if (chance >> 17) % 4 == 0 else ""
    return flow(chance, time, "DROPPED", (PODS[chance % WORKLOADS], WORLD), ("10.42.0.9", address),
                '"drop_reason_desc":"POLICY_DENIED",'
                '"l4":{"TCP":{"source_port":40000,"destination_port":443,"flags":{"SYN":true}}},'
                f'"Type":"L3_L4","event_type":{{"type":5}},"traffic_direction":"EGRESS"{named}')


def asked(chance, time):
    name = NAMES[(chance >> 9) % len(NAMES)]
    if (chance >> 12) % 2:
        return flow(chance, time, "FORWARDED", (SERVER, PODS[chance % WORKLOADS]), ("10.42.0.2", "10.42.0.9"),
                    '"l4":{"UDP":{"source_port":53,"destination_port":40000}},"Type":"L7","l7":{"type":"RESPONSE","dns":{"query":'
                    f'"{name}.","ips":["203.0.113.{(chance >> 13) % 40}"]}}}},"is_reply":true,"traffic_direction":"EGRESS"')
    return flow(chance, time, "FORWARDED", (PODS[chance % WORKLOADS], SERVER), ("10.42.0.9", "10.42.0.2"),
                '"l4":{"UDP":{"source_port":40000,"destination_port":53}},"Type":"L7","l7":{"type":"REQUEST","dns":{"query":'
                f'"{name}."}}}},"is_reply":false,"traffic_direction":"EGRESS"')


def lines(root, flows, seed):
    random_bits = random.Random(seed).getrandbits
    samples = [line for path in sorted((root / "tests/data").glob("sample-flows*.jsonl"))
               for line in path.read_bytes().splitlines(keepends=True)]
    for number in range(flows):
        chance = random_bits(48)
        clock = f"{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.{chance % 1000:03}"
        time = f"2026-01-{1 + number % 28:02}T{clock}Z"
        if number % 1000 == 0:
            yield DIRT[number // 1000 % len(DIRT)]
        kind = (chance >> 40) % 16
        if number % 500 == 1:
            line = samples[number // 500 % len(samples)]
            yield line if line.endswith(b"\n") else line + b"\n"
        elif kind == 0:
            yield asked(chance, time)
        elif kind == 1:
            yield outward(chance, time)
        else:
            yield drop(number, chance, time)


def write(root, folder, flows=40_000, files=40, seed=1):
    """Returns the files, in the order of their names."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"flows-{number:03}.jsonl.gz" for number in range(files)]
    chance = random.Random(seed + 1)
    pieces = [[] for _ in paths]
    opened = [gzip.GzipFile(path, "wb", compresslevel=1, mtime=0) for path in paths]
    for number, line in enumerate(lines(root, flows, seed)):
        pieces[chance.randrange(files)].append(line)
        if number % 50_000 == 0:
            for file, piece in zip(opened, pieces):
                file.write(b"".join(piece))
                piece.clear()
    for file, piece in zip(opened, pieces):
        file.write(b"".join(piece))
        file.close()
    return paths


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), *map(int, sys.argv[3:]))
