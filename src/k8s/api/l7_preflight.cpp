// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/api/l7_preflight.hpp"

#include <asio/error.hpp>
#include <boost/json/parse.hpp>
#include <optional>
#include <system_error>

#include "base/url.hpp"
#include "k8s/config/json.hpp"

namespace cpg::k8s {

namespace {

std::string config_path(const std::string& name_space) {
    return "/api/v1/namespaces/" + percent_encode(name_space) + "/configmaps/cilium-config";
}

std::string envoy_path(const std::string& name_space) {
    return "/apis/apps/v1/namespaces/" + percent_encode(name_space) + "/daemonsets/cilium-envoy";
}

std::string config_remedy(const std::string& name_space) {
    return "set enable-l7-proxy: \"true\" in ConfigMap " + name_space +
           "/cilium-config (Helm: l7Proxy=true) and restart the Cilium agents";
}

constexpr const char* envoy_remedy =
    "run Envoy as that DaemonSet (Helm: envoy.enabled=true) or in the agent (envoy.enabled=false)";

using warnings = std::vector<preflight_warning>;

enum class seen : std::uint8_t { yes, missing, forbidden, unknown };

struct look {
    seen result = seen::unknown;
    boost::json::value object;
    std::string problem;
};

asio::awaitable<look> look_at(api_client& client, std::string path, steady_time until) {
    look out;
    try {
        const std::string body = co_await client.get(path, until);
        boost::system::error_code error;
        out.object = boost::json::parse(body, error);
        out.result = error ? seen::unknown : seen::yes;
        if (error) out.problem = "the server's answer is not JSON";
    } catch (const api_error& error) {
        out.problem = error.status.message;
        if (error.status.fault == api_fault::forbidden) out.result = seen::forbidden;
        if (error.status.fault == api_fault::not_found) out.result = seen::missing;
    } catch (const std::system_error& error) {
        if (error.code() == asio::error::operation_aborted) throw;
        out.problem = error.what();
    } catch (const std::exception& error) {
        out.problem = error.what();
    }
    co_return out;
}

preflight_warning unseen(const look& what, const std::string& name, const std::string& verb) {
    if (what.result == seen::forbidden)
        return {.message = "L7 preflight: reading " + name + " is forbidden: " + what.problem,
                .remedy = "grant the verb " + verb + ", or skip the check with --no-l7-preflight",
                .missing_verb = verb};
    return {.message = "L7 preflight: " + name + " could not be read: " + what.problem,
            .remedy = "check the connection to the cluster, or skip the check with --no-l7-preflight",
            .missing_verb = {}};
}

void check_config(const look& config, const std::string& name_space, warnings& out) {
    if (config.result == seen::missing) {
        out.push_back({.message = "L7 preflight: ConfigMap " + name_space + "/cilium-config not found",
                       .remedy = "is Cilium installed in " + name_space +
                                 "? --kube-namespace says where; without its L7 proxy there are no L7 records",
                       .missing_verb = {}});
        return;
    }
    if (config.result != seen::yes) {
        out.push_back(
            unseen(config, "ConfigMap " + name_space + "/cilium-config", "get on configmaps in " + name_space));
        return;
    }
    const boost::json::value* value = json_at(config.object, {"data", "enable-l7-proxy"});
    const std::string text = json_text(config.object, {"data", "enable-l7-proxy"});
    if (text == "true") return;
    out.push_back(
        {.message = value ? "L7 preflight: enable-l7-proxy is \"" + text + "\" in " + name_space + "/cilium-config"
                          : "L7 preflight: enable-l7-proxy is not set in " + name_space +
                                "/cilium-config; Cilium's default is true",
         .remedy = config_remedy(name_space),
         .missing_verb = {}});
}

// Envoy runs in the agent unless external-envoy-proxy says otherwise
// (install/kubernetes/cilium/templates/cilium-configmap.yaml); enable-envoy-config is about CRDs alone.
void check_envoy(const look& config, const look& envoy, const std::string& name_space, warnings& out) {
    if (envoy.result == seen::yes) return;
    if (config.result == seen::yes && json_text(config.object, {"data", "external-envoy-proxy"}) != "true") return;
    if (envoy.result != seen::missing) {
        out.push_back(
            unseen(envoy, "DaemonSet " + name_space + "/cilium-envoy", "get on daemonsets.apps in " + name_space));
        return;
    }
    out.push_back(
        {.message = "L7 preflight: no DaemonSet " + name_space + "/cilium-envoy, and external-envoy-proxy is \"true\"",
         .remedy = envoy_remedy,
         .missing_verb = {}});
}

}  // namespace

asio::awaitable<std::vector<preflight_warning>> check_l7(api_client& client, std::string name_space,
                                                         steady_time until) {
    warnings out;
    const look config = co_await look_at(client, config_path(name_space), until);
    const look envoy = co_await look_at(client, envoy_path(name_space), until);
    check_config(config, name_space, out);
    check_envoy(config, envoy, name_space, out);
    co_return out;
}

}  // namespace cpg::k8s
