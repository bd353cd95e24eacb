// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// What live capture costs: flows a second and client CPU a flow through relay_stream and the decoder, and of the
// whole `cpg generate`, beside an empty reactor that reads raw buffers and drops them. All in one run against the same
// server, in turns, for a machine is not equally fast at all times; what is printed are medians. The server is a
// process of its own, so the CPU time is the client's alone.
//
//     relay_bench [SECONDS [ROUNDS]]      with the binary's path in CPG

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "relay_server.hpp"
#include "source/relay_stream.hpp"
#include "support/program.hpp"
#include "support/raw_flows.hpp"
#include "support/temp_dir.hpp"

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
    double peak = 0;        ///< MiB; of `cpg generate`
    std::size_t ports = 0;  ///< that its policies open
};

double seconds_of(const rusage& use) {
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(use.ru_utime) + seconds(use.ru_stime);
}

double cpu_seconds() {
    rusage use{};
    ::getrusage(RUSAGE_SELF, &use);
    return seconds_of(use);
}

// From a running start: connecting is not what is measured.
measurement measure(nanoseconds time, const std::atomic<std::uint64_t>& flows) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    const auto begun = clock::now();
    const double cpu = cpu_seconds();
    const std::uint64_t first = flows;
    std::this_thread::sleep_for(time);
    const double count = static_cast<double>(flows - first);
    const double elapsed = std::chrono::duration<double>(clock::now() - begun).count();
    return {.flows_a_second = count / elapsed, .microseconds_a_flow = 1e6 * (cpu_seconds() - cpu) / count};
}

class empty_reactor final : public test::raw_flows {
  public:
    std::atomic<std::uint64_t> flows = 0;

  private:
    void on_message(const grpc::ByteBuffer&) override { ++flows; }
};

measurement measure_empty(const relay_options& options, nanoseconds time) {
    empty_reactor reactor;
    reactor.start(relay_channel(options, relay_credentials(options)));
    const measurement out = measure(time, reactor.flows);
    reactor.finish();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return out;
}

// Decodes as the session does: in parallel, each piece as a post of its own.
class decoding_receiver final : public flow_receiver {
  public:
    explicit decoding_receiver(asio::io_context& io) : io_(io), strand_(asio::make_strand(io)) {}

    void on_input(piece_ptr piece) override {
        asio::post(io_, [this, piece = std::move(piece)] {
            static thread_local decode_cache cache(table_);
            flow_batch batch;
            piece->decode(cache, batch);
            flows += batch.flows.size();
            asio::post(strand_, [this] { source->request(1); });
        });
    }
    void on_end(source_end) override {}

    flow_source* source = nullptr;
    std::atomic<std::uint64_t> flows = 0;

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
    const measurement out = measure(time, receiver.flows);
    asio::post(receiver.strand(), [&stream] { stream.stop(); });
    for (std::thread& thread : threads)
        thread.join();
    return out;
}

// The most memory that a process had so far, of itself alone: getrusage() counts what its parent had when it was
// forked. 0 when it is gone.
double peak_mib(pid_t id) {
    std::ifstream status("/proc/" + std::to_string(id) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
    return 0;
}

std::size_t ports_in(const std::filesystem::path& policies) {
    std::size_t out = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(policies)) {
        if (!entry.is_regular_file()) continue;
        const std::string text = test::read_text(entry.path());
        for (std::size_t at = text.find("- port:"); at != std::string::npos; at = text.find("- port:", at + 1))
            ++out;
    }
    return out;
}

double children_cpu_seconds() {
    rusage use{};
    ::getrusage(RUSAGE_CHILDREN, &use);
    return seconds_of(use);
}

std::uint64_t number_behind(const std::string& text, const std::string& name) {
    const std::size_t at = text.rfind(name);
    if (at == std::string::npos) std::abort();
    return std::strtoull(text.c_str() + at + name.size(), nullptr, 10);
}

// The whole of it as a user runs it, from connecting to the last file.
measurement measure_generate(const std::string& address, std::chrono::seconds time) {
    const test::temp_dir dir;
    const double cpu = children_cpu_seconds();
    test::program cpg({.words = {std::getenv("CPG"), "generate", "--json", "--server", address, "-o", dir / "policies",
                                 "--duration", std::to_string(time.count()) + "s"},
                       .environment = {{"XDG_CACHE_HOME", dir / "cache"}},
                       .folder = dir.path(),
                       .out = dir / "out",
                       .err = dir / "err"});
    measurement out;
    const auto latest = clock::now() + time + std::chrono::seconds(60);
    while (cpg.is_running() && clock::now() < latest) {
        out.peak = std::max(out.peak, peak_mib(cpg.id()));
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (cpg.exit_code(std::chrono::seconds(0)) != 0) std::abort();
    const auto flows = static_cast<double>(number_behind(cpg.err(), "\"flows_seen\":"));
    out.flows_a_second = flows / static_cast<double>(time.count());
    out.microseconds_a_flow = 1e6 * (children_cpu_seconds() - cpu) / flows;
    out.ports = ports_in(dir / "policies");
    return out;
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

class series {
  public:
    explicit series(const char* name) : name_(name) {}
    void add(const measurement& one) { turns_.push_back(one); }
    std::vector<double> all(double measurement::*of) const {
        std::vector<double> out;
        for (const measurement& each : turns_)
            out.push_back(each.*of);
        return out;
    }
    void print(const series& beside) const {
        const std::vector<double> costs = all(&measurement::microseconds_a_flow);
        std::vector<double> ratios = beside.all(&measurement::microseconds_a_flow);
        std::ranges::transform(costs, ratios, ratios.begin(), std::divides<>{});
        std::printf("%-26s %8.0f flows/s  %5.2f us CPU a flow  ratio of CPU %.2f (%.2f to %.2f)\n", name_,
                    median(all(&measurement::flows_a_second)), median(costs), median(ratios), std::ranges::min(ratios),
                    std::ranges::max(ratios));
    }
    void print_memory() const {
        std::printf("%s took at most %.0f MiB, for %zu ports in its policies\n", name_,
                    std::ranges::max(all(&measurement::peak)), turns_.back().ports);
    }

  private:
    const char* name_;
    std::vector<measurement> turns_;
};

}  // namespace

}  // namespace cpg

int main(int argc, char** argv) {
    const std::chrono::seconds time(argc > 1 ? std::atoi(argv[1]) : 3);
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
    const cpg::server_process server;
    cpg::relay_options options;
    options.address = cpg::parse_relay_address(server.address);
    cpg::series empty("empty reactor");
    cpg::series stream("relay_stream and decoding");
    cpg::series whole("cpg generate");
    for (int round = 0; round < rounds; ++round) {
        empty.add(cpg::measure_empty(options, time));
        stream.add(cpg::measure_stream(options, time));
        whole.add(cpg::measure_generate(server.address, time));
    }
    for (const cpg::series* each : {&empty, &stream, &whole})
        each->print(empty);
    whole.print_memory();
}
