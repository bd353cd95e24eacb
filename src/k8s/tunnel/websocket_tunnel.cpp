// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/tunnel/websocket_tunnel.hpp"

#include <openssl/rand.h>
#include <openssl/sha.h>
#include <wslay/wslay.h>

#include <cstring>
#include <memory>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace cpg::k8s {

namespace {

constexpr const char* subprotocol = "v4.channel.k8s.io";
constexpr std::size_t most_message = 1U << 20U;
constexpr std::size_t most_payload = 32U << 10U;  // of what we send, as client-go's copies are

std::string random_bytes(std::size_t count) {
    std::string out(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1)
        throw cluster_error("no random numbers from OpenSSL");
    return out;
}

std::string accept_of(const std::string& key) {
    const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::string digest(SHA_DIGEST_LENGTH, '\0');
    SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
    return base64_encode(digest);
}

}  // namespace

struct websocket_codec::hooks {
    static websocket_codec& self(void* user) { return *static_cast<websocket_codec*>(user); }

    static ssize_t receive(wslay_event_context_ptr context, std::uint8_t* into, std::size_t room, int, void* user) {
        std::string& input = self(user).input_;
        if (input.empty()) {
            wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
            return -1;
        }
        const std::size_t count = std::min(room, input.size());
        std::memcpy(into, input.data(), count);
        input.erase(0, count);
        return static_cast<ssize_t>(count);
    }

    static ssize_t send(wslay_event_context_ptr, const std::uint8_t* bytes, std::size_t count, int, void* user) {
        self(user).output_.append(reinterpret_cast<const char*>(bytes), count);
        return static_cast<ssize_t>(count);
    }

    static int mask(wslay_event_context_ptr, std::uint8_t* into, std::size_t count, void*) {
        return RAND_bytes(into, static_cast<int>(count)) == 1 ? 0 : -1;
    }

    static void message(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* arg, void* user) {
        self(user).on_message(arg->opcode, {reinterpret_cast<const char*>(arg->msg), arg->msg_length});
    }
};

std::string make_websocket_key() {
    return base64_encode(random_bytes(16));
}

http_request websocket_offer::request() const {
    http_request out;
    out.method = "GET";
    out.target = pod_path_ + "/portforward?ports=" + std::to_string(port_);
    out.headers = {{"Connection", "Upgrade"},
                   {"Upgrade", "websocket"},
                   {"Sec-WebSocket-Version", "13"},
                   {"Sec-WebSocket-Key", key_},
                   {"Sec-WebSocket-Protocol", subprotocol}};
    return out;
}

bool websocket_offer::is_accepted(const http_answer& answer) const {
    return answer.status == 101 && equal_ignoring_case(answer.header("upgrade"), "websocket") &&
           answer.header("sec-websocket-accept") == accept_of(key_) &&
           answer.header("sec-websocket-protocol") == subprotocol;
}

std::unique_ptr<tunnel_codec> websocket_offer::codec() const {
    return std::make_unique<websocket_codec>(port_);
}

websocket_codec::websocket_codec(unsigned port) : port_(port) {
    wslay_event_callbacks callbacks{};
    callbacks.recv_callback = hooks::receive;
    callbacks.send_callback = hooks::send;
    callbacks.genmask_callback = hooks::mask;
    callbacks.on_msg_recv_callback = hooks::message;
    if (wslay_event_context_client_init(&context_, &callbacks, this) != 0)
        throw cluster_error("out of memory for a WebSocket");
    wslay_event_config_set_max_recv_msg_length(context_, most_message);
}

websocket_codec::~websocket_codec() {
    wslay_event_context_free(context_);
}

void websocket_codec::feed(std::string_view bytes) {
    input_ += bytes;
    const int result = wslay_event_recv(context_);
    if (!problem_.empty()) throw cluster_error(problem_);
    const bool closed = wslay_event_get_close_received(context_) != 0;
    if (result != 0 || (!closed && wslay_event_get_read_enabled(context_) == 0))
        throw cluster_error("the server sent a broken or too large WebSocket message");
    flush();
    if (closed) pod_closed_ = over_ = true;
}

void websocket_codec::on_message(unsigned char opcode, std::string_view message) {
    if (wslay_is_ctrl_frame(opcode) || message.empty()) return;
    const auto channel = static_cast<unsigned char>(message[0]);
    if (opcode != WSLAY_BINARY_FRAME || channel > 1) {
        problem_ = "the server sent a message of a kind that port-forward does not have";
        return;
    }
    on_channel(channel, message.substr(1));
}

// The port comes first on each channel, in however many messages.
void websocket_codec::on_channel(std::size_t channel, std::string_view payload) {
    std::string& port = port_bytes_.at(channel);
    const std::size_t missing = std::min(2 - port.size(), payload.size());
    port += payload.substr(0, missing);
    payload.remove_prefix(missing);
    if (port.size() == 2) {
        const unsigned low = static_cast<unsigned char>(port[0]);
        const unsigned high = static_cast<unsigned char>(port[1]);
        if ((high << 8U | low) != port_) problem_ = "the server forwards another port than the one asked for";
        if (channel == 0) ready_ = true;
    }
    if (channel == 0) {
        data_ += payload;
    } else {
        add_error_text(payload);
    }
}

void websocket_codec::send(std::string_view bytes) {
    // One frame a message: the server takes a continuation frame for a message of its own.
    while (!bytes.empty()) {
        const std::string message = std::string(1, '\0').append(bytes.substr(0, most_payload));
        queue(WSLAY_BINARY_FRAME, message);
        bytes.remove_prefix(std::min(most_payload, bytes.size()));
    }
    flush();
}

// The ping makes the server answer, the empty message moves the container runtime's idle deadline, which
// pings do not.
void websocket_codec::keep_alive() {
    queue(WSLAY_PING, {});
    queue(WSLAY_BINARY_FRAME, {});
    flush();
}

void websocket_codec::close() {
    wslay_event_queue_close(context_, WSLAY_CODE_NORMAL_CLOSURE, nullptr, 0);
    flush();
}

void websocket_codec::queue(unsigned char opcode, std::string_view message) {
    const wslay_event_msg what{opcode, reinterpret_cast<const std::uint8_t*>(message.data()), message.size()};
    wslay_event_queue_msg(context_, &what);  // refused only once a close is on its way
}

void websocket_codec::flush() {
    if (wslay_event_want_write(context_) != 0 && wslay_event_send(context_) != 0)
        throw cluster_error("a WebSocket message could not be written");
}

}  // namespace cpg::k8s
