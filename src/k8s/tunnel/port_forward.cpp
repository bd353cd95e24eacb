// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/tunnel/port_forward.hpp"

#include <openssl/rand.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/dispatch.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/strand.hpp>
#include <asio/use_awaitable.hpp>
#include <list>
#include <mutex>
#include <set>
#include <system_error>

#include "base/error.hpp"
#include "k8s/api/api_client.hpp"
#include "k8s/tunnel/tunnel_open.hpp"

namespace cpg::k8s {

namespace {

using local_protocol = asio::local::stream_protocol;

constexpr std::size_t most_connections = 16;

// 128 random bits: another process can't guess the name, nor take it first.
std::string random_name() {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), bytes.size()) != 1) throw fatal_error("no random numbers from OpenSSL");
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "cpg-";
    for (const unsigned char byte : bytes)
        out.append({digits[byte >> 4U], digits[byte & 15U]});
    return out;
}

bool is_this_process(local_protocol::socket& peer) {
    ucred who{};
    socklen_t size = sizeof who;
    return ::getsockopt(peer.native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.pid == ::getpid();
}

}  // namespace

class port_forward::state : public std::enable_shared_from_this<state> {
  public:
    state(const asio::any_io_executor& executor, const cluster_access& access, logger& log,
          port_forward_settings settings)
        : strand_(asio::make_strand(executor)),
          log_(log),
          settings_(std::move(settings)),
          name_(random_name()),
          client_(strand_, access, log, settings_.user_agent, settings_.proxies),
          acceptor_(strand_) {}

    asio::any_io_executor strand() const { return strand_; }
    const std::string& name() const { return name_; }

    asio::awaitable<void> start(steady_time until);
    void stop();

    std::string last_error() const {
        const std::lock_guard lock(mutex_);
        return last_error_;
    }
    bool permanent() const {
        const std::lock_guard lock(mutex_);
        return permanent_;
    }
    std::size_t untried_pods() const {
        const std::lock_guard lock(mutex_);
        return static_cast<std::size_t>(
            std::ranges::count_if(listed_, [this](const std::string& name) { return !failed_.contains(name); }));
    }
    void avoid_pod() {
        const std::lock_guard lock(mutex_);
        if (!pod_.empty()) failed_.insert(pod_);
    }

  private:
    using stops = std::list<std::shared_ptr<asio::cancellation_signal>>;

    void say_where(const ready_pod& pod);
    void before_attempt();
    void after_attempt(const std::string& pod);
    asio::awaitable<void> accept();
    void serve_apart(local_protocol::socket peer);
    asio::awaitable<void> serve(local_protocol::socket peer);
    asio::awaitable<void> serve_or_throw(local_protocol::socket& peer);
    template <typename Body>
    void spawn(Body body);
    void remember(const std::string& error, bool permanent);

    asio::any_io_executor strand_;
    logger& log_;
    const port_forward_settings settings_;
    const std::string name_;
    api_client client_;
    local_protocol::acceptor acceptor_;
    stops stops_;  ///< of every coroutine that runs
    tunnel_knowledge known_;
    bool stopped_ = false;

    mutable std::mutex mutex_;  ///< over those below, which other threads read
    std::string last_error_;
    bool permanent_ = false;
    std::string pod_;  ///< of the last tunnel
    std::vector<std::string> listed_;
    std::set<std::string> failed_;
};

asio::awaitable<void> port_forward::state::start(steady_time until) {
    try {
        const auto kept = client_.keep_open();
        known_.pods = co_await need_pods(client_, settings_.pod, until);
        known_.target = co_await find_target_port(client_, settings_.pod, until);
        known_.listed_just_now = true;
        after_attempt({});
        say_where(known_.pods.front());
    } catch (const cluster_error& error) {
        remember(error.what(), error.permanent);
        throw fatal_error(error.what());
    }
    if (stopped_) throw std::system_error(asio::error::operation_aborted);
    const local_protocol::endpoint endpoint(std::string(1, '\0') + name_);
    acceptor_.open(endpoint.protocol());
    acceptor_.bind(endpoint);
    acceptor_.listen();
    spawn(accept());
}

void port_forward::state::say_where(const ready_pod& pod) {
    log_.info("port-forward to Hubble Relay", {{"pod", describe(settings_.pod, pod)},
                                               {"port", std::uint64_t{port_of(pod, known_.target, settings_.pod.port)}},
                                               {"ready_pods", std::uint64_t{known_.pods.size()}}});
}

