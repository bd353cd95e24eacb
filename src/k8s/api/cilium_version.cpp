// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/api/cilium_version.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "base/text.hpp"
#include "base/url.hpp"
#include "k8s/config/json.hpp"

namespace cpg::k8s {

namespace {

std::string agent_path(const std::string& name_space) {
    return "/apis/apps/v1/namespaces/" + percent_encode(name_space) + "/daemonsets/cilium";
}

std::string config_path(const std::string& name_space) {
    return "/api/v1/namespaces/" + percent_encode(name_space) + "/configmaps/cilium-config";
}

// Null for an object that is not there or may not be read: the other may tell.
asio::awaitable<boost::json::value> look_at(api_client& client, std::string path, steady_time until) {
    try {
        boost::system::error_code error;
        boost::json::value out = boost::json::parse(co_await client.get(path, until), error);
        co_return error ? boost::json::value() : out;
    } catch (const api_error& error) {
        if (error.status.fault == api_fault::unauthorized) throw;
        co_return boost::json::value();
    }
}

// `quay.io/cilium/cilium:v1.19.4@sha256:…`; the registry may have a port.
std::string_view tag_of(std::string_view image) {
    image = image.substr(0, image.find('@'));
    const std::size_t colon = image.rfind(':');
    return colon == std::string_view::npos || image.find('/', colon) != std::string_view::npos
               ? std::string_view()
               : image.substr(colon + 1);
}

std::optional<cilium_version> version_of_image(const boost::json::value& agent) {
    const boost::json::value* const containers = json_at(agent, {"spec", "template", "spec", "containers"});
    if (!containers || !containers->is_array()) return std::nullopt;
    for (const boost::json::value& each : containers->get_array())
        if (json_text(each, {"name"}) == "cilium-agent")
            return parse_cilium_version(tag_of(json_text(each, {"image"})));
    return std::nullopt;
}

std::optional<cilium_version> version_of_config(const boost::json::value& config) {
    if (auto found = parse_cilium_version(json_text(config, {"data", "cilium-version"}))) return found;
    return parse_cilium_version(json_text(config, {"metadata", "labels", "app.kubernetes.io/version"}));
}

}  // namespace

std::optional<cilium_version> parse_cilium_version(std::string_view text) {
    text = text.substr(0, text.find('@'));
    std::string_view rest = text.substr(text.starts_with('v') ? 1 : 0);
    const auto take_number = [&]() -> std::optional<unsigned> {
        const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
        const auto number = parse_unsigned(rest.substr(0, std::min<std::size_t>(digits, 5)));
        rest.remove_prefix(digits);
        if (!number || digits > 5) return std::nullopt;
        return static_cast<unsigned>(*number);
    };
    const auto major = take_number();
    if (!major || !rest.starts_with('.')) return std::nullopt;
    rest.remove_prefix(1);
    const auto minor = take_number();
    if (!minor || (!rest.empty() && rest[0] != '.' && rest[0] != '-')) return std::nullopt;
    return cilium_version{.major = *major, .minor = *minor, .text = std::string(text)};
}

asio::awaitable<std::optional<cilium_version>> find_cilium_version(api_client& client, std::string name_space,
                                                                   steady_time until) {
    if (auto found = version_of_image(co_await look_at(client, agent_path(name_space), until))) co_return found;
    co_return version_of_config(co_await look_at(client, config_path(name_space), until));
}

}  // namespace cpg::k8s
