// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The fixture of the tests against a real containerd: a cluster of one pod, whose port-forward is the
// container runtime's own. What stands between is a byte pump, as the API server and the kubelet are ones
// after the upgrade.

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "k8s/tunnel/port_forward.hpp"
#include "support/api_stand_in.hpp"
#include "support/container_runtime.hpp"
#include "support/quiet_log.hpp"

namespace cpg::k8s {

using namespace std::chrono_literals;
using asio::ip::tcp;
using local = asio::local::stream_protocol;
using test::api_stand_in;
using test::seen_request;

inline test::container_runtime* pod_runtime = nullptr;  // with an idle timeout of 3 s; started by main

inline const std::string pod_list =
    R"({"kind":"PodList","items":[{"metadata":{"name":"relay-0"},"status":{"phase":"Running",)"
    R"("conditions":[{"type":"Ready","status":"True"}]}}]})";

// Lists the pod, and passes an upgrade on to the container runtime as the kubelet does.
inline api_stand_in::handler cluster(int port, bool websockets) {
    return [=](const seen_request& request, connection& stream) -> asio::awaitable<void> {
        if (request.target.find("/portforward") == std::string::npos) {
            const std::string list = test::http_text(200, pod_list);
            co_await stream.write(list);
            co_return;
        }
        if (request.method == "GET" && !websockets) {
            const std::string refused =
                test::http_text(403, test::status_text(403, "Forbidden", "cannot get pods/portforward", "pods"));
            co_await stream.write(refused);
            co_return;
        }
        const std::string url = pod_runtime->port_forward_url(port);
        const auto colon = url.rfind(':');
        const auto slash = url.find('/', colon);
        const auto runtime_port = static_cast<unsigned short>(std::stoi(url.substr(colon + 1, slash - colon - 1)));
        const auto below = co_await test::connect_local(runtime_port);
        std::string head = request.method + " " + url.substr(slash) + " HTTP/1.1\r\n";
        for (const auto& [name, value] : request.headers)
            head += name + ": " + value + "\r\n";
        head += "\r\n";
        co_await below->write(head);
        co_await test::pump_bytes(stream, *below);
    };
}

// What listens in the pod: a loop of the test's own on each connection.
class application {
  public:
    using body = std::function<asio::awaitable<void>(tcp::socket&)>;

    application(asio::io_context& context, body serve)
        : serve_(std::move(serve)), acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
        asio::co_spawn(context, accept(), [](const std::exception_ptr&) {});
    }
    int port() const { return acceptor_.local_endpoint().port(); }

  private:
    asio::awaitable<void> accept() {
        for (;;) {
            tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
            socket.set_option(tcp::no_delay(true));
            asio::co_spawn(acceptor_.get_executor(), run(std::move(socket)), [](const std::exception_ptr&) {});
        }
    }
    asio::awaitable<void> run(tcp::socket socket) { co_await serve_(socket); }

    body serve_;
    tcp::acceptor acceptor_;
};

inline asio::awaitable<void> echo(tcp::socket& socket) {
    std::array<char, 16384> buffer{};
    for (;;) {
        const std::size_t count = co_await socket.async_read_some(asio::buffer(buffer), asio::use_awaitable);
        co_await asio::async_write(socket, asio::buffer(buffer, count), asio::use_awaitable);
    }
}

inline asio::awaitable<void> say_and_die(tcp::socket& socket) {
    const std::string words = "last words";
    co_await asio::async_write(socket, asio::buffer(words), asio::use_awaitable);
}

struct containerd_case {
    asio::io_context context;
    cluster_access access;
    port_forward_settings settings;
    test::kept_log log;

    containerd_case() { settings.proxies = {}; }

    std::unique_ptr<port_forward> start(const api_stand_in& server, int port) {
        settings.pod.port = static_cast<unsigned>(port);
        access.server = {.tls = false, .host = "127.0.0.1", .port = std::to_string(server.port()), .prefix = {}};
        auto out = std::make_unique<port_forward>(context.get_executor(), access, log.log(), settings);
        test::run(context, out->start(std::chrono::steady_clock::now() + 5s));
        return out;
    }
    asio::awaitable<local::socket> connect(const port_forward& forward) {
        local::socket socket(context);
        const local::endpoint endpoint(std::string(1, '\0') + forward.target().substr(14));
        co_await socket.async_connect(endpoint, asio::use_awaitable);
        co_return std::move(socket);
    }
    // Everything the pod says until the connection ends.
    asio::awaitable<std::string> read_all(local::socket& socket) {
        std::string out;
        std::string buffer(65536, '\0');
        for (;;) {
            asio::error_code error;
            const std::size_t count =
                co_await socket.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
            if (error) co_return out;
            out.append(buffer, 0, count);
        }
    }
    asio::awaitable<std::string> connect_and_read(const port_forward& forward) {
        local::socket socket = co_await connect(forward);
        co_return co_await read_all(socket);
    }
    // Sends `size` bytes and compares what comes back.
    asio::awaitable<bool> echo_of(const port_forward& forward, std::size_t size) {
        local::socket socket = co_await connect(forward);
        std::string sent(size, '\0');
        for (std::size_t i = 0; i < size; ++i)
            sent[i] = static_cast<char>(i * 2654435761U >> 13U);
        std::string got;
        std::string buffer(65536, '\0');
        std::size_t at = 0;
        while (got.size() < size) {
            if (at < size) {
                const std::size_t part = std::min<std::size_t>(size - at, 50'000);
                co_await asio::async_write(socket, asio::buffer(sent.data() + at, part), asio::use_awaitable);
                at += part;
            }
            while (got.size() < at) {
                const std::size_t count = co_await socket.async_read_some(asio::buffer(buffer), asio::use_awaitable);
                got.append(buffer, 0, count);
            }
        }
        co_return got == sent;
    }
    bool logged(const std::string& text) const { return log.text().find(text) != std::string::npos; }
};

}  // namespace cpg::k8s
