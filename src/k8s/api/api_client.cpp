// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/api/api_client.hpp"

#include <algorithm>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>

#include "base/text.hpp"
#include "k8s/config/json.hpp"
#include "k8s/config/pem.hpp"

namespace cpg::k8s {

namespace {

constexpr int most_retries = 10;
constexpr std::size_t most_message = 500;

api_fault fault_of(const std::string& reason, unsigned code) {
    if (code == 401 || reason == "Unauthorized") return api_fault::unauthorized;
    if (reason == "Forbidden" || (reason.empty() && code == 403)) return api_fault::forbidden;
    if (reason == "NotFound" || (reason.empty() && code == 404)) return api_fault::not_found;
    if (code == 410 || reason == "Expired" || reason == "Gone") return api_fault::expired;
    return api_fault::other;
}

std::string text_of_code(unsigned code) {
    switch (code) {
        case 401: return "the server has asked for the client to provide credentials";
        case 403: return "the server refused the request";
        case 404: return "the server could not find the requested resource";
        default: return "the server answered with HTTP status " + std::to_string(code);
    }
}

// What a server says goes into one line of a log, not a page.
std::string as_line(std::string_view text) {
    if (text.size() <= most_message) return printable(text);
    std::size_t end = most_message;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
        --end;
    return printable(text.substr(0, end)) + "...";
}

std::optional<std::chrono::seconds> retry_after(const http_answer& answer) {
    if (answer.status != 429 && answer.status < 500) return std::nullopt;
    const auto seconds = parse_unsigned(answer.header("retry-after"));
    if (!seconds || *seconds > 3600) return std::nullopt;
    return std::chrono::seconds(static_cast<long>(*seconds));
}

asio::awaitable<void> sleep_for(asio::any_io_executor executor, std::chrono::seconds time) {
    asio::steady_timer timer(executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

std::string without_query(const std::string& path) {
    return path.substr(0, path.find('?'));
}

}  // namespace

api_status read_status(const http_answer& answer) {
    api_status out;
    out.code = answer.status;
    boost::system::error_code error;
    const boost::json::value root = boost::json::parse(answer.body, error);
    if (!error && json_text(root, {"kind"}) == "Status") {
        out.reason = json_text(root, {"reason"});
        out.message = as_line(json_text(root, {"message"}));
        out.kind = json_text(root, {"details", "kind"});
    }
    out.fault = fault_of(out.reason, out.code);
    const bool missing_group = out.message.empty() && out.fault == api_fault::not_found;
    if (out.message.empty() && !missing_group && answer.header("content-type").starts_with("text/plain"))
        out.message = as_line(trim(answer.body));
    if (out.message.empty()) out.message = text_of_code(out.code);
    return out;
}

api_client::api_client(const asio::any_io_executor& executor, const cluster_access& access, logger& log,
                       const std::string& user_agent, const proxy_environment& proxies)
    : executor_(executor),
      access_(access),
      log_(log),
      user_agent_(user_agent),
      proxy_(choose_proxy(access, proxies)),
      credentials_(executor, access, log) {}

std::string api_client::server() const {
    return shown_server(access_);
}

void api_client::complete(http_request& request, const identity& used) const {
    request.host = join_host_port(access_.server.host, access_.server.port);
    request.target = access_.server.prefix + request.target;
    request.headers.emplace_back("User-Agent", user_agent_);
    request.headers.insert(request.headers.end(), access_.headers.begin(), access_.headers.end());
    request.headers.insert(request.headers.end(), used.headers.begin(), used.headers.end());
}

asio::awaitable<std::unique_ptr<connection>> api_client::open(const identity& used, steady_time until) {
    const server_url& server = access_.server;
    dial_plan plan{.host = server.host, .port = server.port, .tls = std::nullopt, .proxy = proxy_};
    if (server.tls) {
        plan.tls = tls_settings{
            .authorities = read_pem(access_.certificate_authority, "certificate-authority"),
            .certificate = used.certificate,
            .key = used.key,
            .name = access_.tls_server_name.empty() ? server.host : access_.tls_server_name,
            .insecure = access_.insecure,
        };
        plan.context = tls_.of(*plan.tls);
    }
    return dial(std::move(plan), until);
}

std::unique_ptr<connection> api_client::take_kept(const identity& used) {
    const bool same = kept_.certificate == used.certificate && kept_.key == used.key;
    return same ? std::move(kept_.stream) : nullptr;
}

void api_client::keep(std::unique_ptr<connection> stream, const http_answer& answer, const identity& used) {
    if (keepers_ == 0 || !answer.keeps_open || stream->has_unread()) return;
    kept_ = {std::move(stream), used.certificate, used.key};
}

// A server may close what it has left open at any time: then the request goes out once more, on a new connection.
asio::awaitable<http_answer> api_client::answer_to(const http_request& request, const identity& used,
                                                   steady_time until) {
    if (std::unique_ptr<connection> stream = take_kept(used)) {
        try {
            http_answer answer = co_await exchange(*stream, request, false, until);
            keep(std::move(stream), answer, used);
            co_return answer;
        } catch (const cluster_error&) {
            if (std::chrono::steady_clock::now() >= until) throw;
        }
    }
    std::unique_ptr<connection> stream = co_await open(used, until);
    http_answer answer = co_await exchange(*stream, request, false, until);
    keep(std::move(stream), answer, used);
    co_return answer;
}

asio::awaitable<http_answer> api_client::send_once(http_request request, identity& used, steady_time until) {
    used = co_await credentials_.get(until);
    const std::string path = without_query(request.target);
    request.headers.emplace_back("Accept", "application/json");
    if (keepers_ == 0) request.headers.emplace_back("Connection", "close");
    complete(request, used);
    http_answer answer = co_await answer_to(request, used, until);
    log_.debug("Kubernetes API", {{"method", request.method},
                                  {"path", path},
                                  {"status", static_cast<std::uint64_t>(answer.status)},
                                  {"bytes", static_cast<std::uint64_t>(answer.body.size())}});
    co_return answer;
}

asio::awaitable<std::string> api_client::get(std::string path, steady_time until) {
    bool renewed = false;
    for (int retries = 0;; ++retries) {
        identity used;
        http_request request;
        request.target = path;
        http_answer answer = co_await send_once(std::move(request), used, until);
        if (answer.status == 200) co_return std::move(answer.body);
        if (answer.status == 401 && !renewed && refuse(used)) {
            renewed = true;
            continue;
        }
        const auto wait = retry_after(answer);
        if (wait && retries < most_retries && std::chrono::steady_clock::now() + *wait < until) {
            log_.debug("the API server asks to wait", {{"seconds", static_cast<std::uint64_t>(wait->count())}});
            co_await sleep_for(executor_, *wait);
            continue;
        }
        const api_status status = read_status(answer);
        throw api_error("GET " + server() + without_query(path) + ": " + status.message, status);
    }
}

asio::awaitable<upgrade_answer> api_client::upgrade(http_request request, steady_time until) {
    upgrade_answer out;
    out.used = co_await credentials_.get(until);
    const std::string path = without_query(request.target);
    complete(request, out.used);
    out.stream = co_await open(out.used, until);
    out.answer = co_await exchange(*out.stream, request, false, until);
    log_.debug("Kubernetes API",
               {{"method", request.method}, {"path", path}, {"status", static_cast<std::uint64_t>(out.answer.status)}});
    co_return out;
}

}  // namespace cpg::k8s
