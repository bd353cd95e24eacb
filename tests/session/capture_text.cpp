// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/capture_text.hpp"

#include <array>

#include "support/flow_line.hpp"

namespace cpg::test {

namespace {

std::size_t below(std::size_t bound, std::mt19937& random) {
    return random() % bound;
}

// Several of these selectors have the same plain name; one has none.
std::string pod(std::mt19937& random) {
    using labels = std::vector<std::string>;
    static const std::array<labels, 8> of = {labels{"k8s:app=cart"},   labels{"k8s:app.kubernetes.io/name=cart"},
                                             labels{"k8s:tier=cart"},  labels{"k8s:app=My_App"},
                                             labels{"k8s:app=my-app"}, labels{"k8s:a=x", "k8s:b=y"},
                                             labels{"k8s:a=x-y"},      labels{"k8s:job-name=j"}};
    constexpr std::array<const char*, 3> namespaces = {"shop", "data", "jobs"};
    const std::string place = namespaces[below(namespaces.size(), random)];
    labels all = of[below(of.size(), random)];
    all.push_back("k8s:io.kubernetes.pod.namespace=" + place);
    return pod_end(place, all);
}

std::string reserved(std::mt19937& random) {
    constexpr std::array<const char*, 4> names = {"world", "host", "kube-apiserver", "remote-node"};
    return reserved_end(names[below(names.size(), random)]);
}

const char* protocol(std::mt19937& random) {
    return std::array{"UDP", "SCTP", "ICMPv4", "TCP", "TCP"}[below(5, random)];
}

std::string reason(std::mt19937& random) {
    if (below(12, random) == 0) return "CT_MAP_INSERTION_FAILED";
    return below(12, random) == 0 ? "POLICY_DENY" : "POLICY_DENIED";
}

shown_flow random_flow(std::mt19937& random) {
    shown_flow out;
    out.time =
        "2026-01-14T09:" + std::to_string(10 + below(50, random)) + ":" + std::to_string(10 + below(50, random)) + "Z";
    out.reason = reason(random);
    out.source_ip = "10.0.0." + std::to_string(below(9, random));
    out.destination_ip = "10.0.1." + std::to_string(below(9, random));
    out.protocol = protocol(random);
    out.source_port = 33000 + static_cast<unsigned>(below(50, random));
    out.port = out.protocol == "ICMPv4" ? 8 : 1 + static_cast<unsigned>(below(120, random));
    out.ingress = below(2, random) == 0;
    (out.ingress ? out.source : out.destination) = below(4, random) == 0 ? reserved(random) : pod(random);
    (out.ingress ? out.destination : out.source) = pod(random);
    out.event = R"({"type":1})";
    out.node = "node-" + std::to_string(below(3, random));
    return out;
}

}  // namespace

std::vector<std::string> random_capture(std::size_t flows, std::mt19937& random) {
    std::vector<std::string> out;
    while (out.size() < flows) {
        shown_flow flow = random_flow(random);
        out.push_back(line_of(flow));
        flow.event = R"({"type":5})";
        if (below(2, random) == 0) out.push_back(line_of(flow));
    }
    return out;
}

}  // namespace cpg::test
