// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/wire_events.hpp"

#include "decode/proto_names.hpp"
#include "decode/wire_reader.hpp"

namespace cpg {

lost_events read_lost(std::string_view bytes) {
    std::uint32_t source = 0;
    lost_events out;
    wire_reader in(bytes);
    while (in.next())
        in.number(1, source) || in.number(2, out.number) || in.skip();
    out.source = lost_source_name(source);
    return out;
}

node_status read_node_status(std::string_view bytes) {
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
    out.state = node_state_name(state);
    return out;
}

}  // namespace cpg
