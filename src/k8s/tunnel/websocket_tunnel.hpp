// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Port-forward by WebSocket, subprotocol v4.channel.k8s.io: a binary message is a channel byte and a payload,
// channel 0 carries data, channel 1 error text, and the first two bytes on each are the port. No I/O; any
// thread, one object by one at a time.

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "k8s/net/http.hpp"
#include "k8s/tunnel/tunnel_codec.hpp"

struct wslay_event_context;

namespace cpg::k8s {

/// 16 random bytes in base64.
std::string make_websocket_key();

class websocket_offer final : public tunnel_offer {
  public:
    websocket_offer(std::string pod_path, unsigned port, std::string key = make_websocket_key())
        : pod_path_(std::move(pod_path)), port_(port), key_(std::move(key)) {}

    http_request request() const override;
    bool is_accepted(const http_answer& answer) const override;
    std::unique_ptr<tunnel_codec> codec() const override;

  private:
    const std::string pod_path_;
    const unsigned port_;
    const std::string key_;
};

class websocket_codec final : public tunnel_codec {
  public:
    explicit websocket_codec(unsigned port);
    ~websocket_codec() override;

    void feed(std::string_view bytes) override;
    void send(std::string_view bytes) override;
    void keep_alive() override;
    void close() override;

  private:
    struct hooks;
    friend struct hooks;

    void on_message(unsigned char opcode, std::string_view message);
    void on_channel(std::size_t channel, std::string_view payload);
    void queue(unsigned char opcode, std::string_view message);
    void flush();

    unsigned port_;
    std::string input_;
    std::array<std::string, 2> port_bytes_;  ///< of each channel, until there are two
    std::string problem_;                    ///< found inside a callback, thrown outside of the C code
    wslay_event_context* context_ = nullptr;
};

}  // namespace cpg::k8s
