// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/port_entry.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cpg {

std::vector<l4_protocol> port_protocols(std::string_view text) {
    using enum l4_protocol;
    if (text.empty() || text == "ANY") return {tcp, udp, sctp};
    for (const l4_protocol each : {tcp, udp, sctp})
        if (text == to_string(each)) return {each};
    return {};
}

bool is_port_name(std::string_view text) {
    constexpr std::size_t longest = 15;
    if (text.empty() || text.size() > longest || text.front() == '-' || text.back() == '-') return false;
    return text.find("--") == std::string_view::npos && std::ranges::any_of(text, is_letter) &&
           std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

std::optional<std::uint16_t> parse_port_number(std::string_view text) {
    constexpr unsigned highest = 65535;
    const unsigned base = text.size() > 1 && text.front() == '0' ? 8 : 10;
    unsigned out = 0;
    for (const char c : text) {
        if (!is_digit(c) || static_cast<unsigned>(c - '0') >= base) return std::nullopt;
        out = out * base + static_cast<unsigned>(c - '0');
        if (out > highest) return std::nullopt;
    }
    return text.empty() ? std::nullopt : std::optional(static_cast<std::uint16_t>(out));
}

bool parse_port(port_entry& to, std::string_view text, std::uint16_t end) {
    constexpr std::uint16_t highest = 65535;
    if (is_port_name(text)) {
        to.name = lower(text);
        return true;
    }
    const auto number = parse_port_number(text);
    if (!number) return false;
    to.first = *number;
    to.last = std::max(*number, end);
    to.all = *number == 0 && (end == 0 || end == highest);
    return true;
}

}  // namespace cpg
