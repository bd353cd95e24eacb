// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// One TCP connection to a pod's port inside an upgraded stream, as bytes in and bytes out. No I/O; one object
// is used by one thread at a time. What it keeps is bounded by its owner, who takes data and output before
// feeding more.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "k8s/net/cluster_error.hpp"
#include "k8s/net/http.hpp"

namespace cpg::k8s {

class tunnel_codec {
  public:
    tunnel_codec() = default;
    tunnel_codec(const tunnel_codec&) = delete;
    tunnel_codec& operator=(const tunnel_codec&) = delete;
    virtual ~tunnel_codec() = default;

    /// Bytes from the server. Throws cluster_error where they break the protocol.
    virtual void feed(std::string_view bytes) = 0;
    /// Bytes to the pod; only once ready().
    virtual void send(std::string_view bytes) = 0;
    /// What keeps every timer between here and the pod from running out, and makes the server answer.
    virtual void keep_alive() = 0;
    /// The local side has ended.
    virtual void close() = 0;

    bool ready() const { return ready_; }
    /// The pod's side has ended; an error text may still come.
    bool pod_closed() const { return pod_closed_; }
    /// Nothing more will come.
    bool over() const { return over_; }
    /// What the node said went wrong, as it came, at most 4 KiB.
    const std::string& error_text() const { return error_text_; }

    std::string take_data() { return std::exchange(data_, {}); }
    std::string take_output() { return std::exchange(output_, {}); }
    std::size_t output_size() const { return output_.size(); }

  protected:
    void add_error_text(std::string_view text) {
        constexpr std::size_t most = 4096;
        error_text_ += text.substr(0, most - std::min(most, error_text_.size()));
    }

    bool ready_ = false;
    bool pod_closed_ = false;
    bool over_ = false;
    std::string error_text_;
    std::string data_;
    std::string output_;
};

/// One of the ways to ask the API server for a tunnel to a pod, for one attempt. No I/O.
class tunnel_offer {
  public:
    tunnel_offer() = default;
    tunnel_offer(const tunnel_offer&) = delete;
    tunnel_offer& operator=(const tunnel_offer&) = delete;
    virtual ~tunnel_offer() = default;

    virtual http_request request() const = 0;
    /// The answer agrees to what was asked.
    virtual bool is_accepted(const http_answer& answer) const = 0;
    /// What goes on with the stream then.
    virtual std::unique_ptr<tunnel_codec> codec() const = 0;
};

}  // namespace cpg::k8s
