// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/net/dial.hpp"

#include <netinet/tcp.h>

#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/ssl/stream.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "k8s/net/proxy.hpp"
#include "k8s/net/resolve.hpp"
#include "k8s/net/stream_connection.hpp"

namespace cpg::k8s {

namespace {

using asio::ip::tcp;

std::string reason(const asio::error_code& error, bool late) {
    return late ? "timed out" : connect_reason(error);
}

// An end that no deadline caused is the caller's own cancellation.
void pass_on_cancellation(const asio::error_code& error, bool late) {
    if (error == asio::error::operation_aborted && !late) throw std::system_error(error);
}

// A peer that vanished without a word is noticed by the kernel.
void set_options(tcp::socket& socket) {
    using idle = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
    using interval = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;
    asio::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    socket.set_option(idle(30), ignored);
    socket.set_option(interval(30), ignored);
}

asio::awaitable<tcp::socket> connect_tcp(std::string host, std::string port, steady_time until) {
    const auto executor = co_await asio::this_coro::executor;
    const auto addresses = co_await resolve(host, port, until);
    tcp::socket socket(executor);
    const deadline limit(executor, until, [&socket] {
        asio::error_code ignored;
        socket.close(ignored);
    });
    asio::error_code error = asio::error::host_not_found;
    for (const tcp::endpoint& address : addresses) {
        if (limit.passed()) break;
        socket = tcp::socket(executor);
        co_await socket.async_connect(address, asio::redirect_error(asio::use_awaitable, error));
        if (!error) {
            set_options(socket);
            co_return std::move(socket);
        }
        pass_on_cancellation(error, limit.passed());
    }
    throw cluster_error("connect to " + join_host_port(host, port) + ": " + reason(error, limit.passed()));
}

template <typename Stream>
asio::awaitable<asio::ssl::stream<Stream>> shake_hands(Stream below, tls_settings settings, std::string where,
                                                       std::shared_ptr<asio::ssl::context> context, steady_time until) {
    asio::ssl::stream<Stream> stream(std::move(below), *context);
    set_tls_name(stream.native_handle(), settings);
    const deadline limit(co_await asio::this_coro::executor, until, [&stream] {
        asio::error_code ignored;
        stream.lowest_layer().close(ignored);
    });
    asio::error_code error;
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error));
    if (!error) co_return std::move(stream);
    pass_on_cancellation(error, limit.passed());
    const std::string refused = settings.insecure ? std::string() : certificate_problem(stream.native_handle());
    throw cluster_error("TLS with " + where + ": " +
                            (refused.empty() ? reason(error, limit.passed()) : "certificate refused: " + refused),
                        !refused.empty());
}

std::shared_ptr<asio::ssl::context> context_of(const dial_plan& plan) {
    return plan.context ? plan.context
                        : std::make_shared<asio::ssl::context>(make_tls_context(plan.tls.value_or(tls_settings{})));
}

// From a stream that ends at the API server to the finished connection.
template <typename Stream>
asio::awaitable<std::unique_ptr<connection>> finish(Stream below, dial_plan plan, tls_contexts contexts,
                                                    steady_time until) {
    if (!plan.tls) co_return std::make_unique<stream_connection<Stream>>(std::move(below), std::move(contexts));
    contexts.push_back(context_of(plan));
    auto stream =
        co_await shake_hands(std::move(below), *plan.tls, join_host_port(plan.host, plan.port), contexts.back(), until);
    co_return std::make_unique<stream_connection<asio::ssl::stream<Stream>>>(std::move(stream), std::move(contexts));
}

template <typename Stream>
asio::awaitable<void> ask_proxy(Stream& stream, const dial_plan& plan, steady_time until) {
    stream_connection<Stream&> lent(stream);
    if (plan.proxy->scheme == "socks5")
        co_await open_socks_tunnel(lent, *plan.proxy, plan.host, plan.port, until);
    else
        co_await open_http_tunnel(lent, *plan.proxy, join_host_port(plan.host, plan.port), until);
}

asio::awaitable<std::unique_ptr<connection>> dial_proxy(dial_plan plan, steady_time until) {
    const url_parts& proxy = *plan.proxy;
    tcp::socket socket = co_await connect_tcp(proxy.host, proxy.port, until);
    if (proxy.scheme != "https") {
        co_await ask_proxy(socket, plan, until);
        tls_contexts none;
        co_return co_await finish(std::move(socket), plan, std::move(none), until);
    }
    // As client-go, which has one TLS configuration for the proxy and for what lies behind it.
    tls_settings settings = plan.tls.value_or(tls_settings{});
    if (!plan.tls || settings.name == plan.host) settings.name = proxy.host;
    tls_contexts contexts = {context_of(plan)};
    auto outer = co_await shake_hands(std::move(socket), settings, "proxy " + join_host_port(proxy.host, proxy.port),
                                      contexts.front(), until);
    co_await ask_proxy(outer, plan, until);
    co_return co_await finish(std::move(outer), plan, std::move(contexts), until);
}

}  // namespace

asio::awaitable<std::unique_ptr<connection>> dial(dial_plan plan, steady_time until) {
    if (plan.proxy) co_return co_await dial_proxy(std::move(plan), until);
    tcp::socket socket = co_await connect_tcp(plan.host, plan.port, until);
    tls_contexts none;  // g++ 12 destroys a braced temporary of a co_await expression twice
    co_return co_await finish(std::move(socket), std::move(plan), std::move(none), until);
}

}  // namespace cpg::k8s
