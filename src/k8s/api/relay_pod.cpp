// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/api/relay_pod.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "base/url.hpp"
#include "k8s/config/json.hpp"

namespace cpg::k8s {

namespace {

bool is_ready(const boost::json::value& pod) {
    if (json_text(pod, {"status", "phase"}) != "Running") return false;
    if (!json_text(pod, {"metadata", "deletionTimestamp"}).empty()) return false;
    const boost::json::array* conditions = json_list(pod, {"status", "conditions"});
    if (!conditions) return false;
    for (const auto& condition : *conditions)
        if (json_text(condition, {"type"}) == "Ready") return json_text(condition, {"status"}) == "True";
    return false;
}

std::string pods_path(const pod_query& query) {
    return "/api/v1/namespaces/" + percent_encode(query.name_space) + "/pods";
}

unsigned port_number(const boost::json::value* value) {
    if (!value || !value->is_int64() || value->as_int64() < 1 || value->as_int64() > 65535) return 0;
    return static_cast<unsigned>(value->as_int64());
}

std::map<std::string, unsigned> named_ports(const boost::json::value& pod) {
    std::map<std::string, unsigned> out;
    const boost::json::array* const containers = json_list(pod, {"spec", "containers"});
    if (!containers) return out;
    for (const auto& container : *containers)
        if (const boost::json::array* const ports = json_list(container, {"ports"}))
            for (const auto& port : *ports)
                out.emplace(json_text(port, {"name"}), port_number(json_at(port, {"containerPort"})));
    return out;
}

boost::json::value parsed(std::string_view text) {
    boost::system::error_code error;
    boost::json::value out = boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
    return error ? boost::json::value() : out;
}

}  // namespace

std::vector<ready_pod> ready_pods(std::string_view pod_list) {
    const boost::json::value root = parsed(pod_list);
    const boost::json::array* const items = json_list(root, {"items"});
    if (!items) throw cluster_error("the server's list of pods can't be read");
    std::vector<ready_pod> out;
    for (const auto& pod : *items) {
        const std::string name = json_text(pod, {"metadata", "name"});
        if (!name.empty() && is_ready(pod))
            out.push_back({name, json_text(pod, {"spec", "nodeName"}), named_ports(pod)});
    }
    return out;
}

const ready_pod* choose_pod(std::span<const ready_pod> pods, std::span<const std::string> avoid) {
    const auto found = std::ranges::find_if(
        pods, [&](const ready_pod& pod) { return std::ranges::find(avoid, pod.name) == avoid.end(); });
    if (found != pods.end()) return &*found;
    return pods.empty() ? nullptr : &pods.front();
}

target_port read_target_port(std::string_view service) {
    const boost::json::value root = parsed(service);
    const boost::json::array* const ports = json_list(root, {"spec", "ports"});
    if (!ports) return {};
    for (const auto& port : *ports) {
        const std::string protocol = json_text(port, {"protocol"});
        if (!protocol.empty() && protocol != "TCP") continue;
        const boost::json::value* const target = json_at(port, {"targetPort"});
        return {port_number(target), target && target->is_string() ? json_text(port, {"targetPort"}) : std::string()};
    }
    return {};
}

unsigned port_of(const ready_pod& pod, const target_port& target, unsigned otherwise) {
    if (target.number != 0) return target.number;
    const auto named = pod.ports.find(target.name);
    return named != pod.ports.end() && named->second != 0 ? named->second : otherwise;
}

asio::awaitable<std::vector<ready_pod>> find_pods(api_client& client, pod_query query, steady_time until) {
    const std::string path = pods_path(query) + "?labelSelector=" + percent_encode(query.selector);
    const std::string list = co_await client.get(path, until);
    co_return ready_pods(list);
}

asio::awaitable<target_port> find_target_port(api_client& client, pod_query query, steady_time until) {
    const std::string path =
        "/api/v1/namespaces/" + percent_encode(query.name_space) + "/services/" + percent_encode(query.service);
    try {
        co_return read_target_port(co_await client.get(path, until));
    } catch (const api_error&) {
        co_return target_port{};
    }
}

std::string describe(const pod_query& query, const ready_pod& pod) {
    const std::string name = query.name_space + "/" + pod.name;
    return pod.node.empty() ? name : name + " on node " + pod.node;
}

std::string pod_path(const pod_query& query, const std::string& pod) {
    return pods_path(query) + "/" + percent_encode(pod);
}

}  // namespace cpg::k8s
