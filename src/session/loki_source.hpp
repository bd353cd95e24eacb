// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Hubble flows that a log collector has put into Loki, as a source of flows. A page is asked for when the session takes
// it. Calls and callbacks on the session strand, as flow_source says.

#include <asio/any_io_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/steady_timer.hpp>

#include "base/log.hpp"
#include "k8s/api/loki.hpp"
#include "source/flow_source.hpp"

namespace cpg {

/// Where Loki is, what it is asked, and as whom.
struct loki_settings {
    k8s::cluster_access access;
    std::string query;
    std::string user_agent = "cpg";
    time_window window;                                           ///< bounded on both sides
    std::chrono::nanoseconds patience = std::chrono::minutes(2);  ///< for a page
};

class loki_source final : public flow_source {
  public:
    loki_source(asio::any_io_executor strand, loki_settings settings, logger& log);

    void start(flow_receiver& receiver) override { receiver_ = &receiver; }
    void request(std::size_t pieces) override;
    void stop() override;
    double progress() const override { return query_.progress(); }
    std::uint64_t bytes_read() const override { return bytes_; }
    bool has_begun() const override { return answered_; }

  private:
    asio::awaitable<void> read();
    asio::awaitable<void> deliver_pages();
    void deliver(std::string lines);

    asio::any_io_executor strand_;
    std::chrono::nanoseconds patience_;
    k8s::api_client client_;
    k8s::loki_query query_;
    flow_receiver* receiver_ = nullptr;
    asio::cancellation_signal cancel_;
    std::size_t wanted_ = 0;
    bool reading_ = false;
    bool ended_ = false;
    bool stopped_ = false;
    bool answered_ = false;
    std::uint64_t lines_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace cpg
