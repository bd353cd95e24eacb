// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "support/api_stand_in.hpp"

#include <array>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/redirect_error.hpp>
#include <asio/ssl/stream.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <sstream>
#include <system_error>

#include "base/text.hpp"
#include "k8s/net/stream_connection.hpp"

namespace cpg::test {

using asio::ip::tcp;
using k8s::connection;

namespace {

// The head of a request; bytes behind it are not expected, for no client of ours sends any before the answer.
asio::awaitable<std::string> read_head(connection& stream) {
    std::string text;
    std::array<char, 4096> buffer{};
    while (text.find("\r\n\r\n") == std::string::npos && text.size() < 65536) {
        const std::size_t count = co_await stream.read_some(asio::buffer(buffer));
        text.append(buffer.data(), count);
    }
    co_return text;
}

void parse_head(const std::string& text, seen_request& out) {
    std::istringstream lines(text);
    std::string line;
    std::getline(lines, line);
    std::istringstream(line) >> out.method >> out.target;
    while (std::getline(lines, line) && line.size() > 1) {
        const auto colon = line.find(':');
        std::string& value = out.headers[lower(line.substr(0, colon))];
        if (!value.empty()) value += ", ";
        value += trim(line.substr(colon + 1));
    }
}

std::shared_ptr<asio::ssl::context> server_context(const stand_in_tls& tls) {
    auto out = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    SSL_CTX_set_security_level(out->native_handle(), 0);  // it has what old servers have
    out->use_certificate_chain(asio::buffer(tls.server.pem + tls.chain));
    out->use_private_key(asio::buffer(tls.server.key), asio::ssl::context::pem);
    if (tls.client_roots.empty()) return out;
    out->set_verify_mode(asio::ssl::verify_peer);
    out->add_certificate_authority(asio::buffer(tls.client_roots));
    return out;
}

std::string client_name(SSL* tls) {
    X509* peer = SSL_get1_peer_certificate(tls);
    if (!peer) return {};
    std::array<char, 256> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(peer), NID_commonName, name.data(), name.size());
    X509_free(peer);
    return name.data();
}

asio::awaitable<void> copy_bytes(connection& from, connection& to) {
    std::string buffer(32768, '\0');
    try {
        for (;;) {
            const std::size_t count = co_await from.read_some(asio::buffer(buffer));
            co_await to.write({buffer.data(), count});
        }
    } catch (const std::system_error&) {
        // The end of one side is the end of both.
    }
}

}  // namespace

class api_stand_in::state : public std::enable_shared_from_this<state> {
  public:
    state(asio::io_context& context, handler answer, const std::optional<stand_in_tls>& tls)
        : context_(context),
          answer_(std::move(answer)),
          acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
        if (tls) tls_ = server_context(*tls);
    }

    // The handler keeps the state for as long as the coroutine lives.
    void spawn(asio::awaitable<void> body) {
        asio::co_spawn(context_, std::move(body), [keep = shared_from_this()](const std::exception_ptr&) {});
    }
    asio::awaitable<void> accept();
    void close_connections();
    void stop();

    unsigned short port() const { return port_; }
    const std::vector<seen_request>& requests() const { return requests_; }
    std::size_t connections() const { return open_.size(); }

  private:
    asio::awaitable<void> serve(tcp::socket socket);
    asio::awaitable<void> answer(std::unique_ptr<connection> stream, seen_request request);

    asio::io_context& context_;
    handler answer_;
    std::shared_ptr<asio::ssl::context> tls_;
    tcp::acceptor acceptor_;
    unsigned short port_ = acceptor_.local_endpoint().port();
    std::vector<seen_request> requests_;
    std::vector<std::weak_ptr<connection>> open_;
    bool stopped_ = false;
};

api_stand_in::api_stand_in(asio::io_context& context, handler answer, std::optional<stand_in_tls> tls)
    : state_(std::make_shared<state>(context, std::move(answer), tls)) {
    state_->spawn(state_->accept());
}

api_stand_in::~api_stand_in() {
    stop();
}

