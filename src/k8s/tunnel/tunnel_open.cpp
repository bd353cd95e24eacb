// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/tunnel/tunnel_open.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/error.hpp"
#include "k8s/tunnel/spdy_tunnel.hpp"
#include "k8s/tunnel/websocket_tunnel.hpp"

namespace cpg::k8s {

namespace {

constexpr const char* other_way = "or give the relay's address with --server";

std::string unauthorized_text(const api_client& client) {
    const std::string what = "the API server " + client.server() + " does not accept the credentials of ";
    if (client.access().context.empty())
        return what + "the pod's service account (401 Unauthorized); check the token that is mounted at " +
               client.access().user.token_file;
    return what + "the kubeconfig (401 Unauthorized); log in again or choose another context with --context";
}

std::string no_pod_text(const api_client& client, const pod_query& query) {
    return "no running and ready pod with the label " + query.selector + " in namespace " + query.name_space + " of " +
           client.server() +
           "; enable Hubble Relay (cilium hubble enable), name the namespace that it is in with --kube-namespace, " +
           other_way;
}

[[noreturn]] void fail_listing(const api_client& client, const pod_query& query, const api_error& error) {
    if (error.status.fault == api_fault::unauthorized) throw cluster_error(unauthorized_text(client), true);
    if (error.status.fault == api_fault::forbidden)
        throw cluster_error("looking for the pod " + query.selector + ": " + error.status.message +
                                "; grant the verb list on pods in namespace " + query.name_space + ", " + other_way,
                            true);
    throw cluster_error(std::string("looking for the pod ") + query.selector + ": " + error.what());
}

std::unique_ptr<tunnel_offer> make_offer(transport how, std::string pod_path, unsigned port) {
    if (how == transport::websocket) return std::make_unique<websocket_offer>(std::move(pod_path), port);
    return std::make_unique<spdy_offer>(std::move(pod_path), port);
}

// One attempt: what was tried last and what each transport said.
class attempt {
  public:
    attempt(api_client& client, const pod_query& query, tunnel_knowledge& known, steady_time until)
        : client_(client), query_(query), machine_(known.first), known_(known), until_(until) {}

    asio::awaitable<open_tunnel> run() {
        tunnel_step step = machine_.start();
        for (;;) {
            switch (step) {
                case tunnel_step::resolve_pod:
                    co_await find_pod();
                    step = machine_.on_pod();
                    break;
                case tunnel_step::open_websocket:
                case tunnel_step::open_spdy: step = machine_.on_upgrade(co_await upgrade()); break;
                case tunnel_step::renew_credentials: step = machine_.on_renewed(client_.refuse(used_)); break;
                case tunnel_step::connected: co_return std::move(tunnel_);
                case tunnel_step::give_up: fail();
            }
        }
    }

  private:
    asio::awaitable<void> find_pod();
    asio::awaitable<upgrade_outcome> upgrade();
    upgrade_outcome judge(upgrade_answer got, const tunnel_offer& offer);
    [[noreturn]] void fail() const;
    std::string& said() { return said_.at(static_cast<std::size_t>(machine_.current())); }

