// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/capture_text.hpp"

#include <array>

namespace cpg::test {

namespace {

std::size_t below(std::size_t bound, std::mt19937& random) {
    return random() % bound;
}

// Several of these selectors have the same plain name; one has none.
std::string pod(std::mt19937& random) {
    constexpr std::array<const char*, 8> labels = {R"("k8s:app=cart")",   R"("k8s:app.kubernetes.io/name=cart")",
                                                   R"("k8s:tier=cart")",  R"("k8s:app=My_App")",
                                                   R"("k8s:app=my-app")", R"("k8s:a=x","k8s:b=y")",
                                                   R"("k8s:a=x-y")",      R"("k8s:job-name=j")"};
    constexpr std::array<const char*, 3> namespaces = {"shop", "data", "jobs"};
    const std::string place = namespaces[below(namespaces.size(), random)];
    return R"({"namespace":")" + place + R"(","labels":[)" + labels[below(labels.size(), random)] +
           R"(,"k8s:io.kubernetes.pod.namespace=)" + place + R"("]})";
}

std::string reserved(std::mt19937& random) {
    constexpr std::array<const char*, 4> names = {"world", "host", "kube-apiserver", "remote-node"};
    return R"({"labels":["reserved:)" + std::string(names[below(names.size(), random)]) + R"("]})";
}

std::string l4(std::mt19937& random) {
    const std::string ports = R"("source_port":)" + std::to_string(33000 + below(50, random)) +
                              R"(,"destination_port":)" + std::to_string(1 + below(120, random));
    switch (below(5, random)) {
        case 0: return R"({"UDP":{)" + ports + "}}";
        case 1: return R"({"SCTP":{)" + ports + "}}";
        case 2: return R"({"ICMPv4":{"type":8}})";
        default: return R"({"TCP":{)" + ports + R"(,"flags":{"SYN":true}}})";
    }
}

std::string reason(std::mt19937& random) {
    if (below(12, random) == 0) return "CT_MAP_INSERTION_FAILED";
    return below(12, random) == 0 ? "POLICY_DENY" : "POLICY_DENIED";
}

std::string line(const std::string& middle, unsigned event, std::size_t node) {
    return R"({"flow":{"verdict":"DROPPED",)" + middle + R"(,"event_type":{"type":)" + std::to_string(event) +
           R"(},"Type":"L3_L4"},"node_name":"node-)" + std::to_string(node) + "\"}\n";
}

}  // namespace

std::vector<std::string> random_capture(std::size_t flows, std::mt19937& random) {
    std::vector<std::string> out;
    while (out.size() < flows) {
        const bool ingress = below(2, random) == 0;
        const std::string peer = below(4, random) == 0 ? reserved(random) : pod(random);
        const std::string subject = pod(random);
        const std::string middle = R"("time":"2026-01-14T09:)" + std::to_string(10 + below(50, random)) + ":" +
                                   std::to_string(10 + below(50, random)) + R"(Z","drop_reason_desc":")" +
                                   reason(random) + R"(","IP":{"source":"10.0.0.)" + std::to_string(below(9, random)) +
                                   R"(","destination":"10.0.1.)" + std::to_string(below(9, random)) + R"("},"l4":)" +
                                   l4(random) + R"(,"source":)" + (ingress ? peer : subject) + R"(,"destination":)" +
                                   (ingress ? subject : peer) + R"(,"traffic_direction":")" +
                                   (ingress ? "INGRESS" : "EGRESS") + "\"";
        const std::size_t node = below(3, random);
        out.push_back(line(middle, 1, node));
        if (below(2, random) == 0) out.push_back(line(middle, 5, node));
    }
    return out;
}

}  // namespace cpg::test
