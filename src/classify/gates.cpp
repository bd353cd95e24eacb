// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "classify/gates.hpp"

#include <algorithm>
#include <variant>

#include "classify/flow_end.hpp"
#include "request/l7_request.hpp"

namespace cpg {

namespace {

constexpr std::uint32_t highest_port = 65535;
constexpr std::uint32_t highest_icmp_type = 255;

// A port, or for ICMP the type; or why the flow has none that a rule could name.
using found_port = std::variant<std::uint16_t, unhandled>;

unhandled reason_of(selector_fault fault) {
    return fault == selector_fault::no_usable_labels ? unhandled::no_usable_labels : unhandled::invalid_name;
}

// Types 133 to 137 (RFC 4861) are answered by the datapath; policy does not govern them.
bool is_neighbour_discovery(const flow& flow) {
    return flow.protocol == l4_protocol::icmpv6 && flow.icmp_type >= 133 && flow.icmp_type <= 137;
}

found_port icmp_type_of(const flow& flow) {
    if (is_neighbour_discovery(flow) || flow.icmp_type > highest_icmp_type) return unhandled::unknown_protocol;
    return static_cast<std::uint16_t>(flow.icmp_type);
}

found_port port_of(const flow& flow) {
    switch (flow.protocol) {
        case l4_protocol::none: return unhandled::no_l4;
        case l4_protocol::other: return unhandled::unknown_protocol;
        case l4_protocol::icmpv4:
        case l4_protocol::icmpv6: return icmp_type_of(flow);
        default:
            // Cilium reads port 0 as all ports.
            if (flow.destination_port == 0 || flow.destination_port > highest_port) return unhandled::no_l4;
            return static_cast<std::uint16_t>(flow.destination_port);
    }
}

bool is_icmp(const flow& flow) {
    return flow.protocol == l4_protocol::icmpv4 || flow.protocol == l4_protocol::icmpv6;
}

candidate seen_from(const flow& flow, direction direction) {
    const bool ingress = direction == direction::ingress;
    candidate out;
    out.flow = &flow;
    out.direction = direction;
    out.subject = ingress ? &flow.destination : &flow.source;
    out.peer = ingress ? &flow.source : &flow.destination;
    out.subject_namespace = namespace_of(*out.subject);
    return out;
}

judgement judge_world_peer(candidate out) {
    const flow& flow = *out.flow;
    const bool egress = out.direction == direction::egress;
    const auto address = parse_address(egress ? flow.destination_ip : flow.source_ip);
    if (!address) return judgement::refused(unhandled::world_no_ip);
    out.kind = peer_kind::cidr;
    out.address = *address;
    out.has_names = egress && !is_icmp(flow) && !flow.destination_names.empty();
    return judgement::kept(out);
}

judgement judge_endpoint_peer(candidate out) {
    if (out.peer->labels->fault != selector_fault::none) return judgement::refused(reason_of(out.peer->labels->fault));
    out.kind = peer_kind::endpoint;
    out.peer_namespace = namespace_of(*out.peer);
    return out.peer_namespace.empty() ? judgement::refused(unhandled::empty_namespace) : judgement::kept(out);
}

judgement judge_entity(candidate out, reserved_identity entity) {
    out.kind = peer_kind::entity;
    out.entity = entity;
    return judgement::kept(out);
}

judgement judge_peer(const candidate& of) {
    if (!of.peer->present)
        return judgement::refused(of.direction == direction::ingress ? unhandled::nil_source
                                                                     : unhandled::nil_destination);
    if (is_contradictory(*of.peer)) return judgement::refused(unhandled::invalid_name);
    const reserved_identity reserved = reserved_of(*of.peer);
    switch (reserved) {
        case reserved_identity::none: return judge_endpoint_peer(of);
        case reserved_identity::world: return judge_world_peer(of);
        // No rule selects pods that have no labels yet, or an address that Cilium could not resolve.
        case reserved_identity::init:
        case reserved_identity::unknown: return judgement::refused(unhandled::reserved_identity);
        default: return judge_entity(of, reserved);
    }
}

// What the rest says of a flow whose port is known.
judgement after_port(candidate of, judgement (*judge_rest)(const candidate&)) {
    const found_port port = port_of(*of.flow);
    if (const unhandled* why = std::get_if<unhandled>(&port)) return judgement::refused(*why);
    of.port = std::get<std::uint16_t>(port);
    return judge_rest(of);
}

judgement judge_http(const candidate& of) {
    if (of.flow->protocol != l4_protocol::tcp) return judgement::refused(unhandled::unknown_protocol);
    if (!is_http_method(of.flow->http_method) || !http_target_of(of.flow->http_url))
        return judgement::refused(unhandled::invalid_name);
    return after_port(of, judge_peer);
}

// The peer of the rule is the name; the server that was asked gets the companion rule. A query whose server is not told
// is one all the same.
judgement judge_asked_name(const candidate& of) {
    const judgement server = judge_peer(of);
    candidate out = of;
    if (server.outcome == outcome::kept) {
        out = server.candidate;
        out.server = server.candidate.kind;
    }
    out.kind = peer_kind::fqdn;
    return judgement::kept(out);
}

judgement judge_dns(const candidate& of) {
    if (of.flow->direction != direction::egress) return judgement::refused(unhandled::unknown_protocol);
    if (!dns_name_of(of.flow->dns_query)) return judgement::refused(unhandled::invalid_name);
    return after_port(of, judge_asked_name);
}

judgement judge_l7(const candidate& of) {
    const flow& flow = *of.flow;
    if (flow.l7_type == l7_type::response || flow.is_reply == tristate::yes)
        return judgement::refused(unhandled::reply);
    if (flow.l7_type == l7_type::request && flow.l7 == l7_record::http) return judge_http(of);
    if (flow.l7_type == l7_type::request && flow.l7 == l7_record::dns) return judge_dns(of);
    return judgement::refused(unhandled::unknown_protocol);
}

// Under a match-all visibility policy every request is FORWARDED, and still what the pod needs. A flow without a
// verdict may be anything.
bool is_request_let_through(const flow& flow) {
    const bool known = flow.verdict != verdict::dropped && flow.verdict != verdict::unknown;
    return known && flow.l7_type == l7_type::request && flow.is_reply != tristate::yes &&
           (flow.l7 == l7_record::http || flow.l7 == l7_record::dns);
}

judgement judge_opening(const candidate& of) {
    switch (opening_of(*of.flow)) {
        case opening::reply: return judgement::refused(unhandled::reply);
        case opening::mid_connection: return judgement::refused(unhandled::mid_connection);
        case opening::opens: break;
    }
    return judge_peer(of);
}

}  // namespace

judgement judgement::without_rule(cpg::outcome what) {
    judgement out;
    out.outcome = what;
    return out;
}

judgement judgement::refused(unhandled why) {
    judgement out = without_rule(outcome::unhandled);
    out.why = why;
    return out;
}

judgement judgement::refused_subject(unhandled why, const endpoint& subject) {
    judgement out = refused(why);
    out.subject = &subject;
    return out;
}

judgement judgement::kept(const cpg::candidate& candidate) {
    judgement out = without_rule(outcome::kept);
    out.candidate = candidate;
    return out;
}

bool gates::is_ignored(l4_protocol protocol) const {
    return std::ranges::find(settings_.ignored_protocols, protocol) != settings_.ignored_protocols.end();
}

bool gates::is_ignored(const drop_reason* reason) const {
    return std::ranges::find(settings_.ignored_reasons, reason) != settings_.ignored_reasons.end();
}

bool gates::is_wanted(std::string_view pod_namespace) const {
    return settings_.namespaces.empty() || settings_.namespaces.contains(pod_namespace);
}

bool gates::is_denial(const flow& flow) const {
    return flow.verdict == verdict::dropped || (settings_.audit && flow.verdict == verdict::audit);
}

// A flow without a time, as of a field mask, can't be told to lie inside.
bool gates::is_outside_window(const flow& flow) const {
    return !settings_.window.contains(flow.time_ns) || (flow.time_ns == 0 && settings_.window.is_bounded());
}

bool gates::shows_connection(const flow& flow) const {
    return settings_.forwarded && opens_allowed_connection(flow);
}

judgement gates::judge_end(const flow& flow, direction direction) const {
    if (is_outside_window(flow)) return judgement::refused(unhandled::outside_window);
    return judge_connection(flow, direction);
}

judgement gates::judge(const flow& flow) const {
    const bool is_request = settings_.l7 && is_request_let_through(flow);
    if (!is_request && !is_denial(flow)) return {};
    if (is_outside_window(flow)) return judgement::refused(unhandled::outside_window);
    // No drop, so no reason and no class; the protocol is the user's to ignore.
    if (is_request) return judge_connection(flow, flow.direction);
    const drop_reason* reason = drop_reason_of(flow);
    judgement out = judge_drop(flow, reason);
    out.reason = reason;
    return out;
}

judgement gates::judge_connection(const flow& flow, direction direction) const {
    if (is_ignored(flow.protocol)) return judgement::without_rule(outcome::ignored_protocol);
    return judge_subject(flow, direction);
}

judgement gates::judge_drop(const flow& flow, const drop_reason* reason) const {
    if (reason && is_ignored(reason)) return judgement::without_rule(outcome::ignored_reason);
    if (is_ignored(flow.protocol)) return judgement::without_rule(outcome::ignored_protocol);
    return judge_class(flow, reason ? reason->kind : drop_class::unknown);
}

judgement gates::judge_class(const flow& flow, drop_class kind) const {
    switch (kind) {
        case drop_class::policy: return judge_subject(flow, flow.direction);
        case drop_class::infra:
        case drop_class::transient: return judge_health_drop(flow);
        case drop_class::noise: return judgement::without_rule(outcome::noise);
        case drop_class::deny_rule: return judgement::refused(unhandled::explicit_deny);
        case drop_class::auth: return judgement::refused(unhandled::auth_required);
        case drop_class::service_config: return judgement::refused(unhandled::lb_source_range);
        case drop_class::unknown: break;
    }
    return judgement::refused(unhandled::unknown_drop_reason);
}

// As the filter of a live capture has it: either end may be in a namespace that was asked for.
judgement gates::judge_health_drop(const flow& flow) const {
    if (is_wanted(namespace_of(flow.source)) || is_wanted(namespace_of(flow.destination)))
        return judgement::without_rule(outcome::health_drop);
    return judgement::refused(unhandled::other_namespace);
}

judgement gates::judge_subject(const flow& flow, direction direction) const {
    if (direction == direction::unknown) return judgement::refused(unhandled::unknown_direction);
    const candidate from = seen_from(flow, direction);
    if (const auto why = fault_of_subject(*from.subject)) return judgement::refused_subject(*why, *from.subject);
    if (!flow.is_l7()) return judge_packet(from);
    return settings_.l7 ? judge_l7(from) : judgement::refused(unhandled::l7_without_flag);
}

judgement gates::judge_packet(const candidate& from) const {
    judgement out = after_port(from, judge_opening);
    out.candidate.by_name = settings_.fqdn && out.candidate.has_names;
    return out;
}

std::optional<unhandled> gates::fault_of_subject(const endpoint& subject) const {
    if (!subject.present) return unhandled::nil_endpoint;
    if (is_contradictory(subject)) return unhandled::invalid_name;
    if (reserved_of(subject) != reserved_identity::none) return unhandled::reserved_identity;
    if (namespace_of(subject).empty()) return unhandled::empty_namespace;
    if (!is_wanted(namespace_of(subject))) return unhandled::other_namespace;
    if (!settings_.cluster.empty() && cluster_of(subject) != settings_.cluster) return unhandled::other_cluster;
    if (subject.labels->fault != selector_fault::none) return reason_of(subject.labels->fault);
    return std::nullopt;
}

// It goes from the server to the pod, as the pod's own traffic seen backwards.
std::optional<candidate> gates::answer_in(const flow& flow) const {
    if (!settings_.fqdn || flow.l7 != l7_record::dns || flow.l7_type != l7_type::response || flow.dns_ips.empty())
        return std::nullopt;
    candidate out = seen_from(flow, direction::ingress);
    out.direction = direction::egress;
    if (fault_of_subject(*out.subject)) return std::nullopt;
    return out;
}

}  // namespace cpg