    api_client& client_;
    const pod_query query_;
    tunnel_machine machine_;
    tunnel_knowledge& known_;
    steady_time until_;
    identity used_;
    open_tunnel tunnel_;
    std::array<std::string, 2> said_;  ///< by transport
};

// A pod that is known to be there is taken without asking again; what is known is good for one attempt.
asio::awaitable<void> attempt::find_pod() {
    if (!std::exchange(known_.listed_just_now, false)) known_.pods = co_await need_pods(client_, query_, until_);
    known_.forget_gone();
    tunnel_.pod = *choose_pod(known_.pods, known_.avoid);
    tunnel_.port = port_of(tunnel_.pod, known_.target, query_.port);
}

asio::awaitable<upgrade_outcome> attempt::upgrade() {
    const auto offer = make_offer(machine_.current(), pod_path(query_, tunnel_.pod.name), tunnel_.port);
    upgrade_answer got;
    try {
        got = co_await client_.upgrade(offer->request(), until_);
    } catch (const cluster_error& error) {
        if (error.permanent) throw;
        said() = error.what();
        co_return upgrade_outcome::failed;
    }
    co_return judge(std::move(got), *offer);
}

upgrade_outcome attempt::judge(upgrade_answer got, const tunnel_offer& offer) {
    used_ = got.used;
    const upgrade_outcome outcome = classify_upgrade(offer.is_accepted(got.answer), got.answer);
    if (outcome == upgrade_outcome::connected) {
        tunnel_.used = machine_.current();
        tunnel_.stream = std::move(got.stream);
        tunnel_.codec = offer.codec();
        return outcome;
    }
    said() = "HTTP " + std::to_string(got.answer.status) + ", " + read_status(got.answer).message;
    if (outcome == upgrade_outcome::pod_gone || outcome == upgrade_outcome::pod_unscheduled)
        known_.pod_failed(tunnel_.pod.name);
    return outcome;
}

void attempt::fail() const {
    if (machine_.fault() == tunnel_fault::refused) known_.pod_failed(tunnel_.pod.name);
    const std::string where = "port-forward to pod " + describe(query_, tunnel_.pod) + " through " + client_.server();
    switch (machine_.fault()) {
        case tunnel_fault::unauthorized: throw cluster_error(unauthorized_text(client_), true);
        case tunnel_fault::forbidden:
            throw cluster_error(where + " is forbidden (WebSocket: " + said_[0] + "; SPDY: " + said_[1] +
                                    "); grant the verbs get and create on pods/portforward in namespace " +
                                    query_.name_space + ", " + other_way,
                                true);
        case tunnel_fault::pod_gone:
            throw cluster_error(where + ": pods go as fast as they are found (" + said_[0] + said_[1] + ")");
        default: break;
    }
    throw cluster_error(where + " failed (WebSocket: " + said_[0] + "; SPDY: " + said_[1] + ")");
}

}  // namespace

void tunnel_knowledge::forget_gone() {
    std::erase_if(avoid, [this](const std::string& name) {
        return std::ranges::find(pods, name, &ready_pod::name) == pods.end();
    });
    if (!has_another()) avoid.clear();
}

void tunnel_knowledge::pod_failed(const std::string& pod) {
    if (std::ranges::find(avoid, pod) == avoid.end()) avoid.push_back(pod);
}

bool tunnel_knowledge::has_another() const {
    return std::ranges::any_of(
        pods, [this](const ready_pod& pod) { return std::ranges::find(avoid, pod.name) == avoid.end(); });
}

upgrade_outcome classify_upgrade(bool accepted, const http_answer& answer) {
    if (accepted) return upgrade_outcome::connected;
    const api_status status = read_status(answer);
    if (status.fault == api_fault::unauthorized) return upgrade_outcome::unauthorized;
    if (status.fault == api_fault::forbidden) return upgrade_outcome::forbidden;
    if (status.reason == "NotFound" && status.kind == "pods") return upgrade_outcome::pod_gone;
    if (status.code == 400 && status.message.find("does not have a host assigned") != std::string::npos)
        return upgrade_outcome::pod_unscheduled;
    return upgrade_outcome::failed;
}

asio::awaitable<std::vector<ready_pod>> need_pods(api_client& client, pod_query query, steady_time until) {
    try {
        std::vector<ready_pod> pods = co_await find_pods(client, query, until);
        if (!pods.empty()) co_return pods;
    } catch (const api_error& error) {
        fail_listing(client, query, error);
    } catch (const fatal_error& error) {
        throw cluster_error(error.what());
    }
    throw cluster_error(no_pod_text(client, query));
}

asio::awaitable<open_tunnel> open_pod_tunnel(api_client& client, pod_query query, tunnel_knowledge& known,
                                             steady_time until) {
    attempt whole(client, query, known, until);
    co_return co_await whole.run();
}

}  // namespace cpg::k8s
