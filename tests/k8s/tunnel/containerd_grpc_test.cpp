// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// gRPC through the tunnel, as the relay's stream goes.
#include <grpcpp/grpcpp.h>

#include <boost/test/unit_test.hpp>
#include <thread>

#include "cri.grpc.pb.h"
#include "k8s/tunnel/containerd_case.hpp"

namespace cpg::k8s {

namespace {

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

BOOST_FIXTURE_TEST_SUITE(containerd_grpc_suite, containerd_case)

BOOST_AUTO_TEST_CASE(grpc_survives_the_restart_of_its_server_behind_a_websocket) {
    check_grpc(*this, true);
}
BOOST_AUTO_TEST_CASE(grpc_survives_the_restart_of_its_server_behind_spdy) {
    check_grpc(*this, false);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s
