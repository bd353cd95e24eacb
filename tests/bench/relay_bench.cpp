// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// What the live source costs: flows a second and client CPU a flow through relay_stream and the decoder,
// beside an empty reactor that reads raw buffers and drops them, in the same run against the same server. The
// server is a process of its own, so the CPU time is the client's alone. Prints both and their ratio.
//
//     relay_bench [seconds]

#include <grpcpp/generic/generic_stub.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "relay_server.hpp"
#include "source/relay_request.hpp"
#include "source/relay_stream.hpp"

namespace cpg {

namespace {

using clock = std::chrono::steady_clock;

// Forked before gRPC has started a thread. Ends with its parent.
struct server_process {
    server_process() {
        int ends[2];
        if (::pipe(ends) != 0) std::abort();
        pid = ::fork();
        if (pid == 0) serve(ends[1]);
        char text[256] = {};
        if (::read(ends[0], text, sizeof text - 1) <= 0) std::abort();
        address = text;
    }
    ~server_process() {
        ::kill(pid, SIGTERM);
        ::waitpid(pid, nullptr, 0);
    }

    [[noreturn]] static void serve(int out) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        sim::settings settings;
        settings.flows = 20'000;
        settings.workloads = 200;
        settings.loop = true;
        const sim::relay_server server(settings);
        if (::write(out, server.address().data(), server.address().size()) < 0) std::abort();
        for (;;)
            ::pause();
    }

    pid_t pid = -1;
    std::string address;
};

struct measurement {
    double flows_a_second = 0;
    double microseconds_a_flow = 0;
    double bytes_a_flow = 0;
};

double cpu_seconds() {
    rusage use{};
    ::getrusage(RUSAGE_SELF, &use);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(use.ru_utime) + seconds(use.ru_stime);
}

// From a running start: connecting is not what is measured.
template <class Count>
measurement measure(nanoseconds time, const std::atomic<std::uint64_t>& flows, Count bytes) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    const auto begun = clock::now();
    const double cpu = cpu_seconds();
    const std::uint64_t first = flows;
    const std::uint64_t first_bytes = bytes();
    std::this_thread::sleep_for(time);
    const double count = static_cast<double>(flows - first);
    const double elapsed = std::chrono::duration<double>(clock::now() - begun).count();
    return {count / elapsed, 1e6 * (cpu_seconds() - cpu) / count, static_cast<double>(bytes() - first_bytes) / count};
}

class empty_reactor final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
  public:
    explicit empty_reactor(const std::shared_ptr<grpc::Channel>& channel) {
        bool owned = false;
        const auto request = dropped_flows_request({}, std::nullopt);
        grpc::SerializationTraits<observer::GetFlowsRequest>::Serialize(request, &request_, &owned);
        grpc::GenericStub(channel).PrepareBidiStreamingCall(&context_, "/observer.Observer/GetFlows", {}, this);
        StartWriteLast(&request_, {});
        StartRead(&message_);
        StartCall();
    }
    void OnReadDone(bool ok) override {
        if (!ok) return;
        ++flows;
        bytes += message_.Length();
        StartRead(&message_);
    }
    void OnDone(const grpc::Status&) override {
        done = true;
        done.notify_all();
    }
    void finish() {
        context_.TryCancel();
        done.wait(false);
    }

    std::atomic<std::uint64_t> flows = 0;
    std::atomic<std::uint64_t> bytes = 0;
    std::atomic<bool> done = false;

  private:
    grpc::ClientContext context_;
    grpc::ByteBuffer request_;
    grpc::ByteBuffer message_;
};

measurement measure_empty(const relay_options& options, nanoseconds time) {
    empty_reactor reactor(relay_channel(options, relay_credentials(options)));
    const measurement out = measure(time, reactor.flows, [&] { return reactor.bytes.load(); });
    reactor.finish();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return out;
}

// Decodes as the session does: in parallel, each piece as a post of its own.
class decoding_receiver final : public flow_receiver {
  public:
    explicit decoding_receiver(asio::io_context& io) : io_(io), strand_(asio::make_strand(io)) {}

    void on_input(decode_task task) override {
        asio::post(io_, [this, task = std::move(task)] {
            static thread_local decode_cache cache(table_);
            flow_batch batch;
            task(cache, batch);
            flows += batch.flows.size();
            bytes += batch.bytes.size();
            asio::post(strand_, [this] { source->request(1); });
        });
    }
    void on_end(source_end) override {}

    flow_source* source = nullptr;
    std::atomic<std::uint64_t> flows = 0;
    std::atomic<std::uint64_t> bytes = 0;

    const auto& strand() const { return strand_; }

  private:
    asio::io_context& io_;
    asio::strand<asio::io_context::executor_type> strand_;
    label_table table_;
};

measurement measure_stream(const relay_options& options, nanoseconds time) {
    logger log({.level = log_level::error});
    asio::io_context io;
    decoding_receiver receiver(io);
    relay_stream stream(receiver.strand(), options, log);
    receiver.source = &stream;
    asio::post(receiver.strand(), [&] {
        stream.start(receiver);
        stream.request(8);
    });
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i)
        threads.emplace_back([&io] { io.run(); });
    const measurement out = measure(time, receiver.flows, [&] { return receiver.bytes.load(); });
    asio::post(receiver.strand(), [&stream] { stream.stop(); });
    for (std::thread& thread : threads)
        thread.join();
    return out;
}

void print(const char* name, const measurement& what) {
    std::printf("%-28s %9.0f flows/s  %6.2f us CPU a flow  %5.0f bytes a flow\n", name, what.flows_a_second,
                what.microseconds_a_flow, what.bytes_a_flow);
}

}  // namespace

}  // namespace cpg

int main(int argc, char** argv) {
    const std::chrono::seconds time(argc > 1 ? std::atoi(argv[1]) : 5);
    const cpg::server_process server;
    cpg::relay_options options;
    options.address = cpg::parse_relay_address(server.address);
    const auto empty = cpg::measure_empty(options, time);
    const auto stream = cpg::measure_stream(options, time);
    print("empty reactor", empty);
    print("relay_stream and decoding", stream);
    std::printf("ratio %.2f (rate), %.2f (CPU)\n", stream.flows_a_second / empty.flows_a_second,
                stream.microseconds_a_flow / empty.microseconds_a_flow);
}
