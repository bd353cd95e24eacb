// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What both protocols of a port-forward promise, for bytes that came from a server. One thread.

#include "fuzz/check.hpp"
#include "k8s/tunnel/tunnel_codec.hpp"

namespace cpg::fuzz {

constexpr unsigned tunnel_port = 4245;

/// What came of a tunnel.
struct tunnel_end {
    std::string data;
    std::string error_text;
    bool broken = false;
    bool ready = false;
    bool over = false;

    bool operator==(const tunnel_end&) const = default;
};

template <class codec>
tunnel_end run_tunnel(std::string_view bytes, std::size_t step) {
    tunnel_end out;
    codec tunnel(tunnel_port);
    try {
        for (const std::string_view part : cut(bytes, step)) {
            if (tunnel.over()) break;
            tunnel.feed(part);
            out.data += tunnel.take_data();
            require(tunnel.output_size() <= 4096 + 16 * part.size(), "an answer is as short as what it answers");
            tunnel.take_output();
        }
        if (tunnel.ready()) tunnel.send("x");
        tunnel.keep_alive();
        tunnel.close();
    } catch (const k8s::cluster_error&) {
        out.broken = true;
    }
    out.error_text = tunnel.error_text();
    out.ready = tunnel.ready();
    out.over = tunnel.over();
    return out;
}

/// The first byte is the size of the pieces in which the rest comes.
template <class codec>
void check_tunnel(std::string_view bytes) {
    const std::size_t step = 1 + take_byte(bytes);
    const tunnel_end whole = run_tunnel<codec>(bytes, bytes.size() + 1);
    const tunnel_end pieces = run_tunnel<codec>(bytes, step);
    require(whole.data.size() + whole.error_text.size() <= bytes.size() + 128, "nothing is made up");
    require(whole.error_text.size() <= 4096, "the error text is bounded");
    if (whole.broken || whole.over || pieces.broken || pieces.over) return;
    require(whole == pieces, "the size of the pieces makes no difference");
}

}  // namespace cpg::fuzz
