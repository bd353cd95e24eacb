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
#include <mutex>
#include <optional>

#include "base/error.hpp"
#include "enforce/allowing.hpp"
#include "enforce/read_policies.hpp"
#include "k8s/api/api_client.hpp"
#include "k8s/api/cilium_policies.hpp"
#include "k8s/api/cilium_version.hpp"
#include "k8s/api/l7_preflight.hpp"
#include "k8s/config/load_access.hpp"
#include "policy/default_deny.hpp"
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

// The policies of the cluster, each read when it is first asked for: of thousands a run wants a few. Any thread.
class listed_policies {
  public:
    listed_policies(std::vector<k8s::cluster_policy> listed, logger& log) : log_(log) {
        for (k8s::cluster_policy& each : listed)
            texts_[{each.name_space, each.name}] = std::move(each.json);
    }

    bool allow(const policy& wanted) {
        const std::lock_guard lock(mutex_);
        const auto* const found = find({wanted.pod_namespace, wanted.name()});
        return found && allow_all(*found, wanted);
    }

  private:
    // Null for one that is not there, or that can't be read and so allows nothing.
    const std::vector<judged_policy>* find(const policy_name& name) {
        if (const auto text = texts_.extract(name)) read(name, text.mapped());
        const auto found = read_.find(name);
        return found == read_.end() ? nullptr : &found->second;
    }

    void read(const policy_name& name, const std::string& json) {
        try {
            read_.emplace(name, read_policies({.file = name.second, .namespace_of_folder = name.first, .text = json}));
        } catch (const yaml_error& error) {
            log_.warn("policy of the cluster could not be read",
                      {{"namespace", name.first}, {"name", name.second}, {"problem", error.what()}});
        }
    }

    logger& log_;
    std::mutex mutex_;
    std::map<policy_name, std::string> texts_;  ///< not read yet
    std::map<policy_name, std::vector<judged_policy>> read_;
};

}  // namespace

k8s::cluster_access find_cluster(const cluster_flags& flags, logger& log) {
    k8s::access_request request = k8s::access_request::from_environment();
    request.kubeconfig_file = flags.kubeconfig;
    request.context = flags.context;
    k8s::cluster_access out = k8s::load_cluster_access(request, log);
    if (flags.as.empty()) return out;
    out.user.impersonate = flags.as;
    out.user.impersonate_uid.clear();
    out.user.impersonate_extra.clear();
    out.user.impersonate_groups = flags.as_groups;
    return out;
}

std::function<bool(const policy&)> policies_in_cluster(const cluster_flags& flags, std::vector<std::string> namespaces,
                                                       std::chrono::steady_clock::time_point until, logger& log) {
    asio::io_context context;
    k8s::api_client client(context.get_executor(), find_cluster(flags, log), log, flags.user_agent);
    std::vector<k8s::cluster_policy> listed;
    try {
        listed = ask(context, k8s::list_cilium_policies(client, std::move(namespaces), until));
    } catch (const fatal_error&) {
        throw;
    } catch (const std::exception& error) {
        throw fatal_error("listing the cluster's policies for --cluster-dedup: " + std::string(error.what()));
    }
    log.info("policies of the cluster listed",
             {{"server", client.server()}, {"policies", std::uint64_t{listed.size()}}});
    const auto known = std::make_shared<listed_policies>(std::move(listed), log);
    return [known](const policy& wanted) { return known->allow(wanted); };
}

std::vector<policy_in_force> list_policies_in_force(const cluster_flags& flags,
                                                    std::chrono::steady_clock::time_point until, logger& log) {
    asio::io_context context;
    k8s::api_client client(context.get_executor(), find_cluster(flags, log), log, flags.user_agent);
    std::vector<policy_in_force> out;
    try {
        for (k8s::cluster_policy& each : ask(context, k8s::list_policies_in_force(client, until)))
            out.push_back({.name = (each.name_space.empty() ? "" : each.name_space + "/") + each.name,
                           .text = std::move(each.json)});
    } catch (const fatal_error&) {
        throw;
    } catch (const std::exception& error) {
        throw fatal_error("listing the cluster's policies for --with-cluster: " + std::string(error.what()));
    }
    log.info("policies of the cluster listed", {{"server", client.server()}, {"policies", std::uint64_t{out.size()}}});
    return out;
}

std::optional<default_deny_support> ask_for_default_deny(const cluster_flags& flags, std::chrono::nanoseconds timeout,
                                                         logger& log) {
    constexpr const char* note = "the cluster's Cilium could not be told: the policy needs Cilium 1.16 or later";
    try {
        asio::io_context context;
        k8s::api_client client(context.get_executor(), find_cluster(flags, log), log, flags.user_agent);
        const auto found = ask(context, k8s::find_cilium_version(client, flags.kube_namespace, after(timeout)));
        if (found)
            return default_deny_support{
                .cilium = found->text,
                .is_there = std::pair(found->major, found->minor) >= std::pair(default_deny_major, default_deny_minor)};
        log.info(note, {{"problem", "neither DaemonSet cilium nor ConfigMap cilium-config in " + flags.kube_namespace +
                                        " tells"}});
    } catch (const stopped_by_signal&) {
        throw;
    } catch (const std::exception& error) {
        log.info(note, {{"problem", error.what()}});
    }
    return std::nullopt;
}

void warn_about_l7(const cluster_flags& flags, std::chrono::nanoseconds timeout, logger& log) {
    try {
        asio::io_context context;
        k8s::api_client client(context.get_executor(), find_cluster(flags, log), log, flags.user_agent);
        for (const k8s::preflight_warning& each :
             ask(context, k8s::check_l7(client, flags.kube_namespace, after(timeout)))) {
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
