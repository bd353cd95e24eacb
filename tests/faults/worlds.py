# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""What a run is given: flows, in one piece or several, and what lies in the output folder before it."""
import json
import os
import pathlib


# The namespace of the last flow that is served live: where it was seen, all others were.
MARKER = "last-one"


class World:
    """`chunks` are given one after the other, each when the one before has been written. `lay` puts files into a new
    output folder, `earlier` is a capture whose policies and evidence are there already."""

    def __init__(self, name, chunks, flags=(), earlier="", lay=lambda out: None):
        self.name = name
        self.chunks = chunks
        self.flags = list(flags)
        self.earlier = earlier
        self.lay = lay
        self.live = name == "live"

    def capture(self, count=None):
        return "".join(self.chunks[:count])


def flow(peer, port, subject="cart", namespace="shop", **more):
    """A denied connection of app=peer to app=subject, as tests/e2e/workplace.hpp has it."""
    ends = {"source": {"namespace": namespace, "labels": ["k8s:app=" + peer]},
            "destination": {"namespace": namespace, "labels": ["k8s:app=" + subject]}}
    return json.dumps({"flow": {
        "time": "2026-01-14T09:00:00Z", "verdict": "DROPPED", "drop_reason_desc": "POLICY_DENIED",
        "IP": {"source": "10.0.0.1", "destination": "10.0.0.2"},
        "l4": {"TCP": {"source_port": 40000, "destination_port": port, "flags": {"SYN": True}}},
        **ends, "Type": "L3_L4", "event_type": {"type": 5}, "traffic_direction": "INGRESS", **more}, "node_name": "n"}) + "\n"


def last_flow():
    """A relay serves flows in the order of their times."""
    return flow("last", 80, "last", MARKER, time="2026-04-25T00:00:00Z")


def flow_out(port, subject, namespace):
    """A denied connection of app=subject to an address outside the cluster."""
    return flow("x", port, namespace=namespace, traffic_direction="EGRESS",
                IP={"source": "10.0.0.2", "destination": "203.0.113.7"},
                source={"namespace": namespace, "labels": ["k8s:app=" + subject]},
                destination={"labels": ["reserved:world"]})


def edit(path, added, mode=0o644):
    """A person's hand in a file."""
    path.write_text("# checked by hand\n" + path.read_text() + added)
    path.chmod(mode)


def lay_persons_files(out):
    """After the policies of a part of the shop: edited, locked up, renamed, behind a link, and what is none of cpg's."""
    production = out / "production"
    edit(production / "api-server.yaml", "# until here\n", 0o640)
    (production / "cart.yaml").rename(production / "mine.yml")
    edit(production / "mine.yml", "", 0o600)
    (out / "kept").mkdir()
    (production / "frontend.yaml").rename(out / "kept" / "web.yaml")
    (production / "frontend.yaml").symlink_to(os.path.join("..", "kept", "web.yaml"))
    (production / "service.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata:\n  name: cpg-other\n")
    (out / "README.md").write_text("not of cpg\n")


def merge_world(data, chance, count=8):
    """Files of the merge cases, each in a namespace of its own, and the flows that are to be merged into them."""
    cases = sorted(path.name.removesuffix(".before.yaml") for path in data.glob("*.before.yaml")
                   if b"\n  namespace: shop\n" in path.read_bytes()
                   and not (data / path.name.replace("before.yaml", "refused.txt")).exists()
                   and not (data / path.name.replace("before.yaml", "incoming.yaml")).exists())
    chosen = {f"shop-{number}": name for number, name in enumerate(chance.sample(cases, count))}
    flows = "".join(flow("frontend", 8080, namespace=each) + flow("frontend", 9090, namespace=each) +
                    flow_out(443, "cart", each) for each in chosen)

    def lay(out):
        for namespace, name in chosen.items():
            text = (data / f"{name}.before.yaml").read_bytes()
            (out / namespace).mkdir()
            (out / namespace / "cart.yaml").write_bytes(text.replace(b"namespace: shop", b"namespace: " + namespace.encode()))

    return World("merge", [flows], lay=lay)


def growing_chunks():
    """Every chunk adds something to most workloads."""
    return ["".join(flow(f"peer-{number}", 8000 + number, subject, namespace)
                    for namespace in ("shop", "store") for subject in ("cart", "web", "db") if (subject, number) != ("db", 1))
            for number in range(4)]


def moving_chunks():
    """The second chunk brings a workload that has a better right to the name of the first, the third one more of both."""
    def to(key, port):
        return flow("a", port, destination={"namespace": "shop", "labels": [f"k8s:{key}=web"]})

    return [to("app.kubernetes.io/name", 80) + flow("a", 80, "other"), to("app", 81) + flow("b", 81, "other"),
            to("app.kubernetes.io/name", 82) + to("app", 82) + flow("c", 82, "other")]


def all_worlds(source, chance):
    source = pathlib.Path(source)
    shop = (source / "docs/examples/shop.jsonl").read_text()
    # Of all four workloads that have several rules a part of these.
    part = "".join(shop.splitlines(keepends=True)[5::13])
    l7 = (source / "docs/examples/l7.jsonl").read_text()
    sample = (source / "tests/data/sample-flows.jsonl").read_text()
    return [
        World("new", [shop]),
        World("person", [shop], earlier=part, lay=lay_persons_files),
        World("sample", [sample], ["--l7"]),
        World("l7", [l7], ["--l7"]),
        merge_world(source / "tests/data/merge", chance),
        World("fed", growing_chunks(), earlier=growing_chunks()[0]),
        World("moved", moving_chunks()),
        World("live", [shop + last_flow()], earlier=part),
    ]
