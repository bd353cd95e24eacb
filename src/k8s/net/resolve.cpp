// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/net/resolve.hpp"

#include <ares.h>
#include <sys/time.h>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cstring>
#include <map>
#include <memory>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "k8s/net/connection.hpp"

namespace cpg::k8s {

namespace {

using asio::ip::tcp;
using descriptor = asio::posix::stream_descriptor;

std::string reason(int status) {
    switch (status) {
        case ARES_ENOTFOUND: return "no such host";
        case ARES_ENODATA: return "the host has no address";
        case ARES_ETIMEOUT: return "no answer in time";
        case ARES_ECONNREFUSED: return "no DNS server answers";
        case ARES_EBADNAME: return "not a host name";
        default: return lower(ares_strerror(status));
    }
}

[[noreturn]] void fail(const std::string& host, const std::string& why) {
    throw cluster_error("lookup " + printable(host) + ": " + why);
}

// c-ares wants that once a process, before anything else of it.
int init_library() {
    static const int status = ares_library_init(ARES_LIB_INIT_ALL);
    return status;
}

std::vector<tcp::endpoint> endpoints_of(const ares_addrinfo& info, unsigned short port) {
    std::vector<tcp::endpoint> out;
    for (const ares_addrinfo_node* node = info.nodes; node; node = node->ai_next) {
        tcp::endpoint endpoint;
        if (node->ai_family != AF_INET && node->ai_family != AF_INET6) continue;
        if (node->ai_addrlen > endpoint.capacity()) continue;
        std::memcpy(endpoint.data(), node->ai_addr, node->ai_addrlen);
        endpoint.port(port);
        out.push_back(endpoint);
    }
    return out;
}

// One direction of a socket of c-ares.
struct interest {
    descriptor::wait_type what;
    bool wanted = false;
    bool waits = false;
};

struct watched {
    explicit watched(const asio::any_io_executor& executor) : socket(executor) {}
    watched(const watched&) = delete;
    watched& operator=(const watched&) = delete;
    ~watched() { let_go(); }

    // Ends the waits, whose handlers keep this object; c-ares opened the socket and closes it.
    void let_go() {
        if (socket.is_open()) socket.release();
    }

    descriptor socket;
    interest read = {.what = descriptor::wait_read};
    interest write = {.what = descriptor::wait_write};
};

// One look-up. Handlers that are queued still when it has stopped keep it alive and find no channel.
class look_up : public std::enable_shared_from_this<look_up> {
  public:
    explicit look_up(const asio::any_io_executor& executor) : executor_(executor), tick_(executor), ended_(executor) {}
    look_up(const look_up&) = delete;
    look_up& operator=(const look_up&) = delete;
    ~look_up() { stop(); }

    int open(const std::string& servers) {
        if (const int status = init_library(); status != ARES_SUCCESS) return status;
        ares_options options{};
        options.sock_state_cb = [](void* self, ares_socket_t socket, int read, int write) {
            static_cast<look_up*>(self)->watch(socket, read != 0, write != 0);
        };
        options.sock_state_cb_data = this;
        const int status = ares_init_options(&channel_, &options, ARES_OPT_SOCK_STATE_CB);
        if (status != ARES_SUCCESS || servers.empty()) return status;
        return ares_set_servers_ports_csv(channel_, servers.c_str());
    }

    void start(const std::string& host, unsigned short port) {
        port_ = port;
        ares_addrinfo_hints hints{};
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM;
        const auto finished = [](void* self, int status, int, ares_addrinfo* info) {
            static_cast<look_up*>(self)->finish(status, info);
        };
        ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, finished, this);
        set_tick();
    }

    // Until the end of the look-up, or `until`; both leave no error.
    asio::awaitable<void> wait(steady_time until) {
        if (done_) co_return;
        ended_.expires_at(until);
        asio::error_code error;
        co_await ended_.async_wait(asio::redirect_error(asio::use_awaitable, error));
        if (error && !done_) throw std::system_error(error);
    }

    bool done() const { return done_; }
    int status() const { return status_; }
    std::vector<tcp::endpoint> take() { return std::move(found_); }

    void stop() {
        tick_.cancel();
        if (!channel_) return;
        ares_destroy(std::exchange(channel_, nullptr));  // forgets the sockets by watch()
    }

