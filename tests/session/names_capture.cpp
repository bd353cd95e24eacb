// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/names_capture.hpp"

#include <array>

#include "support/flow_line.hpp"

namespace cpg::test {

namespace {

template <std::size_t N>
std::string one_of(const std::array<const char*, N>& from, std::mt19937& random) {
    return from[random() % N];
}

constexpr std::array names = {"api.example.com",
                              "pay.example.net",
                              "cdn.example.org",
                              "redis.shop.svc.corp.internal",
                              "api.example.com.data.svc.corp.internal",
                              "api.example.com.corp.internal",
                              "kubernetes.default.svc.corp.internal"};

std::string client(std::mt19937& random) {
    const std::string place = one_of(std::array{"shop", "data", "jobs", "lone"}, random);
    const std::string app = one_of(std::array{"a", "b", "c"}, random);
    return pod_end(place, {"k8s:app=" + app, "k8s:io.kubernetes.pod.namespace=" + place});
}

// Of one namespace nobody asks a server that is told.
std::string server(const std::string& of, std::mt19937& random) {
    if (of.find("\"lone\"") != std::string::npos) return reserved_end("unknown");
    switch (random() % 3) {
        case 0: return pod_end("openshift-dns", {"k8s:dns.operator.openshift.io/daemonset-dns=default"});
        case 1: return reserved_end("host");
        default: return reserved_end("world");
    }
}

shown_flow query(const std::string& pod, std::mt19937& random) {
    shown_flow out = dns_query(pod, server(pod, random), 5353, one_of(names, random));
    out.verdict = one_of(std::array{"FORWARDED", "DROPPED"}, random);
    return out;
}

shown_flow answer(const std::string& pod, std::mt19937& random) {
    return dns_answer(pod, server(pod, random), 5353, one_of(names, random),
                      "\"203.0.113." + std::to_string(random() % 6) + "\"");
}

shown_flow drop(const std::string& pod, std::mt19937& random) {
    shown_flow out{.source = pod, .destination = server(pod, random), .ingress = false};
    if (random() % 4 == 0) {
        out.destination_ip = "192.0.2.53";
        out.protocol = "UDP";
        out.port = 53;
        return out;
    }
    out.destination = reserved_end("world");
    out.destination_ip = "203.0.113." + std::to_string(random() % 6);
    out.port = random() % 2 == 0 ? 443 : 8443;
    if (random() % 2 == 0) out.more = R"("destination_names":[")" + one_of(names, random) + R"("],)";
    return out;
}

}  // namespace

std::vector<std::string> names_capture(std::size_t flows, std::mt19937& random) {
    std::vector<std::string> out;
    while (out.size() < flows) {
        const std::string pod = client(random);
        switch (random() % 3) {
            case 0: out.push_back(line_of(query(pod, random))); break;
            case 1: out.push_back(line_of(answer(pod, random))); break;
            default: out.push_back(line_of(drop(pod, random)));
        }
    }
    return out;
}

}  // namespace cpg::test
