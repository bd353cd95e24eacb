// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Frames of a port-forward by SPDY, as a server may send them.

#include "k8s/tunnel/spdy_tunnel.hpp"

#include "fuzz/tunnel.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cpg::fuzz::check_tunnel<cpg::k8s::spdy_codec>(cpg::fuzz::text_of(data, size));
    return 0;
}
