// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A relay_stream against relay-sim's service in the same process. Members are destroyed in the order that
// gRPC and Asio want: the stream (which waits for its calls) before the io_context, both before the server.
// Every wait has a deadline.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/strand.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "relay_server.hpp"
#include "source/relay_stream.hpp"
#include "support/patience.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

namespace cpg::test {

/// Decodes what comes on the spot, or when it is told to, and keeps what tells flows apart.
class collector final : public flow_receiver {
  public:
    void on_input(piece_ptr piece) override {
        ++pieces;
        if (holds)
            held_.push_back(std::move(piece));
        else
            decode(*piece);
    }

    /// Decodes what was held, and from now on everything on the spot.
    void release() {
        holds = false;
        for (const piece_ptr& each : std::exchange(held_, {}))
            decode(*each);
    }

    void on_end(source_end with) override {
        ++ends;
        end = std::move(with);
    }

    flow_source* source = nullptr;  ///< to ask for one more piece after each; none: as the test asks
    bool holds = false;
    std::vector<std::string> uuids;
    std::vector<std::string> nodes;
    std::uint64_t lost = 0;
    std::uint64_t malformed = 0;
    std::size_t pieces = 0;
    std::size_t largest_piece = 0;
    int ends = 0;
    std::optional<source_end> end;

  private:
    void decode(input_piece& piece) {
        flow_batch batch;
        piece.decode(cache_, batch);
        for (const flow& one : batch.flows)
            uuids.emplace_back(one.uuid);
        for (const node_status& one : batch.nodes)
            nodes.push_back(one.state);
        for (const lost_events& one : batch.lost)
            lost += one.number;
        largest_piece = std::max(largest_piece, static_cast<std::size_t>(batch.lines));
        malformed += batch.malformed_count;
        if (source) source->request(1);
    }

    label_table table_;
    decode_cache cache_{table_};
    std::vector<piece_ptr> held_;
};

/// True when no two are the same.
inline bool all_distinct(std::vector<std::string> values) {
    std::ranges::sort(values);
    return std::ranges::adjacent_find(values) == values.end();
}

class stream_fixture {
  public:
    stream_fixture() {
        log_file_ = ::open((dir / "log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
        log_ = std::make_unique<logger>(log_settings{.level = log_level::debug, .descriptor = log_file_});
        options.timeout = patient(std::chrono::seconds(5));
        options.first_backoff = std::chrono::milliseconds(10);
        options.longest_backoff = std::chrono::milliseconds(50);
    }
    stream_fixture(const stream_fixture&) = delete;
    stream_fixture& operator=(const stream_fixture&) = delete;
    ~stream_fixture() {
        close();
        ::close(log_file_);
    }

    void serve() {
        server = std::make_unique<sim::relay_server>(sim);
        options.address = parse_relay_address(server->address());
    }

    /// Starts the stream, asking for `pieces`, and for one more after each where `keep_asking`.
    void open(std::size_t pieces = 2, bool keep_asking = true) {
        close();
        stream = std::make_unique<relay_stream>(asio::make_strand(*io), options, *log_);
        if (keep_asking) receiver.source = stream.get();
        stream->start(receiver);
        stream->request(pieces);
    }

    /// As a session ends: nothing of the stream's context runs any more when it goes.
    void close() {
        stream.reset();
        receiver.source = nullptr;
        io = std::make_unique<asio::io_context>();
    }

    /// Runs handlers until it is so; false when that takes longer than `most`.
    bool run_until(const std::function<bool()>& so, std::chrono::nanoseconds most = patient(std::chrono::seconds(10))) {
        return test::run_until(*io, so, most);
    }
    void run_for(std::chrono::nanoseconds time) {
        run_until([] { return false; }, time);
    }
    bool run_to_end() {
        return run_until([this] { return receiver.end.has_value(); });
    }
    bool run_to_flows(std::size_t count) {
        return run_until([this, count] { return receiver.uuids.size() >= count; });
    }

    /// Serves streams that end, so that there is a time when all of a stream has come.
    void serve_to_the_end() {
        sim.end_when_done = true;
        serve();
    }
    bool run_to_the_streams_end() {
        return run_until([this] { return logged().find("ended the stream") != std::string::npos; });
    }

    /// All of them, and none a second time. Wants serve_to_the_end().
    void run_to_each_once(std::size_t count) {
        BOOST_REQUIRE(run_to_the_streams_end());
        BOOST_TEST(receiver.uuids.size() == count);
        BOOST_TEST(all_distinct(receiver.uuids));
    }

    std::string logged() const { return read_text(dir / "log"); }

    temp_dir dir;
    sim::settings sim;
    relay_options options;
    std::unique_ptr<sim::relay_server> server;
    std::unique_ptr<asio::io_context> io = std::make_unique<asio::io_context>();
    collector receiver;

  private:
    int log_file_ = -1;
    std::unique_ptr<logger> log_;

  public:
    std::unique_ptr<relay_stream> stream;
};

}  // namespace cpg::test
