// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/net/proxy.hpp"

#include <algorithm>
#include <array>
#include <asio/error.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/network_v4.hpp>
#include <asio/ip/network_v6.hpp>
#include <asio/this_coro.hpp>
#include <cstdlib>
#include <system_error>

#include "base/base64.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

namespace cpg::k8s {

namespace {

std::string variable(const char* upper_name) {
    const char* value = std::getenv(upper_name);
    if (!value) value = std::getenv(lower(upper_name).c_str());
    return value ? value : "";
}

std::optional<asio::ip::address> as_address(const std::string& text) {
    asio::error_code error;
    const auto address = asio::ip::make_address(text, error);
    return error ? std::nullopt : std::optional(address);
}

bool in_network(const asio::ip::address& address, const std::string& cidr) {
    asio::error_code error;
    if (address.is_v4()) {
        const auto network = asio::ip::make_network_v4(cidr, error);
        if (error) return false;
        return asio::ip::make_network_v4(address.to_v4(), network.prefix_length()).canonical() == network.canonical();
    }
    const auto network = asio::ip::make_network_v6(cidr, error);
    if (error) return false;
    return asio::ip::make_network_v6(address.to_v6(), network.prefix_length()).canonical() == network.canonical();
}

bool name_matches(const std::string& host, std::string rule) {
    if (rule.starts_with("*.")) rule.erase(0, 1);
    if (rule.starts_with('.')) return host.ends_with(rule);
    return host == rule || host.ends_with("." + rule);
}

// One entry of NO_PROXY: *, a network, an address or a name, the last two also with a port.
bool entry_matches(std::string rule, const std::string& host, const std::string& port) {
    if (rule == "*") return true;
    const auto address = as_address(host);
    if (rule.find('/') != std::string::npos) return address && in_network(*address, rule);
    if (!as_address(rule)) {
        const auto parts = parse_url("none://" + rule);
        if (!parts) return false;
        if (!parts->port.empty() && parts->port != port) return false;
        rule = parts->host;
    }
    const auto rule_address = as_address(rule);
    if (address || rule_address) return address && rule_address && *address == *rule_address;
    return name_matches(host, rule);
}

bool goes_direct(const server_url& server, const std::string& no_proxy) {
    const std::string host = lower(server.host);
    const auto address = as_address(host);
    if (host == "localhost" || (address && address->is_loopback())) return true;
    const auto entries = split(no_proxy, ',');
    return std::any_of(entries.begin(), entries.end(), [&](std::string_view entry) {
        const std::string rule = lower(trim(entry));
        return !rule.empty() && entry_matches(rule, host, server.port);
    });
}

std::optional<url_parts> with_port(std::optional<url_parts> proxy) {
    if (!proxy) return proxy;
    if (proxy->scheme == "socks5h") proxy->scheme = "socks5";
    if (proxy->scheme != "http" && proxy->scheme != "https" && proxy->scheme != "socks5") return std::nullopt;
    if (proxy->port.empty()) proxy->port = proxy->scheme == "http" ? "80" : proxy->scheme == "https" ? "443" : "1080";
    return proxy;
}

asio::awaitable<std::string> read_exactly(connection& stream, std::size_t count) {
    std::string out(count, '\0');
    std::size_t have = 0;
    while (have < count)
        have += co_await stream.read_some(asio::buffer(out.data() + have, count - have));
    co_return out;
}

[[noreturn]] void socks_failure(const std::string& text) {
    throw cluster_error("socks5 proxy: " + text);
}

asio::awaitable<void> socks_log_in(connection& stream, const url_parts& proxy) {
    const std::string methods = proxy.has_user ? std::string("\x05\x02\x00\x02", 4) : std::string("\x05\x01\x00", 3);
    co_await stream.write(methods);
    const std::string chosen = co_await read_exactly(stream, 2);
    if (chosen[0] != 5) socks_failure("it does not speak SOCKS 5");
    if (chosen[1] == 0) co_return;
    if (chosen[1] != 2 || !proxy.has_user) socks_failure("it accepts none of our ways to log in");
    if (proxy.user.size() > 255 || proxy.password.size() > 255) socks_failure("user or password too long");
    const auto length = [](const std::string& text) { return std::string(1, static_cast<char>(text.size())); };
    const std::string login = "\x01" + length(proxy.user) + proxy.user + length(proxy.password) + proxy.password;
    co_await stream.write(login);
    if ((co_await read_exactly(stream, 2))[1] != 0) socks_failure("user and password refused");
}

// By the number of the reply (RFC 1928, 6).
constexpr std::array<const char*, 9> socks_replies = {
    "succeeded",           "general failure",       "not allowed by its rules",
    "network unreachable", "host unreachable",      "connection refused",
    "time to live over",   "command not supported", "address type not supported"};

asio::awaitable<void> socks_ask(connection& stream, const std::string& host, const std::string& port) {
    if (host.size() > 255) socks_failure("host name too long");
    const auto number = static_cast<unsigned>(*parse_unsigned(port));
    std::string request("\x05\x01\x00\x03", 4);
    request += static_cast<char>(host.size());
    request += host;
    request += static_cast<char>(number >> 8U);
    request += static_cast<char>(number & 255U);
    co_await stream.write(request);
    const std::string head = co_await read_exactly(stream, 4);
    const auto code = static_cast<unsigned char>(head[1]);
    if (code != 0) socks_failure(code < socks_replies.size() ? socks_replies.at(code) : "refused");
    std::size_t length = head[3] == 4 ? 16 : 4;
    if (head[3] == 3) length = static_cast<unsigned char>((co_await read_exactly(stream, 1))[0]);
    co_await read_exactly(stream, length + 2);
}

}  // namespace

proxy_environment proxy_environment::from_process() {
    return {
        .https_proxy = variable("HTTPS_PROXY"), .http_proxy = variable("HTTP_PROXY"), .no_proxy = variable("NO_PROXY")};
}

std::optional<url_parts> choose_proxy(const cluster_access& access, const proxy_environment& environment) {
    if (!access.proxy_url.empty()) return with_port(parse_url(access.proxy_url));
    std::string text = access.server.tls ? environment.https_proxy : environment.http_proxy;
    if (text.empty() || goes_direct(access.server, environment.no_proxy)) return std::nullopt;
    if (text.find("://") == std::string::npos) text = "http://" + text;
    auto proxy = with_port(parse_url(text));
    if (!proxy)
        throw fatal_error(std::string("invalid proxy URL in ") + (access.server.tls ? "HTTPS_PROXY" : "HTTP_PROXY") +
                          ": must be http, https or socks5 with a host");
    return proxy;
}

asio::awaitable<void> open_http_tunnel(connection& stream, const url_parts& proxy, const std::string& host_port,
                                       steady_time until) {
    http_request request{.method = "CONNECT", .target = host_port, .host = host_port, .headers = {}};
    if (proxy.has_user)
        request.headers.emplace_back("Proxy-Authorization",
                                     "Basic " + base64_encode(proxy.user + ":" + proxy.password));
    const std::string where = "proxy " + join_host_port(proxy.host, proxy.port);
    http_answer answer;
    try {
        answer = co_await exchange(stream, request, true, until);
    } catch (const cluster_error& error) {
        throw cluster_error(where + ": " + error.what());
    }
    if (answer.status / 100 != 2)
        throw cluster_error(where + " refused to connect to " + host_port + ": HTTP " + std::to_string(answer.status));
}

asio::awaitable<void> open_socks_tunnel(connection& stream, const url_parts& proxy, const std::string& host,
                                        const std::string& port, steady_time until) {
    const deadline limit(co_await asio::this_coro::executor, until, [&stream] { stream.close(); });
    try {
        co_await socks_log_in(stream, proxy);
        co_await socks_ask(stream, host, port);
    } catch (const std::system_error& error) {
        if (limit.passed()) socks_failure("timed out");
        if (error.code() == asio::error::operation_aborted) throw;
        socks_failure(connect_reason(error.code()));
    }
}

}  // namespace cpg::k8s
