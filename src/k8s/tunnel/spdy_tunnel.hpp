// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Port-forward by SPDY/3.1, as kubectl before 1.31 did it: a pair of streams a connection, one for error text
// and one for data. Only what the container runtimes' server (moby/spdystream) speaks: no flow control, empty
// reply headers. No I/O; any thread, one object by one at a time.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "k8s/net/http.hpp"
#include "k8s/tunnel/tunnel_codec.hpp"

namespace cpg::k8s {

class spdy_offer final : public tunnel_offer {
  public:
    spdy_offer(std::string pod_path, unsigned port) : pod_path_(std::move(pod_path)), port_(port) {}

    http_request request() const override;
    bool is_accepted(const http_answer& answer) const override;
    std::unique_ptr<tunnel_codec> codec() const override;

  private:
    const std::string pod_path_;
    const unsigned port_;
};

/// SPDY's header blocks: one zlib stream with a preset dictionary for the whole connection.
class spdy_headers {
  public:
    spdy_headers();
    spdy_headers(spdy_headers&&) noexcept;
    ~spdy_headers();

    std::string compress(std::initializer_list<std::pair<std::string_view, std::string_view>> headers);

  private:
    struct deflater;
    std::unique_ptr<deflater> deflater_;
};

/// The dictionary of SPDY/3, section 2.6.10.1 of its draft; 1423 bytes.
std::string spdy_dictionary();

class spdy_codec final : public tunnel_codec {
  public:
    explicit spdy_codec(unsigned port);

    void feed(std::string_view bytes) override;
    void send(std::string_view bytes) override;
    void keep_alive() override;
    void close() override;

  private:
    bool read_payload(std::string_view& bytes);
    bool read_frame(std::string_view& bytes);
    bool fill(std::size_t wanted, std::string_view& bytes);
    void open_stream(std::uint32_t id, std::string_view type);
    void add_control(std::uint16_t type, std::string_view payload);
    void add_data(std::uint32_t id, bool last, std::string_view payload);
    void on_control(std::uint16_t type, std::uint8_t flags, std::string_view payload);
    void on_reply(std::uint32_t id);
    void on_reset(std::uint32_t id, std::uint32_t status);
    void on_ping(std::string_view payload);
    void on_data(std::string_view payload);
    void on_stream_end();

    std::string port_;
    spdy_headers headers_;
    std::string input_;
    std::uint32_t next_ping_ = 1;
    bool error_replied_ = false;
    std::uint32_t data_left_ = 0;  ///< of the data frame that is coming in
    std::uint32_t data_stream_ = 0;
    bool data_last_ = false;
};

}  // namespace cpg::k8s
