// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Races on purpose, in a reactor like cpg's own under real gRPC, to see that ThreadSanitizer still tells of them with
// tools/tsan.supp: suppressions that are too wide would make every clean run worthless. tools/check_tsan.py runs it.
//
//     injected_race none|member|function|handover

#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "relay_server.hpp"
#include "source/relay_channel.hpp"
#include "source/relay_request.hpp"

namespace cpg {

namespace {

class racing_reactor final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
  public:
    racing_reactor(const std::shared_ptr<grpc::Channel>& channel, std::string race) : race_(std::move(race)) {
        bool owned = false;
        grpc::SerializationTraits<observer::GetFlowsRequest>::Serialize(dropped_flows_request({}, std::nullopt),
                                                                        &request_, &owned);
        grpc::GenericStub(channel).PrepareBidiStreamingCall(&context_, "/observer.Observer/GetFlows", {}, this);
        StartWriteLast(&request_, {});
        StartRead(&message_);
        StartCall();
    }

    void OnReadDone(bool ok) override {
        if (!ok) return;
        touch(message_.Length());
        ++reads_;
        StartRead(&message_);
    }
    void OnDone(const grpc::Status&) override {
        done_ = true;
        done_.notify_all();
    }

    // What the session strand does, while gRPC's threads are in OnReadDone().
    void look() {
        while (reads_ < 1000) {
            if (race_ == "member") seen_ += bytes_;
            if (race_ == "function") wake_ = [this] { bytes_ = 1; };
            if (race_ == "handover" && latest_) seen_ += *latest_;
            if (race_ == "none") {
                const std::lock_guard lock(mutex_);
                seen_ += bytes_;
            }
        }
        context_.TryCancel();
        done_.wait(false);
    }
    std::uint64_t seen() const { return seen_; }

  private:
    void touch(std::size_t length) {
        if (race_ == "member") bytes_ += length;
        if (race_ == "function" && wake_) wake_();
        if (race_ == "handover") latest_ = std::make_unique<std::size_t>(length);
        if (race_ == "none") {
            const std::lock_guard lock(mutex_);
            bytes_ += length;
        }
    }

    const std::string race_;
    grpc::ClientContext context_;
    grpc::ByteBuffer request_;
    grpc::ByteBuffer message_;
    std::mutex mutex_;
    std::uint64_t bytes_ = 0;
    std::function<void()> wake_;
    std::unique_ptr<std::size_t> latest_;
    std::uint64_t seen_ = 0;
    std::atomic<int> reads_ = 0;
    std::atomic<bool> done_ = false;
};

}  // namespace

}  // namespace cpg

int main(int, char** argv) {
    cpg::sim::settings settings;
    settings.loop = true;
    const cpg::sim::relay_server server(settings);
    cpg::relay_options options;
    options.address = cpg::parse_relay_address(server.address());
    cpg::racing_reactor reactor(cpg::relay_channel(options, cpg::relay_credentials(options)), argv[1]);
    reactor.look();
    std::cout << reactor.seen() << '\n';
}
