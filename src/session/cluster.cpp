// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/cluster.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <exception>
#include <map>
#include <memory>
#include <optional>

#include "base/error.hpp"
#include "k8s/api/api_client.hpp"
#include "k8s/api/cilium_policies.hpp"
#include "k8s/api/l7_preflight.hpp"
#include "k8s/config/load_access.hpp"
#include "policy/covers.hpp"
#include "policy/yaml.hpp"
#include "session/stop_signals.hpp"

namespace cpg {

namespace {

using policy_name = std::pair<std::string, std::string>;

steady_time after(std::chrono::nanoseconds timeout) {
    return std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(timeout);
}

// Runs one question to its answer. A signal ends it in order, with whatever it has started.
template <class Answer>
Answer ask(asio::io_context& context, asio::awaitable<Answer> question) {
    asio::cancellation_signal stop;
    asio::signal_set signals(context);
    add_stop_signals(signals);
    int stopped_by = 0;
    signals.async_wait([&](asio::error_code ec, int signal) {
        if (ec) return;
        stopped_by = signal;
        stop.emit(asio::cancellation_type::terminal);
    });
    std::optional<Answer> out;
    std::exception_ptr failed;
    const auto take = [&](std::exception_ptr error, Answer answer) {
        failed = error;
        out = std::move(answer);
        signals.cancel();
    };
    asio::co_spawn(context, std::move(question), asio::bind_cancellation_slot(stop.slot(), take));
    context.run();
    if (stopped_by)
        throw stopped_by_signal("stopped by " + std::string(signal_name(stopped_by)) + " before the capture began");
    if (failed) std::rethrow_exception(failed);
    return std::move(*out);
}

// The documents are read once, when they come; one that can't be read allows nothing.
std::map<policy_name, tree> read_policies(const std::vector<k8s::cluster_policy>& listed, logger& log) {
    std::map<policy_name, tree> out;
    for (const k8s::cluster_policy& each : listed) {
        try {
            const std::vector<tree> documents = parse_yaml(each.json);
            if (!documents.empty()) out.emplace(policy_name{each.name_space, each.name}, documents.front());
        } catch (const yaml_error& error) {
            log.warn("policy of the cluster could not be read",
                     {{"namespace", each.name_space}, {"name", each.name}, {"problem", error.what()}});
        }
    }
    return out;
}

}  // namespace

k8s::cluster_access find_cluster(const cluster_flags& flags, logger& log) {
    k8s::access_request request = k8s::access_request::from_environment();
    request.kubeconfig_file = flags.kubeconfig;
    request.context = flags.context;
    return k8s::load_cluster_access(request, log);
}

std::function<bool(const policy&)> policies_in_cluster(const cluster_flags& flags, std::vector<std::string> namespaces,
                                                       std::chrono::nanoseconds timeout, logger& log) {
    asio::io_context context;
    k8s::api_client client(context.get_executor(), find_cluster(flags, log), log, "cpg");
    std::vector<k8s::cluster_policy> listed;
    try {
        listed = ask(context, k8s::list_cilium_policies(client, std::move(namespaces), after(timeout)));
    } catch (const fatal_error&) {
        throw;
    } catch (const std::exception& error) {
        throw fatal_error("listing the cluster's policies for --cluster-dedup: " + std::string(error.what()));
    }
    log.info("policies of the cluster listed",
             {{"server", client.server()}, {"policies", std::uint64_t{listed.size()}}});
    const auto known = std::make_shared<const std::map<policy_name, tree>>(read_policies(listed, log));
    return [known](const policy& wanted) {
        const auto found = known->find({wanted.pod_namespace, wanted.name()});
        return found != known->end() && allows_all(found->second, wanted);
    };
}

void warn_about_l7(const cluster_flags& flags, std::chrono::nanoseconds timeout, logger& log) {
    try {
        asio::io_context context;
        k8s::api_client client(context.get_executor(), find_cluster(flags, log), log, "cpg");
        for (const k8s::preflight_warning& each : ask(context, k8s::check_l7(client, after(timeout)))) {
            log_fields fields = {{"remedy", each.remedy}};
            if (!each.missing_verb.empty()) fields.emplace_back("missing_verb", each.missing_verb);
            log.warn(each.message, fields);
        }
    } catch (const stopped_by_signal&) {
        throw;
    } catch (const std::exception& error) {
        log.warn("the cluster's L7 settings could not be checked; --no-l7-preflight skips this",
                 {{"problem", error.what()}});
    }
}

}  // namespace cpg
