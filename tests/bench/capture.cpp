// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "bench/capture.hpp"

#include <array>

#include "base/timestamp.hpp"

namespace cpg::bench {

namespace {

constexpr std::array<unsigned, 8> ports = {80, 443, 5432, 6379, 8080, 8443, 9090, 9092};

}  // namespace

std::string capture::pod(unsigned workload) {
    const std::string app = "app-" + std::to_string(workload);
    const std::string place = "team-" + std::to_string(workload % 20);
    return R"({"ID":)" + std::to_string(100 + workload) + R"(,"identity":)" + std::to_string(20'000 + workload) +
           R"(,"cluster_name":"prod-eu","namespace":")" + place +
           R"(","labels":["k8s:app.kubernetes.io/component=server",)" + R"("k8s:app.kubernetes.io/name=)" + app +
           R"(","k8s:app.kubernetes.io/part-of=shop",)" +
           R"("k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=)" + place + R"(",)" +
           R"("k8s:io.cilium.k8s.policy.cluster=prod-eu","k8s:io.cilium.k8s.policy.serviceaccount=)" + app + R"(",)" +
           R"("k8s:io.kubernetes.pod.namespace=)" + place + R"("],"pod_name":")" + app + R"(-6d5f7c9b8d-q2x7k",)" +
           R"("workloads":[{"name":")" + app + R"(","kind":"Deployment"}]})";
}

std::string capture::next() {
    const bool dropped = below(100) < settings_.dropped_percent;
    const unsigned subject = below(settings_.workloads);
    // Few peers a workload, as in a real cluster: most flows ask for a rule that is there already.
    const unsigned peer = (subject + 1 + below(5)) % settings_.workloads;
    const std::string time = format_timestamp(1'768'381'918'000'000'000 + static_cast<std::int64_t>(made_) * 1'000'003);
    const std::string node = "prod-eu/worker-" + std::to_string(subject % 8);
    const std::string reason = dropped ? R"("drop_reason":133,"drop_reason_desc":"POLICY_DENIED",)" : "";
    ++made_;
    return R"({"flow":{"time":")" + time + R"(","uuid":"0632b0cc-8c4a-41b4-aea6-)" +
           std::to_string(100'000'000'000 + made_) + R"(","verdict":")" + (dropped ? "DROPPED" : "FORWARDED") + "\"," +
           reason +
           R"("ethernet":{"source":"aa:05:cf:91:bf:4d","destination":"9e:7a:12:2a:8d:f2"},"IP":{"source":"10.42.)" +
           std::to_string(peer % 250) + ".17\",\"destination\":\"10.42." + std::to_string(subject % 250) +
           R"(.33","ipVersion":"IPv4"},"l4":{"TCP":{"source_port":)" + std::to_string(32'768 + below(28'000)) +
           R"(,"destination_port":)" + std::to_string(ports[below(ports.size())]) +
           R"(,"flags":{"SYN":true}}},"source":)" + pod(peer) + R"(,"destination":)" + pod(subject) +
           R"(,"Type":"L3_L4","node_name":")" + node + R"(","event_type":{"type":)" +
           (made_ % 2 ? R"(1,"sub_type":133)" : "5") +
           R"(},"traffic_direction":"INGRESS","Summary":"TCP Flags: SYN"},"node_name":")" + node + R"(","time":")" +
           time + "\"}\n";
}

}  // namespace cpg::bench
