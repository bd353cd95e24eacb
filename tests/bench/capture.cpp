// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "bench/capture.hpp"

#include <array>
#include <utility>

#include "base/timestamp.hpp"

namespace cpg::bench {

namespace {

constexpr std::array<unsigned, 10> ports = {443, 80, 5432, 6379, 8080, 8443, 9090, 9092, 3306, 27017};
constexpr unsigned pods_of_a_workload = 3;
constexpr std::string_view forwarded_event = R"({"type":4})";

struct pod {
    unsigned workload = 0;
    unsigned namespaces = 20;
    unsigned replica = 0;
    std::string more_labels = {};  ///< each with a comma behind it
};

std::string text_of(const pod& shown) {
    const std::string app = "app-" + std::to_string(shown.workload);
    const std::string place = "team-" + std::to_string(shown.workload % shown.namespaces);
    return R"({"ID":)" + std::to_string(100 + shown.workload) + R"(,"identity":)" +
           std::to_string(20'000 + shown.workload) + R"(,"cluster_name":"prod-eu","namespace":")" + place +
           R"(","labels":["k8s:app.kubernetes.io/component=server",)" + R"("k8s:app.kubernetes.io/name=)" + app +
           R"(","k8s:app.kubernetes.io/part-of=shop",)" + shown.more_labels +
           R"("k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=)" + place + R"(",)" +
           R"("k8s:io.cilium.k8s.policy.cluster=prod-eu","k8s:io.cilium.k8s.policy.serviceaccount=)" + app + R"(",)" +
           R"("k8s:io.kubernetes.pod.namespace=)" + place + R"("],"pod_name":")" + app + "-6d5f7c9b8d-q2x7" +
           static_cast<char>('k' + shown.replica) + R"(","workloads":[{"name":")" + app + R"(","kind":"Deployment"}]})";
}

std::string pod_ip(unsigned workload, unsigned replica = 0) {
    return "10.42." + std::to_string(workload % 250) + "." + std::to_string(17 + workload / 250 + 8 * replica);
}

std::string world_ip(std::uint64_t number) {
    return "185." + std::to_string(number >> 16 & 255) + "." + std::to_string(number >> 8 & 255) + "." +
           std::to_string(number & 255);
}

const std::string world_end = R"({"identity":2,"labels":["reserved:world"]})";
const std::string dns_end =
    R"({"ID":77,"identity":9001,"cluster_name":"prod-eu","namespace":"kube-system",)"
    R"("labels":["k8s:io.cilium.k8s.policy.cluster=prod-eu","k8s:io.kubernetes.pod.namespace=kube-system",)"
    R"("k8s:k8s-app=kube-dns"],"pod_name":"coredns-5d78c9869d-abcde",)"
    R"("workloads":[{"name":"coredns","kind":"Deployment"}]})";

constexpr std::array<std::pair<std::string_view, world>, 8> names = {{{"plain", world::plain},
                                                                      {"steady", world::steady},
                                                                      {"wide", world::wide},
                                                                      {"dirty", world::dirty},
                                                                      {"forwarded", world::forwarded},
                                                                      {"peers", world::peers},
                                                                      {"workloads", world::workloads},
                                                                      {"ports", world::ports}}};

}  // namespace

std::optional<world> world_of(std::string_view name) {
    for (const auto& [known, is] : names)
        if (known == name) return is;
    return std::nullopt;
}

// Half of what a compressed capture takes are these.
std::string capture::uuid() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "00000000-0000-4000-8000-000000000000";
    for (char& each : out)
        if (each == '0') each = digits[below(16)];
    return out;
}

// As Hubble prints it, with what differs between all lines.
std::string capture::printed(shown flow) {
    time_ns_ += 500'000 + below(1'000'000);
    flow.time = format_timestamp(time_ns_);
    flow.node = "prod-eu/worker-" + flow.node;
    if (!flow.protocol.starts_with("ICMP")) flow.source_port = 32'768 + below(28'000);
    flow.uuid = uuid();
    flow.whole = true;
    return test::line_of(flow);
}

// Few peers a workload, as in a real cluster: most flows ask for a rule that is there already.
capture::shown capture::plain_flow() {
    shown out{.reason_number = 133};
    const bool dropped = below(100) < settings_.dropped_percent;
    const unsigned subject = below(settings_.workloads);
    const unsigned peer = (subject + 1 + below(5)) % settings_.workloads;
    if (!dropped) out.verdict = "FORWARDED", out.reason_number = 0, out.reason = "";
    out.source = text_of({.workload = peer});
    out.destination = text_of({.workload = subject});
    out.source_ip = "10.42." + std::to_string(peer % 250) + ".17";
    out.destination_ip = "10.42." + std::to_string(subject % 250) + ".33";
    out.port = ports[below(8)];
    out.node = std::to_string(subject % 8);
    if (made_ % 2 == 0) out.event = R"({"type":1,"sub_type":133})";
    return out;
}

capture::shown capture::steady_flow() {
    shown out{.reason_number = 133};
    constexpr unsigned namespaces = 40;
    const unsigned subject = below(settings_.workloads);
    const unsigned replica = below(pods_of_a_workload);
    const std::string own = text_of({.workload = subject, .namespaces = namespaces, .replica = replica});
    const unsigned kind = below(100);
    out.node = std::to_string(subject % 8);
    if (made_ % 2 == 0) out.event = R"({"type":1,"sub_type":133})";
    out.ingress = kind >= 15;
    (out.ingress ? out.destination : out.source) = own;
    (out.ingress ? out.destination_ip : out.source_ip) = pod_ip(subject, replica);
    if (kind < 10) {
        out.destination = dns_end;
        out.destination_ip = "10.42.0.9";
        out.protocol = "UDP";
        out.port = 53;
    } else if (kind < 15 && subject % 5 == 0) {
        out.destination = world_end;
        out.destination_ip = world_ip(subject * 3 + below(3));
        out.port = 443;
    } else {
        const unsigned nth = below(2 + subject % 7);
        const unsigned peer = (subject * 7 + nth * 13 + 1) % settings_.workloads;
        const unsigned peer_replica = below(pods_of_a_workload);
        (out.ingress ? out.source : out.destination) =
            text_of({.workload = peer, .namespaces = namespaces, .replica = peer_replica});
        (out.ingress ? out.source_ip : out.destination_ip) = pod_ip(peer, peer_replica);
        out.port = ports[(subject + nth * 3) % ports.size()];
    }
    return out;
}

