// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What tests of a session's parts share: a source that gives what it is told to, and a session's middle to give it to.
// One thread, which runs the io_context.

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <deque>
#include <string>
#include <utility>

#include "decode/json_decoder.hpp"
#include "session/ingest.hpp"
#include "session/notices.hpp"
#include "session/output_sinks.hpp"
#include "session/shards.hpp"
#include "support/flow_line.hpp"
#include "support/piece.hpp"
#include "support/quiet_log.hpp"

namespace cpg::test {

/// A drop at `subject`, of a flow from app=web, as a line; both are known as pods of shop.
inline std::string drop_line(const std::string& subject, unsigned port = 80, const std::string& cluster = "") {
    const std::string in_shop = "k8s:io.kubernetes.pod.namespace=shop";
    const std::string in_cluster = cluster.empty() ? "" : R"("cluster_name":")" + cluster + R"(",)";
    return line_of({.port = port,
                    .source = pod_end("shop", {"k8s:app=web", in_shop}),
                    .destination = pod_end("shop", {"k8s:app=" + subject, in_shop}, in_cluster)});
}

/// Gives pieces of text as they are asked for, then ends.
class text_source final : public flow_source {
  public:
    text_source(asio::any_io_executor executor, std::deque<std::string> pieces, std::string problem = "")
        : executor_(std::move(executor)), pieces_(std::move(pieces)), problem_(std::move(problem)) {}

    void start(flow_receiver& receiver) override { receiver_ = &receiver; }
    void request(std::size_t pieces) override {
        asked += pieces;
        most_open = std::max(most_open, asked - given);
        asio::post(executor_, [this] { give(); });
    }
    void stop() override {
        pieces_.clear();
        asio::post(executor_, [this] { give(); });
    }

    std::size_t asked = 0;
    std::size_t given = 0;
    std::size_t most_open = 0;  ///< asked for and not given yet

  private:
    void give() {
        for (; given < asked && !pieces_.empty(); ++given) {
            std::string next = std::move(pieces_.front());
            pieces_.pop_front();
            receiver_->on_input(piece_of([next = std::move(next)](decode_cache& cache, flow_batch& batch) {
                batch.bytes = next;
                json_decoder(cache).decode_lines(batch, 1);
            }));
        }
        if (pieces_.empty() && given < asked && !std::exchange(ended_, true)) receiver_->on_end({problem_});
    }

    asio::any_io_executor executor_;
    std::deque<std::string> pieces_;
    std::string problem_;
    flow_receiver* receiver_ = nullptr;
    bool ended_ = false;
};

/// From a source to the shards, of which there are two.
struct session_middle {
    explicit session_middle(session_settings how = {}, std::size_t slots = 3)
        : settings(std::move(how)),
          sums(io.get_executor(), io.get_executor(), 2, shard_settings_of(settings)),
          input(settings, io.get_executor(), io.get_executor(), slots, sums, told, quiet_log()) {}

    /// All of it, to the shards.
    void take(std::deque<std::string> pieces) {
        text_source source(io.get_executor(), std::move(pieces));
        input.start(source, {.on_end = [this](source_end end) { ends.push_back(end.problem); },
                             .on_added = [this] { ++added; }});
        run();
    }
    void run() {
        io.run();
        io.restart();
    }

    asio::io_context io;
    session_settings settings;
    notices told{quiet_log()};
    shards sums;
    ingest input;
    std::vector<std::string> ends;
    std::size_t added = 0;
};

}  // namespace cpg::test
