// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// How fast captures are decoded, judged and added up, and replayed as a whole: replay_bench
// decode|aggregate|replay [FLOWS]. Prints flows a second and the peak of memory; asserts nothing about
// either.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string_view>

#include "aggregate/aggregator.hpp"
#include "bench/capture.hpp"
#include "classify/triage.hpp"
#include "decode/json_decoder.hpp"
#include "session/replay.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace cpg;

constexpr std::size_t piece_flows = 600;  // about a megabyte, as the session reads

std::string text_of(std::uint64_t flows) {
    bench::capture lines({.flows = flows});
    std::string out;
    for (std::uint64_t i = 0; i < flows; ++i)
        out += lines.next();
    return out;
}

void report(std::string_view what, std::uint64_t flows, const std::function<void()>& run) {
    const auto start = std::chrono::steady_clock::now();
    run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    std::cout << what << ": " << static_cast<std::uint64_t>(static_cast<double>(flows) / took.count()) << " flows/s, "
              << flows << " flows in " << took.count() << " s, peak " << usage.ru_maxrss / 1024 << " MB\n";
}

/// Decodes the same piece again and again, each time into a new batch.
void decode_pieces(std::uint64_t flows, const std::function<void(const flow_batch&)>& use) {
    const std::string piece = text_of(piece_flows);
    label_table labels;
    decode_cache cache(labels);
    json_decoder decoder(cache);
    for (std::uint64_t done = 0; done < flows; done += piece_flows) {
        flow_batch batch;
        batch.bytes = piece;
        decoder.decode_lines(batch, 1);
        use(batch);
    }
}

void bench_aggregate(std::uint64_t flows) {
    const gates gates{gate_settings{}};
    aggregator state(10);
    decode_pieces(flows, [&](const flow_batch& batch) {
        const triage_report found = triage(batch, gates, 1, shard_of, false);
        for (const kept_flow& each : found.shards[0])
            state.add(each.candidate, "POLICY_DENIED");
    });
    state.snapshots(flush_scope::everything);
}

void bench_replay(std::uint64_t flows) {
    const test::temp_dir dir;
    test::write_text(dir / "capture.jsonl", text_of(flows));
    logger log({.level = log_level::error, .json = false, .colour = false, .descriptor = STDERR_FILENO});
    session_settings settings;
    settings.writer.output_dir = dir / "policies";
    settings.samples = 10;
    report("replay", flows, [&] { replay_captures(settings, {(dir / "capture.jsonl").string()}, log); });
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    const std::uint64_t flows = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100'000;
    if (what == "decode")
        report("decode", flows, [&] { decode_pieces(flows, [](const flow_batch&) {}); });
    else if (what == "aggregate")
        report("decode, judge and aggregate", flows, [&] { bench_aggregate(flows); });
    else if (what == "replay")
        bench_replay(flows);
    else
        return std::cerr << "replay_bench decode|aggregate|replay [FLOWS]\n", 2;
    return 0;
}