// Nine of ten rules are new. One port is met more often than others, as it is in clusters.
capture::shown capture::wide_flow() {
    shown out{.reason_number = 133};
    const auto random_pod = [&](unsigned workload) {
        return text_of({.workload = workload,
                        .namespaces = 40,
                        .more_labels = R"("k8s:revision=r)" + std::to_string(below(20)) + R"(",)"});
    };
    const unsigned subject = below(settings_.workloads);
    const unsigned peer = below(settings_.workloads);
    out.source = random_pod(peer);
    out.destination = random_pod(subject);
    out.source_ip = pod_ip(peer);
    out.destination_ip = pod_ip(subject);
    out.port = ports[below(5) == 0 ? below(ports.size()) : 0];
    out.node = std::to_string(subject % 8);
    return out;
}

capture::shown capture::scan_flow() {
    shown out{.reason_number = 133, .node = "0"};
    const bool new_workloads = settings_.world == world::workloads;
    const auto number = static_cast<unsigned>(made_);
    out.source = new_workloads ? text_of({.workload = 1}) : world_end;
    out.destination = text_of({.workload = new_workloads ? number : 7});
    out.source_ip = new_workloads ? pod_ip(1) : world_ip(number);
    out.destination_ip = pod_ip(7);
    out.port = settings_.world == world::ports ? 1 + number % 65'535 : 443;
    return out;
}

// One of each kind that makes no rule, or another rule.
void capture::spoil(shown& flow, unsigned how) {
    const auto denied = [&](unsigned number, const char* name) { flow.reason_number = number, flow.reason = name; };
    std::string& subject = flow.ingress ? flow.destination : flow.source;
    std::string& peer = flow.ingress ? flow.source : flow.destination;
    switch (how) {
        case 0: flow.protocol = "VRRP"; return;
        case 1: subject = "null"; return;
        case 2: subject = R"({"identity":20001,"labels":["k8s:app=x"]})"; return;
        case 3: peer = "null"; return;
        case 4: flow.port = 0; return;
        case 5: subject = R"({"identity":1,"labels":["reserved:host"]})"; return;
        case 6: flow.more = R"("is_reply":true,)"; return;
        case 7: denied(181, "POLICY_DENY"); return;
        case 8: denied(189, "AUTH_REQUIRED"); return;
        case 9: denied(177, "DENIED_BY_LB_SRC_RANGE_CHECK"); return;
        case 10: denied(251, "NOT_YET_KNOWN"); return;
        case 11: denied(140, "CT_MAP_INSERTION_FAILED"); return;
        case 12: subject = R"({"identity":20001,"namespace":"team-1","labels":["k8s:pod-template-hash=1"]})"; return;
        case 13: subject = R"({"identity":20001,"namespace":"Team_1","labels":["k8s:app=x"]})"; return;
        case 14: peer = world_end, (flow.ingress ? flow.source_ip : flow.destination_ip) = "?"; return;
        case 15: flow.source_ip = "fd00::1:" + std::to_string(below(9)), flow.destination_ip = "fd00::2"; return;
        case 16:
            flow.protocol = "ICMPv6";
            flow.port = 128;
            return;
        case 17:
            flow.more = R"("l7":{"type":"REQUEST","http":{"method":"GET","url":"http://shop/api/)" +
                        std::to_string(below(50)) + R"(","protocol":"HTTP/1.1"}},)";
            return;
        case 18:
            flow.more = R"("l7":{"type":"REQUEST","dns":{"query":"name-)" + std::to_string(below(50)) +
                        R"(.example.com.","qtypes":["A"]}},)";
            return;
        default: flow.verdict = "FORWARDED", flow.reason_number = 0, flow.reason = "", flow.event = forwarded_event;
    }
}

std::string capture::dirty_line() {
    constexpr unsigned kinds = 20;
    const unsigned how = below(3 * kinds);
    shown flow = steady_flow();
    if (how < kinds) spoil(flow, how);
    std::string line = printed(flow);
    switch (how) {
        case kinds: return line.substr(0, line.size() / 2) + "\n";
        case kinds + 1: return "\n";
        case kinds + 2:
            return R"({"lost_events":{"source":"PERF_EVENT_RING_BUFFER","num_events_lost":"3"}})"
                   "\n";
        case kinds + 3:
            return R"({"node_status":{"state_change":"NODE_CONNECTED","node_names":["prod-eu/worker-1"]}})"
                   "\n";
        case kinds + 4: return "not JSON at all\n";
        default: return line;
    }
}

std::string capture::next() {
    ++made_;
    switch (settings_.world) {
        case world::plain: return printed(plain_flow());
        case world::steady: return printed(steady_flow());
        case world::wide: return printed(wide_flow());
        case world::dirty: return dirty_line();
        case world::forwarded: {
            shown flow = steady_flow();
            if (below(10) != 0) spoil(flow, ~0u);
            return printed(flow);
        }
        case world::peers:
        case world::workloads:
        case world::ports: return printed(scan_flow());
    }
    return {};
}

}  // namespace cpg::bench
