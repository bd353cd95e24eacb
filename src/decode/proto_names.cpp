// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/proto_names.hpp"

#include <algorithm>
#include <array>

#include "base/enum_rows.hpp"

namespace cpg {

namespace {

constexpr auto verdict_names = std::to_array<enum_row<verdict>>({
    {verdict::unknown, "VERDICT_UNKNOWN"},
    {verdict::forwarded, "FORWARDED"},
    {verdict::dropped, "DROPPED"},
    {verdict::error, "ERROR"},
    {verdict::audit, "AUDIT"},
    {verdict::redirected, "REDIRECTED"},
    {verdict::traced, "TRACED"},
    {verdict::translated, "TRANSLATED"},
});
static_assert(are_rows_of(verdict_names, verdict::translated));

constexpr auto direction_names = std::to_array<enum_row<direction>>({
    {direction::unknown, "TRAFFIC_DIRECTION_UNKNOWN"},
    {direction::ingress, "INGRESS"},
    {direction::egress, "EGRESS"},
});
static_assert(are_rows_of(direction_names, direction::egress));

constexpr auto flow_type_names = std::to_array<enum_row<flow_type>>({
    {flow_type::unknown, "UNKNOWN_TYPE"},
    {flow_type::l3_l4, "L3_L4"},
    {flow_type::l7, "L7"},
    {flow_type::sock, "SOCK"},
});
static_assert(are_rows_of(flow_type_names, flow_type::sock));

constexpr auto l7_type_names = std::to_array<enum_row<l7_type>>({
    {l7_type::unknown, "UNKNOWN_L7_TYPE"},
    {l7_type::request, "REQUEST"},
    {l7_type::response, "RESPONSE"},
    {l7_type::sample, "SAMPLE"},
});
static_assert(are_rows_of(l7_type_names, l7_type::sample));

// Only ever shown, so no enumeration here: the numbers are the places.
constexpr std::array<std::string_view, 4> lost_source_names = {"UNKNOWN_LOST_EVENT_SOURCE", "PERF_EVENT_RING_BUFFER",
                                                               "OBSERVER_EVENTS_QUEUE", "HUBBLE_RING_BUFFER"};
constexpr std::array<std::string_view, 5> node_state_names = {"UNKNOWN_NODE_STATE", "NODE_CONNECTED",
                                                              "NODE_UNAVAILABLE", "NODE_GONE", "NODE_ERROR"};

template <typename rows>
auto of_name(const rows& names, std::string_view name) {
    const auto found = std::ranges::find(names, name, [](const auto& row) { return row.is; });
    return found == names.end() ? names.front().of : found->of;
}

template <std::size_t count>
std::string name_of(const std::array<std::string_view, count>& names, std::uint32_t number) {
    return number < count ? std::string(names[number]) : std::to_string(number);
}

}  // namespace

verdict verdict_of(std::string_view name) {
    return of_name(verdict_names, name);
}

direction direction_of(std::string_view name) {
    return of_name(direction_names, name);
}

flow_type flow_type_of(std::string_view name) {
    return of_name(flow_type_names, name);
}

l7_type l7_type_of(std::string_view name) {
    return of_name(l7_type_names, name);
}

std::string lost_source_name(std::uint32_t number) {
    return name_of(lost_source_names, number);
}

std::string node_state_name(std::uint32_t number) {
    return name_of(node_state_names, number);
}

}  // namespace cpg
