// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The part of line_handler that takes values.
#include <cmath>
#include <cstring>
#include <limits>

#include "base/text.hpp"
#include "base/timestamp.hpp"
#include "decode/json_handler.hpp"
#include "decode/proto_names.hpp"

namespace cpg::json {

namespace {

// An enum number that this build doesn't know counts as the enum's zero.
template <class Enum>
Enum enum_of(std::uint64_t number, Enum last) {
    return number <= static_cast<std::uint64_t>(last) ? static_cast<Enum>(number) : Enum{};
}

}  // namespace

bool line_handler::lies_in_batch(std::string_view text) const {
    const std::string& bytes = batch_->bytes;
    const auto at = reinterpret_cast<std::uintptr_t>(text.data());
    const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data());
    return at >= begin && at < begin + bytes.size();
}

// Text of the input itself is kept as a view; what had to be unescaped is copied into the batch.
std::string_view line_handler::copied(std::string_view text) {
    if (text.empty()) return {};
    if (lies_in_batch(text)) return text;
    auto* const copy = static_cast<char*>(batch_->arena.allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
}

bool line_handler::store_string(std::string_view value, error_code& ec) {
    switch (member_) {
        case member::labels:
        case member::destination_names:
        case member::dns_ips:
            if (!in_array_) return refuse("a string where a list belongs", ec);
            names_.push_back(copied(value));
            return true;
        case member::node_names: node_.nodes.emplace_back(value); return true;
        case member::uuid: flow_.uuid = copied(value); return true;
        case member::node_name: flow_.node_name = copied(value); return true;
        case member::envelope_node: envelope_node_ = copied(value); return true;
        case member::source_ip: flow_.source_ip = copied(value); return true;
        case member::destination_ip: flow_.destination_ip = copied(value); return true;
        case member::pod_namespace: endpoint_->pod_namespace = copied(value); return true;
        case member::pod_name: endpoint_->pod_name = copied(value); return true;
        case member::cluster: endpoint_->cluster = copied(value); return true;
        case member::workload_name:
            if (endpoint_->workload.empty()) endpoint_->workload = copied(value);
            return true;
        case member::http_method: flow_.http_method = copied(value); return true;
        case member::http_url: flow_.http_url = copied(value); return true;
        case member::dns_query: flow_.dns_query = copied(value); return true;
        case member::policy_name:
            if (flow_.denied_by_name.empty()) flow_.denied_by_name = copied(value);
            return true;
        case member::policy_namespace:
            if (flow_.denied_by_namespace.empty()) flow_.denied_by_namespace = copied(value);
            return true;
        case member::node_message: node_.message = value; return true;
        default: return store_enum_name(value, ec);
    }
}

bool line_handler::store_enum_name(std::string_view name, error_code& ec) {
    switch (member_) {
        case member::verdict: flow_.verdict = verdict_of(name); return true;
        case member::direction: flow_.direction = direction_of(name); return true;
        case member::type: flow_.type = flow_type_of(name); return true;
        case member::l7_type: flow_.l7_type = l7_type_of(name); return true;
        case member::drop_reason_desc: flow_.drop_reason_desc.name = copied(name); return true;
        case member::lost_source: lost_.source = name; return true;
        case member::node_state: node_.state = name; return true;
        case member::time:
        case member::envelope_time: return store_time(name, ec);
        default: {
            const auto number = parse_unsigned(name);
            if (!number) return refuse("a string where something else belongs", ec);
            return store_number(*number, ec);
        }
    }
}

// The envelope mostly has the flow's time once more.
bool line_handler::store_time(std::string_view text, error_code& ec) {
    if (time_text_.empty() || text != time_text_) {
        const auto time = times_.read(text);
        if (!time) return refuse("a time that is not RFC 3339", ec);
        time_ns_ = *time;
        time_text_ = lies_in_batch(text) ? text : std::string_view();
    }
    (member_ == member::time ? flow_.time_ns : envelope_time_ns_) = time_ns_;
    return true;
}

bool line_handler::store_number(std::uint64_t value, error_code& ec) {
    if (member_ == member::lost_number) return lost_.number = value, true;
    if (value > std::numeric_limits<std::uint32_t>::max()) return refuse("a number that is too large", ec);
    const auto small = static_cast<std::uint32_t>(value);
    switch (member_) {
        case member::verdict: flow_.verdict = enum_of(value, verdict::translated); return true;
        case member::direction: flow_.direction = enum_of(value, direction::egress); return true;
        case member::type: flow_.type = enum_of(value, flow_type::sock); return true;
        case member::l7_type: flow_.l7_type = enum_of(value, l7_type::sample); return true;
        case member::drop_reason: flow_.drop_reason = small; return true;
        case member::drop_reason_desc: flow_.drop_reason_desc.number = small; return true;
        case member::source_port: flow_.source_port = small; return true;
        case member::destination_port: flow_.destination_port = small; return true;
        case member::icmp_type: flow_.icmp_type = small; return true;
        case member::aggregated: flow_.aggregated += small; return true;
        case member::identity: endpoint_->identity = small; return true;
        case member::event_number: flow_.event_type = small; return true;
        case member::event_sub_type: flow_.event_sub_type = small; return true;
        case member::lost_source: lost_.source = lost_source_name(small); return true;
        case member::node_state: node_.state = node_state_name(small); return true;
        default: return refuse("a number where something else belongs", ec);
    }
}

bool line_handler::on_uint64(std::uint64_t value, std::string_view, error_code& ec) {
    if (ignored_depth_ > 0 || member_ == member::ignored) return true;
    return store_number(value, ec);
}

bool line_handler::on_int64(std::int64_t value, std::string_view, error_code& ec) {
    if (ignored_depth_ > 0 || member_ == member::ignored) return true;
    const bool signed_member = member_ == member::event_number || member_ == member::event_sub_type;
    if (value < 0 && !signed_member) return refuse("a negative number", ec);
    return store_number(value < 0 ? 0 : static_cast<std::uint64_t>(value), ec);
}

bool line_handler::on_double(double value, std::string_view, error_code& ec) {
    if (ignored_depth_ > 0 || member_ == member::ignored) return true;
    if (!(value >= 0) || value > 1e15 || std::trunc(value) != value) return refuse("a number that is not whole", ec);
    return store_number(static_cast<std::uint64_t>(value), ec);
}

bool line_handler::on_bool(bool value, error_code& ec) {
    if (ignored_depth_ > 0 || member_ == member::ignored) return true;
    switch (member_) {
        case member::is_reply: flow_.is_reply = value ? tristate::yes : tristate::no; return true;
        case member::syn: flow_.tcp_syn = value; return true;
        case member::ack: flow_.tcp_ack = value; return true;
        case member::rst: flow_.tcp_rst = value; return true;
        case member::other_flag: flow_.tcp_other_flag |= value; return true;
        default: return refuse("true or false where something else belongs", ec);
    }
}

}  // namespace cpg::json
