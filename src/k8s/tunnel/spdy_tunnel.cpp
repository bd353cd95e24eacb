// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/tunnel/spdy_tunnel.hpp"

#include <zlib.h>

#include <array>

#include "base/text.hpp"

namespace cpg::k8s {

namespace {

constexpr const char* subprotocol = "portforward.k8s.io";
constexpr std::uint32_t error_stream = 1;
constexpr std::uint32_t data_stream = 3;
constexpr std::uint16_t syn_stream = 1;
constexpr std::uint16_t syn_reply = 2;
constexpr std::uint16_t rst_stream = 3;
constexpr std::uint16_t ping = 6;
constexpr std::uint16_t go_away = 7;
constexpr std::size_t head_size = 8;
constexpr std::uint32_t most_control = 64U << 10U;
constexpr std::size_t most_payload = 32U << 10U;

std::string big_endian(std::uint32_t value, int bytes) {
    std::string out;
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        out += static_cast<char>(value >> shift & 255U);
    return out;
}

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t count = 4) {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < count; ++i)
        out = out << 8U | static_cast<unsigned char>(bytes[at + i]);
    return out;
}

}  // namespace

struct spdy_headers::deflater {
    z_stream stream{};

    deflater() {
        const std::string dictionary = spdy_dictionary();
        if (deflateInit(&stream, Z_BEST_COMPRESSION) != Z_OK) throw cluster_error("out of memory for zlib");
        deflateSetDictionary(&stream, reinterpret_cast<const Bytef*>(dictionary.data()),
                             static_cast<uInt>(dictionary.size()));
    }
    deflater(const deflater&) = delete;
    deflater& operator=(const deflater&) = delete;
    ~deflater() { deflateEnd(&stream); }
};

spdy_headers::spdy_headers() : deflater_(std::make_unique<deflater>()) {}
spdy_headers::spdy_headers(spdy_headers&&) noexcept = default;
spdy_headers::~spdy_headers() = default;

std::string spdy_headers::compress(std::initializer_list<std::pair<std::string_view, std::string_view>> headers) {
    std::string block = big_endian(static_cast<std::uint32_t>(headers.size()), 4);
    for (const auto& [name, value] : headers) {
        block += big_endian(static_cast<std::uint32_t>(name.size()), 4).append(name);
        block += big_endian(static_cast<std::uint32_t>(value.size()), 4).append(value);
    }
    z_stream& stream = deflater_->stream;
    std::array<char, 1024> buffer{};
    std::string out;
    stream.next_in = reinterpret_cast<Bytef*>(block.data());
    stream.avail_in = static_cast<uInt>(block.size());
    do {
        stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
        stream.avail_out = static_cast<uInt>(buffer.size());
        deflate(&stream, Z_SYNC_FLUSH);
        out.append(buffer.data(), buffer.size() - stream.avail_out);
    } while (stream.avail_out == 0);
    return out;
}

http_request spdy_offer::request() const {
    http_request out;
    out.method = "POST";
    out.target = pod_path_ + "/portforward";
    out.headers = {{"Content-Length", "0"},
                   {"Connection", "Upgrade"},
                   {"Upgrade", "SPDY/3.1"},
                   {"X-Stream-Protocol-Version", subprotocol}};
    return out;
}

bool spdy_offer::is_accepted(const http_answer& answer) const {
    return answer.status == 101 && lower(answer.header("connection")).find("upgrade") != std::string::npos &&
           lower(answer.header("upgrade")).find("spdy/3.1") != std::string::npos &&
           answer.header("x-stream-protocol-version") == subprotocol;
}

std::unique_ptr<tunnel_codec> spdy_offer::codec() const {
    return std::make_unique<spdy_codec>(port_);
}

spdy_codec::spdy_codec(unsigned port) : port_(std::to_string(port)) {
    open_stream(error_stream, "error");
}

void spdy_codec::open_stream(std::uint32_t id, std::string_view type) {
    std::string payload = big_endian(id, 4) + big_endian(0, 4) + big_endian(0, 2);
    payload += headers_.compress({{"streamtype", type}, {"port", port_}, {"requestid", "0"}});
    add_control(syn_stream, payload);
}

void spdy_codec::add_control(std::uint16_t type, std::string_view payload) {
    output_ += big_endian(0x80030000U | type, 4);
    output_ += big_endian(static_cast<std::uint32_t>(payload.size()), 4);  // flags 0 in the first byte
    output_ += payload;
}

void spdy_codec::add_data(std::uint32_t id, bool last, std::string_view payload) {
    output_ += big_endian(id, 4);
    output_ += static_cast<char>(last ? 1 : 0);
    output_ += big_endian(static_cast<std::uint32_t>(payload.size()), 3);
    output_ += payload;
}

