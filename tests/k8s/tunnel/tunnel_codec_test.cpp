// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <zlib.h>

#include <boost/test/unit_test.hpp>

#include "base/digest.hpp"
#include "k8s/tunnel/spdy_tunnel.hpp"
#include "k8s/tunnel/websocket_tunnel.hpp"

namespace cpg::k8s {

namespace {

std::string from_hex(const std::string& hex) {
    std::string out;
    std::string pair;
    for (const char c : hex) {
        if (c == ' ') continue;
        pair += c;
        if (pair.size() < 2) continue;
        out += static_cast<char>(std::stoi(pair, nullptr, 16));
        pair.clear();
    }
    return out;
}

// Reads header blocks as a server does: one inflater for the connection.
class block_reader {
  public:
    block_reader() { inflateInit(&stream_); }
    block_reader(const block_reader&) = delete;
    block_reader& operator=(const block_reader&) = delete;
    ~block_reader() { inflateEnd(&stream_); }

    std::string read(std::string block) {
        std::string out(4096, '\0');
        stream_.next_in = reinterpret_cast<Bytef*>(block.data());
        stream_.avail_in = static_cast<uInt>(block.size());
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = static_cast<uInt>(out.size());
        if (inflate(&stream_, Z_SYNC_FLUSH) == Z_NEED_DICT) {
            const std::string dictionary = spdy_dictionary();
            inflateSetDictionary(&stream_, reinterpret_cast<const Bytef*>(dictionary.data()),
                                 static_cast<uInt>(dictionary.size()));
            inflate(&stream_, Z_SYNC_FLUSH);
        }
        out.resize(out.size() - stream_.avail_out);
        return out;
    }

