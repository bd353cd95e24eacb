// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// A kubeconfig, and what a credential plugin prints. Where the text holds the word hush, as the seeds' secrets do, no
// error may tell it.

#include "k8s/config/kubeconfig.hpp"
#include "fuzz/check.hpp"
#include "k8s/config/plugin_output.hpp"

namespace {

using namespace cpg;
using namespace cpg::k8s;

bool tells_no_value(std::string_view error) {
    return !error.starts_with("no kind ") && error.find("duplicate name ") == error.npos &&
           error.find("plugin is configured") == error.npos;
}

template <class Action>
void try_out(const Action& action) {
    try {
        action();
    } catch (const std::runtime_error& error) {
        const std::string_view told = error.what();
        fuzz::require(!told.empty(), "an error says something");
        if (tells_no_value(told)) fuzz::require(told.find("hush") == told.npos, "an error tells no secret", told);
    }
}

void check_config(std::string_view text) {
    const kubeconfig config = parse_kubeconfig(text, "/nowhere/config");
    kubeconfig merged = config;
    merge_kubeconfig(merged, config);
    fuzz::require(merged.clusters.size() == config.clusters.size() && merged.users.size() == config.users.size() &&
                      merged.contexts.size() == config.contexts.size(),
                  "a config that is merged with itself stays as it is");
    for (const auto& [name, cluster] : config.clusters) {
        const auto server = parse_server(cluster.server);
        fuzz::require(!server || (!server->host.empty() && !server->port.empty()), "a server has host and port");
    }
    for (const auto& [name, user] : config.users) {
        fuzz::require(user.name == name, "a user knows its name");
        token_expiry(user.token);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    try_out([&] { check_config(text); });
    try_out([&] { parse_plugin_output(text, "client.authentication.k8s.io/v1"); });
    return 0;
}