void spdy_codec::feed(std::string_view bytes) {
    while (read_payload(bytes) && read_frame(bytes)) {
    }
}

// Data is passed on as it comes, so that no frame is kept whole; only control frames are. False: more is
// needed.
bool spdy_codec::read_payload(std::string_view& bytes) {
    if (data_left_ == 0) return true;
    const std::string_view part = bytes.substr(0, data_left_);
    bytes.remove_prefix(part.size());
    data_left_ -= static_cast<std::uint32_t>(part.size());
    on_data(part);
    if (data_left_ > 0) return false;
    on_stream_end();
    return true;
}

bool spdy_codec::read_frame(std::string_view& bytes) {
    if (!fill(head_size, bytes)) return false;
    const std::uint32_t first = number_at(input_, 0);
    const std::uint32_t length = number_at(input_, 5, 3);
    const auto flags = static_cast<std::uint8_t>(input_[4]);
    if ((first & 0x80000000U) == 0) {
        input_.clear();
        data_stream_ = first;
        data_left_ = length;
        data_last_ = (flags & 1U) != 0;
        if (length == 0) on_stream_end();
        return true;
    }
    if (first >> 16U != 0x8003U || length > most_control)
        throw cluster_error("the server sent a broken or too large SPDY frame");
    if (!fill(head_size + length, bytes)) return false;
    const std::string frame = std::exchange(input_, {});
    on_control(static_cast<std::uint16_t>(first & 0xffffU), flags, std::string_view(frame).substr(head_size));
    return true;
}

bool spdy_codec::fill(std::size_t wanted, std::string_view& bytes) {
    const std::size_t missing = wanted - std::min(wanted, input_.size());
    const std::string_view part = bytes.substr(0, missing);
    input_ += part;
    bytes.remove_prefix(part.size());
    return input_.size() >= wanted;
}

void spdy_codec::on_control(std::uint16_t type, std::uint8_t flags, std::string_view payload) {
    if (type == go_away) {
        pod_closed_ = over_ = true;
        return;
    }
    if (type != syn_reply && type != rst_stream && type != ping) return;
    if (payload.size() < (type == rst_stream ? 8U : 4U)) throw cluster_error("the server sent a short SPDY frame");
    if (type == ping) return on_ping(payload);
    const std::uint32_t id = number_at(payload, 0) & 0x7fffffffU;
    if (type == rst_stream) return on_reset(id, number_at(payload, 4));
    on_reply(id);
    if ((flags & 1U) != 0) {
        data_stream_ = id;
        data_last_ = true;
        on_stream_end();
    }
}

void spdy_codec::on_reply(std::uint32_t id) {
    if (id == error_stream && !std::exchange(error_replied_, true)) {
        add_data(error_stream, true, {});  // nothing is ever said on it from here
        open_stream(data_stream, "data");
    } else if (id == data_stream) {
        ready_ = true;
    }
}

void spdy_codec::on_reset(std::uint32_t id, std::uint32_t status) {
    if (error_text_.empty())
        add_error_text("the server reset the " + std::string(id == error_stream ? "error" : "data") +
                       " stream (SPDY status " + std::to_string(status) + ")");
    pod_closed_ = over_ = true;
}

// Our own pings are odd and come back; the server's are even and are sent back.
void spdy_codec::on_ping(std::string_view payload) {
    if (number_at(payload, 0) % 2 == 0) add_control(ping, payload.substr(0, 4));
}

void spdy_codec::on_data(std::string_view payload) {
    if (data_stream_ == data_stream) {
        data_ += payload;
    } else if (data_stream_ == error_stream) {
        add_error_text(payload);
    }
}

void spdy_codec::on_stream_end() {
    if (!std::exchange(data_last_, false)) return;
    if (data_stream_ == data_stream) pod_closed_ = true;
    if (data_stream_ == error_stream) pod_closed_ = over_ = true;
}

void spdy_codec::send(std::string_view bytes) {
    while (!bytes.empty()) {
        add_data(data_stream, false, bytes.substr(0, most_payload));
        bytes.remove_prefix(std::min(most_payload, bytes.size()));
    }
}

void spdy_codec::keep_alive() {
    add_control(ping, big_endian(next_ping_, 4));
    next_ping_ += 2;
}

void spdy_codec::close() {
    if (ready_) add_data(data_stream, true, {});
    add_control(go_away, big_endian(0, 4) + big_endian(0, 4));
}

}  // namespace cpg::k8s