// Every coroutine holds the state and can be cancelled by stop().
template <typename Body>
void port_forward::state::spawn(Body body) {
    const auto entry = stops_.insert(stops_.end(), std::make_shared<asio::cancellation_signal>());
    asio::co_spawn(
        strand_, std::move(body),
        asio::bind_cancellation_slot((*entry)->slot(), [self = shared_from_this(), entry](const std::exception_ptr&) {
            // Not under the signal's own emit().
            asio::post(self->strand_, [self, entry] { self->stops_.erase(entry); });
        }));
}

asio::awaitable<void> port_forward::state::accept() {
    while (!stopped_) {
        asio::error_code error;
        local_protocol::socket peer =
            co_await acceptor_.async_accept(strand_, asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::operation_aborted || stopped_) co_return;
        if (error) {
            // Out of descriptors, as a rule: some will be free again.
            asio::steady_timer pause(strand_, std::chrono::milliseconds(100));
            co_await pause.async_wait(asio::use_awaitable);
            continue;
        }
        if (is_this_process(peer) && stops_.size() <= most_connections) spawn(serve(std::move(peer)));
    }
}

// The peer is closed last: who sees the end of its connection finds the reason remembered.
asio::awaitable<void> port_forward::state::serve(local_protocol::socket peer) {
    std::string error;
    bool permanent = false;
    try {
        co_await serve_or_throw(peer);
    } catch (const cluster_error& failed) {
        error = failed.what();
        permanent = failed.permanent;
    } catch (const std::system_error&) {
        co_return;  // stopped
    } catch (const std::exception& failed) {
        error = failed.what();
    }
    if (error.empty() || stopped_) co_return;
    remember(error, permanent);
    log_.debug("port-forward ended", {{"reason", error}});
}

asio::awaitable<void> port_forward::state::serve_or_throw(local_protocol::socket& peer) {
    const auto until = std::chrono::steady_clock::now() + settings_.open_time;
    open_tunnel tunnel;
    before_attempt();
    try {
        tunnel = co_await open_pod_tunnel(client_, settings_.pod, known_, until);
    } catch (const cluster_error&) {
        known_.first = transport::websocket;
        after_attempt({});
        throw;
    }
    after_attempt(tunnel.pod.name);
    known_.first = tunnel.used;
    remember({}, false);
    log_.debug("port-forward open", {{"pod", describe(settings_.pod, tunnel.pod)},
                                     {"transport", tunnel.used == transport::websocket ? "websocket" : "spdy"}});
    const std::string error = co_await pump_tunnel(*tunnel.stream, *tunnel.codec, peer, settings_.times);
    if (error.empty()) co_return;
    avoid_pod();
    throw cluster_error("port-forward to pod " + describe(settings_.pod, tunnel.pod) + " through " + client_.server() +
                        ": " + error);
}

void port_forward::state::before_attempt() {
    const std::lock_guard lock(mutex_);
    known_.avoid.assign(failed_.begin(), failed_.end());
}

void port_forward::state::after_attempt(const std::string& pod) {
    const std::lock_guard lock(mutex_);
    failed_ = {known_.avoid.begin(), known_.avoid.end()};
    pod_ = pod;
    listed_.clear();
    for (const ready_pod& each : known_.pods)
        listed_.push_back(each.name);
}

void port_forward::state::remember(const std::string& error, bool permanent) {
    const std::lock_guard lock(mutex_);
    last_error_ = error;
    permanent_ = permanent;
}

void port_forward::state::stop() {
    if (std::exchange(stopped_, true)) return;
    asio::error_code ignored;
    acceptor_.close(ignored);
    for (const auto& stop : stops(stops_))
        stop->emit(asio::cancellation_type::terminal);
}

port_forward::port_forward(const asio::any_io_executor& executor, const cluster_access& access, logger& log,
                           port_forward_settings settings)
    : state_(std::make_shared<state>(executor, access, log, std::move(settings))) {}

port_forward::~port_forward() {
    stop();
}

asio::awaitable<void> port_forward::start(steady_time until) {
    const auto shared = state_;
    const auto run = [](std::shared_ptr<state> self, steady_time limit) -> asio::awaitable<void> {
        co_await self->start(limit);
    };
    co_await asio::co_spawn(shared->strand(), run(shared, until), asio::use_awaitable);
}

std::string port_forward::target() const {
    return "unix-abstract:" + state_->name();
}
std::string port_forward::last_error() const {
    return state_->last_error();
}
bool port_forward::permanent_error() const {
    return state_->permanent();
}

std::size_t port_forward::untried_pods() const {
    return state_->untried_pods();
}
void port_forward::avoid_pod() {
    state_->avoid_pod();
}

void port_forward::stop() {
    asio::dispatch(state_->strand(), [shared = state_] { shared->stop(); });
}

}  // namespace cpg::k8s
