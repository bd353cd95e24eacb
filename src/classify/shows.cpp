// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "classify/shows.hpp"

#include <optional>

#include "classify/drop_class.hpp"
#include "classify/gates.hpp"

namespace cpg {

namespace {

constexpr std::uint32_t highest_port = 65535;
constexpr std::uint32_t highest_icmp_type = 255;

std::optional<std::uint16_t> port_of(const flow& flow) {
    const bool icmp = flow.protocol == l4_protocol::icmpv4 || flow.protocol == l4_protocol::icmpv6;
    if (flow.protocol == l4_protocol::none || flow.protocol == l4_protocol::other) return std::nullopt;
    const std::uint32_t port = icmp ? flow.icmp_type : flow.destination_port;
    if (port > (icmp ? highest_icmp_type : highest_port) || (!icmp && port == 0)) return std::nullopt;
    return static_cast<std::uint16_t>(port);
}

bool is_pod(const endpoint& end) {
    return end.present && end.labels->reserved == reserved_identity::none && !namespace_of(end).empty();
}

bool is_request(const flow& flow) {
    return flow.l7_type == l7_type::request && flow.is_reply != tristate::yes &&
           (flow.l7 == l7_record::http || flow.l7 == l7_record::dns);
}

class reading_of_flow {
  public:
    explicit reading_of_flow(const flow& flow) : flow_(flow) {}

    shown_connections read(const time_window& window) {
        if (!window.contains(flow_.time_ns) || (flow_.time_ns == 0 && window.is_bounded()))
            return nothing(shows_nothing::outside_window);
        if (flow_.verdict == verdict::dropped || flow_.verdict == verdict::audit) return read_denied();
        if (flow_.is_l7()) return read_request();
        return opens_allowed_connection(flow_) ? read_allowed() : nothing(shows_nothing::no_connection);
    }

  private:
    static shown_connections nothing(shows_nothing why) {
        shown_connections out;
        out.why = why;
        return out;
    }

    shown_connections read_denied() {
        if (flow_.is_l7()) return read_request();
        const drop_reason* const reason = drop_reason_of(flow_);
        const bool by_policy = reason && reason->kind == drop_class::policy;
        if (!by_policy && !(reason && reason->kind == drop_class::deny_rule))
            return nothing(shows_nothing::no_policy_matter);
        if (opening_of(flow_) != opening::opens) return nothing(shows_nothing::no_connection);
        return one_end(flow_.direction, by_policy);
    }

    // Requests are records of a connection that was let through.
    shown_connections read_request() {
        if (flow_.l7_type == l7_type::response || flow_.is_reply == tristate::yes)
            return nothing(shows_nothing::no_connection);
        return is_request(flow_) ? one_end(flow_.direction, false) : nothing(shows_nothing::unread_record);
    }

    shown_connections one_end(direction direction, bool proves_default_deny) {
        const auto port = port_of(flow_);
        if (!port) return nothing(shows_nothing::no_port);
        const bool known = direction != direction::unknown && flow_.source.present && flow_.destination.present;
        if (!known) return nothing(shows_nothing::no_ends);
        shown_connections out;
        out.add(end_at(direction, *port));
        out.ends[0].denied = flow_.verdict == verdict::dropped || flow_.verdict == verdict::audit;
        out.ends[0].proves_default_deny = proves_default_deny;
        return out;
    }

    shown_connections read_allowed() {
        const auto port = port_of(flow_);
        if (!port) return nothing(shows_nothing::no_port);
        shown_connections out;
        if (flow_.source.present && flow_.destination.present) {
            if (is_pod(flow_.source)) out.add(end_at(direction::egress, *port));
            if (is_pod(flow_.destination)) out.add(end_at(direction::ingress, *port));
        }
        out.why = shows_nothing::no_ends;
        return out;
    }

    shown_connection end_at(direction direction, std::uint16_t port) const {
        const bool ingress = direction == direction::ingress;
        return {.flow = &flow_,
                .direction = direction,
                .subject = ingress ? &flow_.destination : &flow_.source,
                .peer = ingress ? &flow_.source : &flow_.destination,
                .peer_ip = ingress ? flow_.source_ip : flow_.destination_ip,
                .port = port};
    }

    const flow& flow_;
};

}  // namespace

std::string_view to_string(shows_nothing reason) {
    switch (reason) {
        case shows_nothing::no_connection: return "no_connection";
        case shows_nothing::no_policy_matter: return "no_policy_matter";
        case shows_nothing::no_port: return "no_port";
        case shows_nothing::no_ends: return "no_ends";
        case shows_nothing::unread_record: return "unread_record";
        case shows_nothing::outside_window: return "outside_window";
    }
    return {};
}

shown_connections shown_in(const flow& flow, const time_window& window) {
    return reading_of_flow(flow).read(window);
}

}  // namespace cpg
