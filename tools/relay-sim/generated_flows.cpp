// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "generated_flows.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>
#include <string>

namespace cpg::sim {

namespace {

constexpr std::int64_t first_second = 1'767'225'600;  // 2026-01-01T00:00:00Z
constexpr std::uint32_t workloads_a_namespace = 10;

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

// Of version 4 in form; the last group is left to the log.
std::string uuid_of(std::uint64_t index, std::uint32_t seed) {
    char text[37];
    std::snprintf(text, sizeof text, "%08x-%04x-4000-8000-000000000000", static_cast<unsigned>(index), seed & 0xffff);
    return text;
}

std::string namespace_of(std::uint32_t workload) {
    return "team-" + number(workload / workloads_a_namespace);
}

std::string address_of(std::uint32_t workload) {
    return "10.0." + number(workload / 250 % 250) + "." + number(1 + workload % 250);
}

void fill(::flow::Endpoint& out, std::uint32_t workload, bool local) {
    const std::string name = "app-" + number(workload);
    const std::string name_space = namespace_of(workload);
    out.set_identity(1000 + workload);
    out.set_namespace_(name_space);
    out.set_pod_name(name + "-7bd9d5c6f4-m8zrp");
    out.set_cluster_name("sim");
    out.add_labels("k8s:app.kubernetes.io/name=" + name);
    out.add_labels("k8s:app.kubernetes.io/part-of=shop");
    out.add_labels("k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=" + name_space);
    out.add_labels("k8s:io.cilium.k8s.policy.cluster=sim");
    out.add_labels("k8s:io.cilium.k8s.policy.serviceaccount=" + name);
    out.add_labels("k8s:io.kubernetes.pod.namespace=" + name_space);
    if (!local) return;
    out.set_id(100 + workload);
    auto& owner = *out.add_workloads();
    owner.set_name(name);
    owner.set_kind("Deployment");
}

class generator {
  public:
    explicit generator(const settings& settings) : settings_(settings), random_(settings.seed) {}

    observer::GetFlowsResponse make(std::uint64_t index) {
        observer::GetFlowsResponse out;
        auto& flow = *out.mutable_flow();
        flow.mutable_time()->set_seconds(first_second + static_cast<std::int64_t>(index / 1000));
        flow.mutable_time()->set_nanos(static_cast<std::int32_t>(index % 1000 * 1'000'000));
        flow.set_uuid(uuid_of(index, settings_.seed));
        fill_ends(flow);
        fill_verdict(flow);
        fill_node(flow, below(4));
        flow.set_type(::flow::L3_L4);
        out.set_node_name(flow.node_name());
        *out.mutable_time() = flow.time();
        return out;
    }

  private:
    // What Hubble tells besides, in real flows, and no policy needs.
    static void fill_node(::flow::Flow& flow, std::uint32_t node) {
        const std::string name = "worker-" + number(node);
        flow.set_node_name("sim/" + name);
        for (const char* label :
             {"kubernetes.io/arch=amd64", "kubernetes.io/os=linux", "topology.kubernetes.io/zone=a"})
            flow.add_node_labels(label);
        flow.add_node_labels("kubernetes.io/hostname=" + name);
        flow.mutable_ethernet()->set_source("0a:58:0a:00:01:02");
        flow.mutable_ethernet()->set_destination("0a:58:0a:00:01:01");
        flow.mutable_interface()->set_index(22);
        flow.mutable_interface()->set_name("lxc0c1f2a3b4d5e");
    }

    std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

    void fill_ends(::flow::Flow& flow) {
        constexpr std::array ports = {80u, 443u, 5432u, 6379u, 8080u, 9090u};
        const std::uint32_t count = std::max(2u, settings_.workloads);
        const std::uint32_t source = below(count);
        const std::uint32_t destination = (source + 1 + below(count - 1)) % count;
        fill(*flow.mutable_source(), source, false);
        fill(*flow.mutable_destination(), destination, true);
        flow.mutable_ip()->set_source(address_of(source));
        flow.mutable_ip()->set_destination(address_of(destination));
        flow.mutable_ip()->set_ipversion(::flow::IPv4);
        auto& tcp = *flow.mutable_l4()->mutable_tcp();
        tcp.set_source_port(32768 + below(28000));
        tcp.set_destination_port(ports[below(ports.size())]);
        tcp.mutable_flags()->set_syn(true);
        flow.set_traffic_direction(::flow::INGRESS);
    }

    void fill_verdict(::flow::Flow& flow) {
        const bool dropped = std::uniform_real_distribution<double>(0, 1)(random_) < settings_.drop_share;
        flow.set_verdict(dropped ? ::flow::DROPPED : ::flow::FORWARDED);
        flow.mutable_event_type()->set_type(dropped ? 1 : 4);
        if (!dropped) return;
        flow.set_drop_reason_desc(::flow::POLICY_DENIED);
        flow.mutable_event_type()->set_sub_type(::flow::POLICY_DENIED);
        flow.mutable_file()->set_name("bpf_lxc.c");
        flow.mutable_file()->set_line(2096);
    }

    const settings& settings_;
    std::minstd_rand random_;
};

}  // namespace

std::vector<observer::GetFlowsResponse> generated_flows(const settings& settings) {
    generator make(settings);
    std::vector<observer::GetFlowsResponse> out;
    for (std::uint64_t i = 0; i < settings.flows; ++i)
        out.push_back(make.make(i));
    return out;
}

}  // namespace cpg::sim
