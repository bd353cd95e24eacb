// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "flow/flow.hpp"

#include <array>

namespace cpg {

std::string_view to_string(direction direction) {
    constexpr std::array<std::string_view, 3> names = {"unknown", "ingress", "egress"};
    return names[static_cast<std::size_t>(direction)];
}

std::string_view to_string(l4_protocol protocol) {
    constexpr std::array<std::string_view, 7> names = {"none", "TCP", "UDP", "SCTP", "ICMPv4", "ICMPv6", "other"};
    return names[static_cast<std::size_t>(protocol)];
}

}  // namespace cpg
