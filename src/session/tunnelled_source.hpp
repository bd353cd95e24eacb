// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A live stream behind a port-forward: opens the tunnel first, then lets the stream connect through it, and closes the
// tunnel when the stream has ended. Calls and callbacks on the session strand, as flow_source says.

#include <asio/any_io_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <chrono>
#include <memory>

#include "k8s/tunnel/port_forward.hpp"
#include "source/flow_source.hpp"

namespace cpg {

class tunnelled_source final : public flow_source, private flow_receiver {
  public:
    /// By `until` the relay's pod has to be found.
    tunnelled_source(asio::any_io_executor strand, std::unique_ptr<k8s::port_forward> tunnel,
                     std::unique_ptr<flow_source> inner, std::chrono::steady_clock::time_point until)
        : strand_(std::move(strand)), tunnel_(std::move(tunnel)), inner_(std::move(inner)), until_(until) {}

    void start(flow_receiver& receiver) override;
    void request(std::size_t pieces) override;
    void stop() override;
    std::uint64_t bytes_read() const override { return inner_->bytes_read(); }
    bool has_begun() const override { return inner_->has_begun(); }

  private:
    void on_input(piece_ptr piece) override;
    void on_end(source_end end) override;
    void on_tunnel(std::exception_ptr error);

    const asio::any_io_executor strand_;
    const std::unique_ptr<k8s::port_forward> tunnel_;
    const std::unique_ptr<flow_source> inner_;  ///< uses the tunnel
    const std::chrono::steady_clock::time_point until_;
    flow_receiver* receiver_ = nullptr;
    asio::cancellation_signal cancel_;
    std::size_t requested_ = 0;  ///< before the stream was started
    bool started_ = false;
    bool stopped_ = false;
};

}  // namespace cpg
