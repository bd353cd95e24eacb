// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The port-forward against containerd's own server of both protocols. What stands between is a byte pump, as the API
// server and the kubelet are ones after the upgrade. Exits 77 where containerd can't run.
#define BOOST_TEST_NO_MAIN
#define BOOST_TEST_ALTERNATIVE_INIT_API
#include <asio/local/stream_protocol.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <boost/test/included/unit_test.hpp>
#include <cstdio>
#include <thread>

#include <grpcpp/grpcpp.h>

#include "cri.grpc.pb.h"
#include "k8s/port_forward.hpp"
#include "k8s/tunnel_open.hpp"
#include "support/api_stand_in.hpp"
#include "support/container_runtime.hpp"
#include "support/quiet_log.hpp"

namespace cpg::k8s {

using namespace std::chrono_literals;
using asio::ip::tcp;
using local = asio::local::stream_protocol;
using test::api_stand_in;
using test::seen_request;

namespace {

test::container_runtime* pod_runtime = nullptr;  // with an idle timeout of 3 s; started by main

const std::string pod_list = R"({"kind":"PodList","items":[{"metadata":{"name":"relay-0"},"status":{"phase":"Running",)"
                             R"("conditions":[{"type":"Ready","status":"True"}]}}]})";

// Lists the pod, and passes an upgrade on to the container runtime as the kubelet does.
api_stand_in::handler cluster(int port, bool websockets) {
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
        for (const auto& [name, value] : request.headers) head += name + ": " + value + "\r\n";
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

asio::awaitable<void> echo(tcp::socket& socket) {
    std::array<char, 16384> buffer{};
    for (;;) {
        const std::size_t count = co_await socket.async_read_some(asio::buffer(buffer), asio::use_awaitable);
        co_await asio::async_write(socket, asio::buffer(buffer, count), asio::use_awaitable);
    }
}

asio::awaitable<void> say_and_die(tcp::socket& socket) {
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
        for (std::size_t i = 0; i < size; ++i) sent[i] = static_cast<char>(i * 2654435761U >> 13U);
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

void check_echo(containerd_case& here, bool websockets) {
    const application app(here.context, echo);
    api_stand_in server(here.context, cluster(app.port(), websockets));
    const auto forward = here.start(server, app.port());
    BOOST_TEST(test::run(here.context, here.echo_of(*forward, 3'000'000)));
    BOOST_TEST(test::run(here.context, here.echo_of(*forward, 10)));  // a second connection, a second tunnel
    BOOST_TEST(here.logged(websockets ? "\"transport\": \"websocket\"" : "\"transport\": \"spdy\""));
    BOOST_TEST(forward->last_error().empty());
}

void check_refused(containerd_case& here, bool websockets) {
    int port = 0;
    {
        const application gone(here.context, echo);
        port = gone.port();
    }
    api_stand_in server(here.context, cluster(port, websockets));
    const auto forward = here.start(server, port);
    BOOST_TEST(test::run(here.context, here.connect_and_read(*forward)).empty());
    BOOST_TEST(forward->last_error().find("connection refused") != std::string::npos, forward->last_error());
    BOOST_TEST(!forward->permanent_error());
}

void check_death(containerd_case& here, bool websockets) {
    const application app(here.context, say_and_die);
    api_stand_in server(here.context, cluster(app.port(), websockets));
    const auto forward = here.start(server, app.port());
    BOOST_TEST(test::run(here.context, here.connect_and_read(*forward)) == "last words");
    BOOST_TEST(forward->last_error().empty(), forward->last_error());
    BOOST_TEST(test::run(here.context, here.connect_and_read(*forward)) == "last words");
}

// How long a silent connection lives, at most 6 s.
std::chrono::milliseconds silent_life(containerd_case& here, bool websockets) {
    const application app(here.context, echo);
    api_stand_in server(here.context, cluster(app.port(), websockets));
    const auto forward = here.start(server, app.port());
    const auto begin = std::chrono::steady_clock::now();
    const auto live = [&]() -> asio::awaitable<int> {
        local::socket socket = co_await here.connect(*forward);
        const deadline limit(here.context.get_executor(), begin + 6s, [&] { socket.close(); });
        const std::string got = co_await here.read_all(socket);
        co_return static_cast<int>(got.size());
    };
    test::run(here.context, live());
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

void check_stall(containerd_case& here, bool websockets) {
    constexpr std::size_t whole = 96U << 20U;
    std::size_t written = 0;
    const application app(here.context, [&written](tcp::socket& socket) -> asio::awaitable<void> {
        const std::string block(1U << 20U, 'x');
        while (written < whole) {
            co_await asio::async_write(socket, asio::buffer(block), asio::use_awaitable);
            written += block.size();
        }
    });
    api_stand_in server(here.context, cluster(app.port(), websockets));
    const auto forward = here.start(server, app.port());
    const auto stall = [&]() -> asio::awaitable<std::size_t> {
        local::socket socket = co_await here.connect(*forward);
        asio::steady_timer pause(here.context, 2s);
        co_await pause.async_wait(asio::use_awaitable);
        BOOST_TEST(written < whole / 2);  // what fits into the sockets' buffers
        const std::string got = co_await here.read_all(socket);
        co_return got.size();
    };
    BOOST_TEST(test::run(here.context, stall()) == whole);
}

// A gRPC service in the pod; any will do, so it is the one whose code is at hand.
class grpc_application final : public ::runtime::v1::RuntimeService::Service {
  public:
    explicit grpc_application(int port) {
        grpc::ServerBuilder builder;
        builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(), &port_);
        builder.RegisterService(this);
        server_ = builder.BuildAndStart();
    }
    ~grpc_application() override { server_->Shutdown(std::chrono::system_clock::now() + 1s); }

    int port() const { return port_; }
    grpc::Status PortForward(grpc::ServerContext*, const ::runtime::v1::PortForwardRequest*,
                             ::runtime::v1::PortForwardResponse* answer) override {
        answer->set_url("from the pod");
        return grpc::Status::OK;
    }

  private:
    int port_ = 0;
    std::unique_ptr<grpc::Server> server_;
};

std::string ask(::runtime::v1::RuntimeService::Stub& stub) {
    grpc::ClientContext call;
    call.set_deadline(std::chrono::system_clock::now() + 15s);
    call.set_wait_for_ready(true);
    ::runtime::v1::PortForwardResponse answer;
    const grpc::Status status = stub.PortForward(&call, {}, &answer);
    return status.ok() ? answer.url() : status.error_message();
}

std::shared_ptr<grpc::Channel> channel_to(const port_forward& forward) {
    grpc::ChannelArguments arguments;
    arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost:4245");
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 300);
    return grpc::CreateCustomChannel(forward.target(), grpc::InsecureChannelCredentials(), arguments);
}

void check_grpc(containerd_case& here, bool websockets) {
    auto app = std::make_unique<grpc_application>(0);
    const int port = app->port();
    api_stand_in server(here.context, cluster(port, websockets));
    const auto forward = here.start(server, port);
    here.context.restart();
    auto guard = asio::make_work_guard(here.context);
    std::thread one([&] { here.context.run(); });
    {
        const auto stub = ::runtime::v1::RuntimeService::NewStub(channel_to(*forward));
        BOOST_TEST(ask(*stub) == "from the pod");
        app.reset();  // the relay restarts
        app = std::make_unique<grpc_application>(port);
        BOOST_TEST(ask(*stub) == "from the pod");
        BOOST_TEST(forward->last_error().empty(), forward->last_error());
    }
    forward->stop();
    asio::post(here.context, [&server] { server.stop(); });
    guard.reset();
    one.join();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(containerd_suite, containerd_case)

BOOST_AUTO_TEST_CASE(data_streams_through_a_websocket) { check_echo(*this, true); }
BOOST_AUTO_TEST_CASE(data_streams_through_spdy) { check_echo(*this, false); }
BOOST_AUTO_TEST_CASE(a_port_nobody_listens_on_through_a_websocket) { check_refused(*this, true); }
BOOST_AUTO_TEST_CASE(a_port_nobody_listens_on_through_spdy) { check_refused(*this, false); }
BOOST_AUTO_TEST_CASE(an_application_that_dies_behind_a_websocket) { check_death(*this, true); }
BOOST_AUTO_TEST_CASE(an_application_that_dies_behind_spdy) { check_death(*this, false); }
BOOST_AUTO_TEST_CASE(a_reader_that_stalls_holds_up_a_websocket) { check_stall(*this, true); }
BOOST_AUTO_TEST_CASE(a_reader_that_stalls_holds_up_spdy) { check_stall(*this, false); }

BOOST_AUTO_TEST_CASE(grpc_survives_the_restart_of_its_server_behind_a_websocket) { check_grpc(*this, true); }
BOOST_AUTO_TEST_CASE(grpc_survives_the_restart_of_its_server_behind_spdy) { check_grpc(*this, false); }

BOOST_AUTO_TEST_CASE(without_keep_alive_the_runtime_cuts_a_silent_connection) {
    settings.times.keep_alive = 1h;
    BOOST_TEST((silent_life(*this, true) < 5s));
    BOOST_TEST((silent_life(*this, false) < 5s));
}

BOOST_AUTO_TEST_CASE(with_keep_alive_a_silent_connection_lives) {
    settings.times.keep_alive = 1s;
    BOOST_TEST((silent_life(*this, true) >= 6s));
    BOOST_TEST((silent_life(*this, false) >= 6s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s

int main(int argc, char** argv) {
    try {
        cpg::test::container_runtime started("3s");
        cpg::k8s::pod_runtime = &started;
        return boost::unit_test::unit_test_main([] { return true; }, argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "skipped: %s\n", error.what());
        return 77;
    }
}