  private:
    z_stream stream_{};
};

// What a container runtime's server answered, byte for byte.
const std::string reply_1 = from_hex("80030002 00000014 00000001 78f9e3c6a7c26260606000000000ffff");
const std::string reply_3 = from_hex("80030002 0000000c 00000003 026100000000ffff");

std::string data_frame(int stream, bool last, const std::string& bytes) {
    return from_hex("0000000" + std::to_string(stream) + (last ? "01" : "00")) + std::string(2, '\0') +
           static_cast<char>(bytes.size()) + bytes;
}

std::string server_message(const std::string& payload, char first = '\x82') {
    return std::string(1, first) + static_cast<char>(payload.size()) + payload;
}

const std::string port_on_0 = server_message(from_hex("00 9510"));
const std::string port_on_1 = server_message(from_hex("01 9510"));

// Undoes the mask of the first frame in `bytes`, which is short.
std::string unmasked(const std::string& bytes) {
    std::string out;
    for (std::size_t i = 6; i < bytes.size(); ++i)
        out += static_cast<char>(bytes[i] ^ bytes[2 + (i - 6) % 4]);
    return out;
}

http_answer agreed(const std::string& accept) {
    http_answer out;
    out.status = 101;
    out.headers = {
        {"upgrade", "WebSocket"}, {"sec-websocket-accept", accept}, {"sec-websocket-protocol", "v4.channel.k8s.io"}};
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tunnel_codec_suite)

BOOST_AUTO_TEST_CASE(the_dictionary_is_the_drafts) {
    BOOST_TEST(sha256_hex(spdy_dictionary()) == "51d27341373f923f3cd88e1eb7162aeaa3723d7585ff2399201dc06498407f02");
}

BOOST_AUTO_TEST_CASE(spdy_opens_two_streams_one_after_the_other) {
    spdy_codec codec(4245);
    block_reader reader;
    block_reader recorded;
    const std::string first = codec.take_output();
    const std::string go = from_hex(
        "80030001 0000003d 00000001 00000000 0000 78f9e3c6a7c202253a703a2b294a4dcc851625aca9a080"
        "8614cb45e01c606264022a84388b20d198094ade8c0600000000ffff");
    BOOST_TEST(first.substr(0, 4) == go.substr(0, 4));
    BOOST_TEST(first.substr(8, 10) == go.substr(8, 10));
    BOOST_TEST(reader.read(first.substr(18))
                   .find("streamtype\0\0\0\x05"
                         "error") != std::string::npos);
    BOOST_TEST(recorded.read(go.substr(18)).find("streamtype") != std::string::npos);
    codec.feed(reply_1);
    const std::string second = codec.take_output();
    BOOST_TEST(second.substr(0, 8) == from_hex("00000001 01000000"));
    BOOST_TEST(reader.read(second.substr(26)).find("data") != std::string::npos);
    BOOST_TEST(!codec.ready());
    codec.feed(reply_3);
    BOOST_TEST(codec.ready());
    codec.send("hello");
    BOOST_TEST(codec.take_output() == data_frame(3, false, "hello"));
}

BOOST_AUTO_TEST_CASE(spdy_data_comes_through_in_any_pieces) {
    const std::string all = reply_1 + reply_3 + data_frame(3, false, "one") + from_hex("80030006 00000004 00000002") +
                            data_frame(3, false, "two") + data_frame(3, true, "") + data_frame(1, true, "");
    for (std::size_t step = 1; step <= all.size(); ++step) {
        spdy_codec codec(4245);
        std::string data;
        std::string output;
        for (std::size_t at = 0; at < all.size(); at += step) {
            codec.feed(std::string_view(all).substr(at, step));
            data += codec.take_data();
            output += codec.take_output();
        }
        BOOST_TEST(data == "onetwo");
        BOOST_TEST(output.ends_with(from_hex("80030006 00000004 00000002")));
        BOOST_TEST(codec.over());
        BOOST_TEST(codec.error_text().empty());
    }
}

BOOST_AUTO_TEST_CASE(spdy_error_text_and_reset_end_the_tunnel) {
    spdy_codec refused(4999);
    refused.feed(reply_1 + reply_3 + data_frame(3, true, ""));
    BOOST_TEST(refused.pod_closed());
    BOOST_TEST(!refused.over());
    refused.feed(data_frame(1, false, "connection refused") + data_frame(1, true, ""));
    BOOST_TEST(refused.over());
    BOOST_TEST(refused.error_text() == "connection refused");
    spdy_codec reset(4245);
    reset.feed(reply_1 + from_hex("80030003 00000008 00000003 00000003"));
    BOOST_TEST(reset.over());
    BOOST_TEST(reset.error_text() == "the server reset the data stream (SPDY status 3)");
}

BOOST_AUTO_TEST_CASE(spdy_goaway_ends_and_ping_ids_are_odd) {
    spdy_codec codec(4245);
    codec.take_output();
    codec.keep_alive();
    codec.keep_alive();
    BOOST_TEST(codec.take_output() == from_hex("80030006 00000004 00000001 80030006 00000004 00000003"));
    codec.feed(from_hex("80030007 00000008 00000000 00000000"));
    BOOST_TEST(codec.over());
}

BOOST_AUTO_TEST_CASE(spdy_garbage_and_huge_control_frames_are_refused) {
    for (const char* bytes : {"80020001 00000004 00000000", "80030002 00ffffff 00000000", "80030006 00000002 0000"}) {
        spdy_codec codec(4245);
        BOOST_CHECK_THROW(codec.feed(from_hex(bytes)), cluster_error);
    }
}

BOOST_AUTO_TEST_CASE(a_websocket_is_agreed_to_by_key_and_protocol) {
    // The example of RFC 6455.
    const websocket_offer offer("/pod", 4245, "dGhlIHNhbXBsZSBub25jZQ==");
    BOOST_TEST(offer.is_accepted(agreed("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")));
    BOOST_TEST(!offer.is_accepted(agreed("x")));
    http_answer other = agreed("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    other.headers["sec-websocket-protocol"] = "SPDY/3.1+portforward.k8s.io";
    BOOST_TEST(!offer.is_accepted(other));
}

BOOST_AUTO_TEST_CASE(each_offer_asks_for_its_protocol_and_has_its_codec) {
    const websocket_offer websocket("/pod", 4245);
    BOOST_TEST(websocket.request().target == "/pod/portforward?ports=4245");
    BOOST_TEST(dynamic_cast<websocket_codec*>(websocket.codec().get()));
    const spdy_offer spdy("/pod", 4245);
    BOOST_TEST(spdy.request().target == "/pod/portforward");
    BOOST_TEST(dynamic_cast<spdy_codec*>(spdy.codec().get()));
    http_answer agrees = agreed("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    agrees.headers = {
        {"connection", "Upgrade"}, {"upgrade", "SPDY/3.1"}, {"x-stream-protocol-version", "portforward.k8s.io"}};
    BOOST_TEST(spdy.is_accepted(agrees));
    agrees.status = 200;
    BOOST_TEST(!spdy.is_accepted(agrees));
}

BOOST_AUTO_TEST_CASE(a_websocket_skips_the_ports_and_tells_data_from_errors) {
    const std::string all = port_on_0 + port_on_1 + server_message(std::string("\0data", 5)) +
                            server_message("\x01oops") + server_message(from_hex("03e8"), '\x88');
    for (std::size_t step = 1; step <= all.size(); ++step) {
        websocket_codec codec(4245);
        for (std::size_t at = 0; at < all.size(); at += step)
            codec.feed(std::string_view(all).substr(at, step));
        BOOST_TEST(codec.take_data() == "data");
        BOOST_TEST(codec.error_text() == "oops");
        BOOST_TEST(codec.over());
    }
}

BOOST_AUTO_TEST_CASE(the_port_may_come_byte_by_byte) {
    websocket_codec codec(4245);
    codec.feed(server_message(from_hex("00 95")));
    BOOST_TEST(!codec.ready());
    codec.feed(server_message(from_hex("00 10 41")));
    BOOST_TEST(codec.ready());
    BOOST_TEST(codec.take_data() == "A");
}

BOOST_AUTO_TEST_CASE(websocket_messages_out_are_single_masked_binary_frames) {
    websocket_codec codec(4245);
    codec.send("hi");
    const std::string frame = codec.take_output();
    BOOST_TEST(frame.substr(0, 2) == from_hex("82 83"));
    BOOST_TEST(unmasked(frame) == std::string("\0hi", 3));
    codec.send(std::string(100'000, 'x'));
    const std::string large = codec.take_output();
    std::size_t at = 0;
    std::size_t frames = 0;
    for (; at < large.size(); ++frames) {
        BOOST_REQUIRE(static_cast<unsigned char>(large[at]) == 0x82);  // FIN, never a fragment
        const auto length = static_cast<std::size_t>(static_cast<unsigned char>(large[at + 2]) * 256 +
                                                     static_cast<unsigned char>(large[at + 3]));
        at += 8 + length;
    }
    BOOST_TEST(frames == 4U);
}

BOOST_AUTO_TEST_CASE(websocket_keep_alive_is_a_ping_and_an_empty_message) {
    websocket_codec codec(4245);
    codec.keep_alive();
    const std::string bytes = codec.take_output();
    BOOST_REQUIRE(bytes.size() == 12U);
    BOOST_TEST(bytes.substr(0, 2) == from_hex("89 80"));
    BOOST_TEST(bytes.substr(6, 2) == from_hex("82 80"));
    codec.feed(server_message("x", '\x89'));
    BOOST_TEST(codec.take_output().substr(0, 2) == from_hex("8a 81"));
}

BOOST_AUTO_TEST_CASE(broken_websocket_messages_are_refused) {
    const std::string huge = from_hex("82 7f 00000000 7fffffff 00");
    for (const std::string& bytes : {std::string("garbage that is no frame"), huge, server_message(from_hex("00 0050")),
                                     server_message("\x05"), server_message("text", '\x81')}) {
        websocket_codec codec(4245);
        BOOST_TEST_CONTEXT(bytes) {
            BOOST_CHECK_THROW(codec.feed(bytes), cluster_error);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s
