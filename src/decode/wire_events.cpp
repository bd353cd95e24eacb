// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/wire_events.hpp"

#include <array>
#include <string>

#include "decode/wire_reader.hpp"

namespace cpg {

namespace {

template <std::size_t N>
std::string name_of(const std::array<std::string_view, N>& names, std::uint32_t number) {
    return number < N ? std::string(names[number]) : std::to_string(number);
}

}  // namespace

lost_events read_lost(std::string_view bytes) {
    constexpr std::array<std::string_view, 4> sources = {"UNKNOWN_LOST_EVENT_SOURCE", "PERF_EVENT_RING_BUFFER",
                                                         "OBSERVER_EVENTS_QUEUE", "HUBBLE_RING_BUFFER"};
    std::uint32_t source = 0;
    lost_events out;
    wire_reader in(bytes);
    while (in.next())
        in.number(1, source) || in.number(2, out.number) || in.skip();
    out.source = name_of(sources, source);
    return out;
}

node_status read_node_status(std::string_view bytes) {
    constexpr std::array<std::string_view, 5> states = {"UNKNOWN_NODE_STATE", "NODE_CONNECTED", "NODE_UNAVAILABLE",
                                                        "NODE_GONE", "NODE_ERROR"};
    std::uint32_t state = 0;
    std::string_view text;
    node_status out;
    wire_reader in(bytes);
    while (in.next()) {
        if (in.text(2, text))
            out.nodes.emplace_back(text);
        else if (in.text(3, text))
            out.message = text;
        else
            in.number(1, state) || in.skip();
    }
    out.state = name_of(states, state);
    return out;
}

}  // namespace cpg
