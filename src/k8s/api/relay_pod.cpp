// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/api/relay_pod.hpp"

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

}  // namespace

std::optional<std::string> choose_pod(std::string_view pod_list, const std::string& avoid) {
    boost::system::error_code error;
    const boost::json::value root =
        boost::json::parse(boost::json::string_view(pod_list.data(), pod_list.size()), error);
    const boost::json::array* items = error ? nullptr : json_list(root, {"items"});
    if (!items) throw http_error("the server's list of pods can't be read");
    std::optional<std::string> out;
    for (const auto& pod : *items) {
        const std::string name = json_text(pod, {"metadata", "name"});
        if (name.empty() || !is_ready(pod)) continue;
        if (name != avoid) return name;
        out = name;
    }
    return out;
}

asio::awaitable<std::optional<std::string>> find_pod(api_client& client, pod_query query, std::string avoid,
                                                     steady_time until) {
    const std::string path = pods_path(query) + "?labelSelector=" + percent_encode(query.selector);
    const std::string list = co_await client.get(path, until);
    co_return choose_pod(list, avoid);
}

std::string pod_path(const pod_query& query, const std::string& pod) {
    return pods_path(query) + "/" + percent_encode(pod);
}

}  // namespace cpg::k8s
