// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Races on purpose, in a reactor like cpg's own under real gRPC, to see that ThreadSanitizer still tells of them with
// tools/tsan.supp: suppressions that are too wide would make every clean run worthless. tools/check_tsan.py runs it.
//
//     injected_race none|member|function|handover

#include <atomic>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>

#include "relay_server.hpp"
#include "source/relay_channel.hpp"
#include "support/raw_flows.hpp"

namespace cpg {

namespace {

class racing_reactor final : public test::raw_flows {
  public:
    explicit racing_reactor(std::string race) : race_(std::move(race)) {}

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
    }
    std::uint64_t seen() const { return seen_; }

  private:
    void on_message(const grpc::ByteBuffer& message) override {
        if (race_ == "member") bytes_ += message.Length();
        if (race_ == "function" && wake_) wake_();
        if (race_ == "handover") latest_ = std::make_unique<std::size_t>(message.Length());
        if (race_ == "none") {
            const std::lock_guard lock(mutex_);
            bytes_ += message.Length();
        }
        ++reads_;
    }

    const std::string race_;
    std::mutex mutex_;
    std::uint64_t bytes_ = 0;
    std::function<void()> wake_;
    std::unique_ptr<std::size_t> latest_;
    std::uint64_t seen_ = 0;
    std::atomic<int> reads_ = 0;
};

}  // namespace

}  // namespace cpg

int main(int, char** argv) {
    cpg::sim::settings settings;
    settings.loop = true;
    const cpg::sim::relay_server server(settings);
    cpg::relay_options options;
    options.address = cpg::parse_relay_address(server.address());
    cpg::racing_reactor reactor(argv[1]);
    reactor.start(cpg::relay_channel(options, cpg::relay_credentials(options)));
    reactor.look();
    reactor.finish();
    std::cout << reactor.seen() << '\n';
}