unsigned short api_stand_in::port() const {
    return state_->port();
}
const std::vector<seen_request>& api_stand_in::requests() const {
    return state_->requests();
}
std::size_t api_stand_in::connections() const {
    return state_->connections();
}
void api_stand_in::close_connections() {
    state_->close_connections();
}
void api_stand_in::stop() {
    state_->stop();
}

void api_stand_in::state::stop() {
    stopped_ = true;
    asio::error_code ignored;
    acceptor_.close(ignored);
    close_connections();
}

void api_stand_in::state::close_connections() {
    for (const auto& stream : open_)
        if (const auto alive = stream.lock()) alive->close();
}

asio::awaitable<void> api_stand_in::state::accept() {
    while (!stopped_) {
        asio::error_code error;
        tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        socket.set_option(tcp::no_delay(true), error);
        spawn(serve(std::move(socket)));
    }
}

asio::awaitable<void> api_stand_in::state::serve(tcp::socket socket) {
    seen_request request;
    std::unique_ptr<connection> stream;
    if (tls_) {
        asio::ssl::stream<tcp::socket> secure(std::move(socket), *tls_);
        asio::error_code error;
        co_await secure.async_handshake(asio::ssl::stream_base::server,
                                        asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        request.client = client_name(secure.native_handle());
        const char* name = SSL_get_servername(secure.native_handle(), TLSEXT_NAMETYPE_host_name);
        request.server_name = name ? name : "";
        stream = std::make_unique<k8s::stream_connection<asio::ssl::stream<tcp::socket>>>(std::move(secure));
    } else {
        stream = std::make_unique<k8s::stream_connection<tcp::socket>>(std::move(socket));
    }
    co_await answer(std::move(stream), std::move(request));
}

asio::awaitable<void> api_stand_in::state::answer(std::unique_ptr<connection> owned, seen_request request) {
    const std::shared_ptr<connection> stream = std::move(owned);
    open_.push_back(stream);
    try {
        const seen_request client = request;
        do {
            request = client;
            const std::string head = co_await read_head(*stream);
            parse_head(head, request);
            requests_.push_back(request);
            co_await answer_(request, *stream);
        } while (request.method == "GET" && !request.headers.contains("connection"));
    } catch (const std::system_error&) {
        // The client went away, or stop() closed the stream.
    }
    stream->close();
}

std::string http_text(unsigned status, const std::string& body, const std::string& type,
                      const std::string& more_headers) {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more_headers + "\r\n" + body;
}

std::string status_text(unsigned code, const std::string& reason, const std::string& message, const std::string& kind) {
    boost::json::object details;
    if (!kind.empty()) details["kind"] = kind;
    const boost::json::object status = {
        {"kind", "Status"},    {"apiVersion", "v1"}, {"metadata", boost::json::object()},
        {"status", "Failure"}, {"message", message}, {"reason", reason},
        {"details", details},  {"code", code}};
    return boost::json::serialize(status) + "\n";
}

api_stand_in::handler answers(std::map<std::string, std::string> by_prefix) {
    return [by_prefix](const seen_request& request, connection& stream) -> asio::awaitable<void> {
        const std::string line = request.method + " " + request.target;
        std::string text = http_text(404, "404 page not found\n", "text/plain");
        std::size_t longest = 0;
        for (const auto& [prefix, answer] : by_prefix) {
            if (!line.starts_with(prefix) || prefix.size() < longest) continue;
            longest = prefix.size();
            text = answer;
        }
        co_await stream.write(text);
    };
}

void run(asio::io_context& context, asio::awaitable<void> body) {
    const auto with_value = [](asio::awaitable<void> inner) -> asio::awaitable<int> {
        co_await std::move(inner);
        co_return 0;
    };
    run<int>(context, with_value(std::move(body)));
}

asio::awaitable<void> pump_bytes(connection& left, connection& right) {
    using namespace asio::experimental::awaitable_operators;
    co_await (copy_bytes(left, right) || copy_bytes(right, left));
}

asio::awaitable<std::unique_ptr<connection>> connect_local(unsigned short port) {
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    co_return std::make_unique<k8s::stream_connection<tcp::socket>>(std::move(socket));
}

}  // namespace cpg::test
