// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/names_capture.hpp"

#include <array>

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
    return R"({"namespace":")" + place + R"(","labels":["k8s:app=)" + app + R"(","k8s:io.kubernetes.pod.namespace=)" +
           place + R"("]})";
}

// Of one namespace nobody asks a server that is told.
std::string server(const std::string& of, std::mt19937& random) {
    if (of.find("\"lone\"") != std::string::npos) return R"({"labels":["reserved:unknown"]})";
    return one_of(
        std::array{R"({"namespace":"openshift-dns","labels":["k8s:dns.operator.openshift.io/daemonset-dns=default"]})",
                   R"({"labels":["reserved:host"]})", R"({"identity":2,"labels":["reserved:world"]})"},
        random);
}

std::string line(const std::string& verdict, const std::string& from, const std::string& to, const std::string& ip,
                 const std::string& rest) {
    return R"({"flow":{"time":"2026-01-14T09:00:00Z","verdict":")" + verdict +
           R"(","IP":{"source":"10.0.0.1","destination":")" + ip + R"("},"source":)" + from + R"(,"destination":)" +
           to + R"(,"traffic_direction":"EGRESS",)" + rest + "},\"node_name\":\"n\"}\n";
}

std::string query(const std::string& pod, std::mt19937& random) {
    return line(one_of(std::array{"FORWARDED", "DROPPED"}, random), pod, server(pod, random), "192.0.2.53",
                R"("l4":{"UDP":{"source_port":40000,"destination_port":5353}},"Type":"L7","l7":{"type":"REQUEST",)"
                R"("dns":{"query":")" +
                    one_of(names, random) + R"(."}},"is_reply":false)");
}

std::string answer(const std::string& pod, std::mt19937& random) {
    return line("FORWARDED", server(pod, random), pod, "10.0.0.9",
                R"("l4":{"UDP":{"source_port":5353,"destination_port":40000}},"Type":"L7","l7":{"type":"RESPONSE",)"
                R"("dns":{"query":")" +
                    one_of(names, random) + R"(.","ips":["203.0.113.)" + std::to_string(random() % 6) +
                    R"("]}},"is_reply":true)");
}

std::string drop(const std::string& pod, std::mt19937& random) {
    if (random() % 4 == 0)
        return line("DROPPED", pod, server(pod, random), "192.0.2.53",
                    R"("drop_reason_desc":"POLICY_DENIED","l4":{"UDP":{"source_port":40000,"destination_port":53}})");
    const std::string shown = random() % 2 == 0 ? R"(,"destination_names":[")" + one_of(names, random) + R"("])" : "";
    return line("DROPPED", pod, R"({"labels":["reserved:world"]})", "203.0.113." + std::to_string(random() % 6),
                R"("drop_reason_desc":"POLICY_DENIED","l4":{"TCP":{"source_port":40000,"destination_port":)" +
                    one_of(std::array{"443", "8443"}, random) + R"(,"flags":{"SYN":true}}})" + shown);
}

}  // namespace

std::vector<std::string> names_capture(std::size_t flows, std::mt19937& random) {
    std::vector<std::string> out;
    while (out.size() < flows) {
        const std::string pod = client(random);
        switch (random() % 3) {
            case 0: out.push_back(query(pod, random)); break;
            case 1: out.push_back(answer(pod, random)); break;
            default: out.push_back(drop(pod, random));
        }
    }
    return out;
}

}  // namespace cpg::test