  private:
    void finish(int status, ares_addrinfo* info) {
        done_ = true;
        status_ = status;
        if (info) found_ = endpoints_of(*info, port_);
        if (info) ares_freeaddrinfo(info);
        ended_.cancel();
    }

    void watch(ares_socket_t socket, bool read, bool write) {
        if (!read && !write) return forget(socket);
        std::shared_ptr<watched>& entry = sockets_[socket];
        if (!entry) {
            entry = std::make_shared<watched>(executor_);
            asio::error_code ignored;  // without it the query ends by its time-out
            entry->socket.assign(socket, ignored);
        }
        entry->read.wanted = read;
        entry->write.wanted = write;
        wait_for(socket, entry, entry->read);
        wait_for(socket, entry, entry->write);
    }

    void forget(ares_socket_t socket) {
        const auto found = sockets_.find(socket);
        if (found == sockets_.end()) return;
        found->second->let_go();
        sockets_.erase(found);
    }

    void wait_for(ares_socket_t socket, const std::shared_ptr<watched>& entry, interest& direction) {
        if (!direction.wanted || direction.waits || !entry->socket.is_open()) return;
        direction.waits = true;
        entry->socket.async_wait(direction.what,
                                 [self = shared_from_this(), socket, entry, &direction](asio::error_code error) {
                                     direction.waits = false;
                                     if (!error) self->on_ready(socket, entry, direction);
                                 });
    }

    void on_ready(ares_socket_t socket, const std::shared_ptr<watched>& entry, interest& direction) {
        if (!channel_) return;
        const bool reads = direction.what == descriptor::wait_read;
        process(reads ? socket : ARES_SOCKET_BAD, reads ? ARES_SOCKET_BAD : socket);
        // Its number may be that of another socket by now.
        const auto found = sockets_.find(socket);
        if (found != sockets_.end() && found->second == entry) wait_for(socket, entry, direction);
    }

    void process(ares_socket_t readable, ares_socket_t writable) {
        ares_process_fd(channel_, readable, writable);
        set_tick();
    }

    // c-ares asks again, or another server, when its own time is over.
    void set_tick() {
        timeval storage{};
        const timeval* const left = ares_timeout(channel_, nullptr, &storage);
        if (!left) {
            tick_.cancel();
            return;
        }
        tick_.expires_after(std::chrono::seconds(left->tv_sec) + std::chrono::microseconds(left->tv_usec));
        tick_.async_wait([self = shared_from_this()](asio::error_code error) {
            if (!error && self->channel_) self->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        });
    }

    asio::any_io_executor executor_;
    asio::steady_timer tick_;
    asio::steady_timer ended_;
    ares_channel channel_ = nullptr;
    std::map<ares_socket_t, std::shared_ptr<watched>> sockets_;
    unsigned short port_ = 0;
    bool done_ = false;
    int status_ = ARES_SUCCESS;
    std::vector<tcp::endpoint> found_;
};

// Ends the look-up however its coroutine ends: by a result, the deadline, or a cancellation.
struct stopped_at_end {
    std::shared_ptr<look_up> work;
    ~stopped_at_end() { work->stop(); }
};

}  // namespace

asio::awaitable<std::vector<tcp::endpoint>> resolve_at(std::string servers, std::string host, std::string port,
                                                       steady_time until) {
    const auto number = static_cast<unsigned short>(parse_unsigned(port).value_or(0));
    asio::error_code no_address;
    const asio::ip::address address = asio::ip::make_address(host, no_address);
    if (!no_address) co_return std::vector<tcp::endpoint>{{address, number}};
    const auto work = std::make_shared<look_up>(co_await asio::this_coro::executor);
    const stopped_at_end guard{work};
    if (const int status = work->open(servers); status != ARES_SUCCESS) fail(host, reason(status));
    work->start(host, number);
    co_await work->wait(until);
    if (!work->done()) fail(host, reason(ARES_ETIMEOUT));
    if (work->status() != ARES_SUCCESS) fail(host, reason(work->status()));
    std::vector<tcp::endpoint> found = work->take();
    if (found.empty()) fail(host, reason(ARES_ENODATA));
    co_return found;
}

asio::awaitable<std::vector<tcp::endpoint>> resolve(std::string host, std::string port, steady_time until) {
    return resolve_at({}, std::move(host), std::move(port), until);
}

}  // namespace cpg::k8s
