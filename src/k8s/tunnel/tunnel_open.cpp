// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/tunnel/tunnel_open.hpp"

#include <array>

#include "base/error.hpp"
#include "k8s/tunnel/spdy_tunnel.hpp"
#include "k8s/tunnel/websocket_tunnel.hpp"

namespace cpg::k8s {

namespace {

constexpr const char* other_way = "or give the relay's address with --server";

std::string unauthorized_text(const api_client& client) {
    return "the API server " + client.server() +
           " does not accept the credentials of the kubeconfig (401 Unauthorized); log in again or choose "
           "another "
           "context with --context";
}

std::string no_pod_text(const pod_query& query) {
    return "no running and ready pod with the label " + query.selector + " in namespace " + query.name_space +
           "; enable Hubble Relay (cilium hubble enable), " + other_way;
}

[[noreturn]] void fail_listing(const api_client& client, const pod_query& query, const api_error& error) {
    if (error.status.fault == api_fault::unauthorized) throw open_error(unauthorized_text(client), true);
    if (error.status.fault == api_fault::forbidden)
        throw open_error("looking for the pod " + query.selector + ": " + error.status.message +
                             "; grant the verb list on pods in namespace " + query.name_space + ", " + other_way,
                         true);
    throw open_error(std::string("looking for the pod ") + query.selector + ": " + error.what(), false);
}

// One attempt: what was tried last and what each transport said.
class attempt {
  public:
    attempt(api_client& client, const pod_query& query, transport first, std::string avoid, steady_time until)
        : client_(client), query_(query), machine_(first), avoid_(std::move(avoid)), until_(until) {}

    asio::awaitable<open_tunnel> run() {
        tunnel_step step = machine_.start();
        for (;;) {
            switch (step) {
                case tunnel_step::resolve_pod:
                    tunnel_.pod = co_await need_pod(client_, query_, avoid_, until_);
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
    asio::awaitable<upgrade_outcome> upgrade();
    upgrade_outcome judge(upgrade_answer got, const std::string& key);
    [[noreturn]] void fail() const;
    std::string& said() { return said_.at(static_cast<std::size_t>(machine_.current())); }

    api_client& client_;
    const pod_query query_;
    tunnel_machine machine_;
    std::string avoid_;
    steady_time until_;
    identity used_;
    open_tunnel tunnel_;
    std::array<std::string, 2> said_;  ///< by transport
};

asio::awaitable<upgrade_outcome> attempt::upgrade() {
    const std::string path = pod_path(query_, tunnel_.pod);
    const bool websocket = machine_.current() == transport::websocket;
    const std::string key = make_websocket_key();
    const http_request request = websocket ? websocket_request(path, query_.port, key) : spdy_request(path);
    upgrade_answer got;
    try {
        got = co_await client_.upgrade(request, until_);
    } catch (const connect_error& error) {
        if (error.permanent) throw open_error(error.what(), true);
        said() = error.what();
        co_return upgrade_outcome::failed;
    } catch (const http_error& error) {
        said() = error.what();
        co_return upgrade_outcome::failed;
    }
    co_return judge(std::move(got), key);
}

upgrade_outcome attempt::judge(upgrade_answer got, const std::string& key) {
    used_ = got.used;
    const bool websocket = machine_.current() == transport::websocket;
    const bool accepted = websocket ? websocket_accepted(got.answer, key) : spdy_accepted(got.answer);
    const upgrade_outcome outcome = classify_upgrade(accepted, got.answer);
    if (outcome != upgrade_outcome::connected) {
        said() = "HTTP " + std::to_string(got.answer.status) + ", " + read_status(got.answer).message;
        if (outcome == upgrade_outcome::pod_gone || outcome == upgrade_outcome::pod_unscheduled) avoid_ = tunnel_.pod;
        return outcome;
    }
    tunnel_.used = machine_.current();
    tunnel_.stream = std::move(got.stream);
    tunnel_.first = std::move(got.answer.rest);
    if (websocket)
        tunnel_.codec = std::make_unique<websocket_codec>(query_.port);
    else
        tunnel_.codec = std::make_unique<spdy_codec>(query_.port);
    return outcome;
}

void attempt::fail() const {
    const std::string where = "port-forward to pod " + query_.name_space + "/" + tunnel_.pod;
    switch (machine_.fault()) {
        case tunnel_fault::unauthorized: throw open_error(unauthorized_text(client_), true);
        case tunnel_fault::forbidden:
            throw open_error(where + " is forbidden (WebSocket: " + said_[0] + "; SPDY: " + said_[1] +
                                 "); grant the verbs get and create on pods/portforward in namespace " +
                                 query_.name_space + ", " + other_way,
                             true);
        case tunnel_fault::pod_gone:
            throw open_error(where + ": pods go as fast as they are found (" + said_[0] + said_[1] + ")", false);
        default: break;
    }
    throw open_error(where + " failed (WebSocket: " + said_[0] + "; SPDY: " + said_[1] + ")", false);
}

}  // namespace

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

asio::awaitable<std::string> need_pod(api_client& client, pod_query query, std::string avoid, steady_time until) {
    try {
        const std::optional<std::string> pod = co_await find_pod(client, query, avoid, until);
        if (pod) co_return *pod;
    } catch (const api_error& error) {
        fail_listing(client, query, error);
    } catch (const connect_error& error) {
        throw open_error(error.what(), error.permanent);
    } catch (const http_error& error) {
        throw open_error(error.what(), false);
    } catch (const fatal_error& error) {
        throw open_error(error.what(), false);
    }
    throw open_error(no_pod_text(query), false);
}

asio::awaitable<open_tunnel> open_pod_tunnel(api_client& client, pod_query query, transport first, std::string avoid,
                                             steady_time until) {
    attempt whole(client, query, first, std::move(avoid), until);
    co_return co_await whole.run();
}

}  // namespace cpg::k8s
