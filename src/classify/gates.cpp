// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "classify/gates.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "request/l7_request.hpp"

namespace cpg {

namespace {

constexpr std::uint32_t highest_port = 65535;
constexpr std::uint32_t highest_icmp_type = 255;

void refuse(judgement& out, unhandled why) {
    out.outcome = outcome::unhandled;
    out.why = why;
}

// The numeric identity speaks where a field mask has cut the labels.
reserved_identity reserved_of(const endpoint& endpoint) {
    if (endpoint.labels->reserved != reserved_identity::none || !endpoint.labels->raw.empty())
        return endpoint.labels->reserved;
    if (endpoint.identity == 0 && !endpoint.pod_namespace.empty()) return reserved_identity::none;
    return reserved_identity_of_number(endpoint.identity);
}

// Never a pod of a namespace; those of the other reserved identities may be (`init`, `unmanaged`).
bool is_place(reserved_identity identity) {
    using enum reserved_identity;
    return identity == kube_apiserver || identity == host || identity == remote_node || identity == health ||
           identity == ingress || identity == world;
}

// The numbers of the reserved identities that this version knows, and those of pods and addresses; what lies between
// may get a meaning (cilium:pkg/identity/numericidentity.go).
bool is_number_known(std::uint32_t identity) {
    return (identity >= 1 && identity <= 10) || identity >= 256;
}

bool says_pod_and_no_pod(const endpoint& endpoint) {
    const bool number_is_pod = reserved_identity_of_number(endpoint.identity) == reserved_identity::none;
    const bool labels_are_pod = endpoint.labels->reserved == reserved_identity::none;
    return !endpoint.labels->raw.empty() && is_number_known(endpoint.identity) && number_is_pod != labels_are_pod;
}

// Namespace, labels and number of an endpoint come from one place: where they contradict each other, none is believed,
// whatever kind of peer it would have been.
bool is_contradictory(const endpoint& endpoint) {
    const std::string_view pod_namespace = namespace_of(endpoint);
    const std::string& of_labels = endpoint.labels->pod_namespace;
    if (!pod_namespace.empty() && (!is_dns_label(pod_namespace) || is_place(reserved_of(endpoint)))) return true;
    if (!of_labels.empty() && of_labels != pod_namespace) return true;
    if (!cluster_of(endpoint).empty() && !is_dns_subdomain(cluster_of(endpoint))) return true;
    return says_pod_and_no_pod(endpoint);
}

unhandled reason_of(selector_fault fault) {
    return fault == selector_fault::no_usable_labels ? unhandled::no_usable_labels : unhandled::invalid_name;
}

// Types 133 to 137 (RFC 4861) are answered by the datapath; policy does not govern them.
bool is_neighbour_discovery(const flow& flow) {
    return flow.protocol == l4_protocol::icmpv6 && flow.icmp_type >= 133 && flow.icmp_type <= 137;
}

bool find_port(const flow& flow, judgement& out) {
    switch (flow.protocol) {
        case l4_protocol::none: return refuse(out, unhandled::no_l4), false;
        case l4_protocol::other: return refuse(out, unhandled::unknown_protocol), false;
        case l4_protocol::icmpv4:
        case l4_protocol::icmpv6:
            if (is_neighbour_discovery(flow) || flow.icmp_type > highest_icmp_type)
                return refuse(out, unhandled::unknown_protocol), false;
            out.candidate.port = static_cast<std::uint16_t>(flow.icmp_type);
            return true;
        default:
            // Cilium reads port 0 as all ports.
            if (flow.destination_port == 0 || flow.destination_port > highest_port)
                return refuse(out, unhandled::no_l4), false;
            out.candidate.port = static_cast<std::uint16_t>(flow.destination_port);
            return true;
    }
}

bool is_icmp(const flow& flow) {
    return flow.protocol == l4_protocol::icmpv4 || flow.protocol == l4_protocol::icmpv6;
}

void keep_by_name(judgement& out) {
    out.candidate.kind = peer_kind::fqdn;
    out.outcome = outcome::kept;
}

void find_world_peer(const flow& flow, judgement& out) {
    const std::string_view ip = out.candidate.direction == direction::ingress ? flow.source_ip : flow.destination_ip;
    const auto address = parse_address(ip);
    if (!address) return refuse(out, unhandled::world_no_ip);
    out.candidate.kind = peer_kind::cidr;
    out.candidate.address = *address;
    out.candidate.has_names =
        out.candidate.direction == direction::egress && !is_icmp(flow) && !flow.destination_names.empty();
    out.outcome = outcome::kept;
}

void find_endpoint_peer(judgement& out) {
    const endpoint& peer = *out.candidate.peer;
    if (peer.labels->fault != selector_fault::none) return refuse(out, reason_of(peer.labels->fault));
    out.candidate.peer_namespace = namespace_of(peer);
    if (out.candidate.peer_namespace.empty()) return refuse(out, unhandled::empty_namespace);
    out.candidate.kind = peer_kind::endpoint;
    out.outcome = outcome::kept;
}

void find_peer(const flow& flow, judgement& out) {
    if (!out.candidate.peer->present)
        return refuse(
            out, out.candidate.direction == direction::ingress ? unhandled::nil_source : unhandled::nil_destination);
    if (is_contradictory(*out.candidate.peer)) return refuse(out, unhandled::invalid_name);
    const reserved_identity reserved = reserved_of(*out.candidate.peer);
    switch (reserved) {
        case reserved_identity::none: return find_endpoint_peer(out);
        case reserved_identity::world: return find_world_peer(flow, out);
        // No rule selects pods that have no labels yet, or an address that Cilium could not resolve.
        case reserved_identity::init:
        case reserved_identity::unknown: return refuse(out, unhandled::reserved_identity);
        default:
            out.candidate.kind = peer_kind::entity;
            out.candidate.entity = reserved;
            out.outcome = outcome::kept;
    }
}

void judge_http(const flow& flow, judgement& out) {
    if (flow.protocol != l4_protocol::tcp) return refuse(out, unhandled::unknown_protocol);
    if (!is_http_method(flow.http_method) || !http_target_of(flow.http_url))
        return refuse(out, unhandled::invalid_name);
    if (find_port(flow, out)) find_peer(flow, out);
}

// The peer of the rule is the name; the server that was asked gets the companion rule. A query whose server is not told
// is one all the same.
void judge_dns(const flow& flow, judgement& out) {
    if (flow.direction != direction::egress) return refuse(out, unhandled::unknown_protocol);
    if (!dns_name_of(flow.dns_query)) return refuse(out, unhandled::invalid_name);
    if (!find_port(flow, out)) return;
    judgement server = out;
    find_peer(flow, server);
    if (server.outcome == outcome::kept) {
        out.candidate = server.candidate;
        out.candidate.server = server.candidate.kind;
    }
    keep_by_name(out);
}

void judge_l7(const flow& flow, judgement& out) {
    if (flow.l7_type == l7_type::response || flow.is_reply == tristate::yes) return refuse(out, unhandled::reply);
    if (flow.l7_type != l7_type::request) return refuse(out, unhandled::unknown_protocol);
    if (flow.l7 == l7_record::http) return judge_http(flow, out);
    if (flow.l7 == l7_record::dns) return judge_dns(flow, out);
    refuse(out, unhandled::unknown_protocol);
}

// Under a match-all visibility policy every request is FORWARDED, and still what the pod needs. A flow without a
// verdict may be anything.
bool is_request_let_through(const flow& flow) {
    const bool known = flow.verdict != verdict::dropped && flow.verdict != verdict::unknown;
    return known && flow.l7_type == l7_type::request && flow.is_reply != tristate::yes &&
           (flow.l7 == l7_record::http || flow.l7 == l7_record::dns);
}

void judge_rule(const flow& flow, judgement& out) {
    if (!find_port(flow, out)) return;
    switch (opening_of(flow)) {
        case opening::opens: return find_peer(flow, out);
        case opening::reply: return refuse(out, unhandled::reply);
        case opening::mid_connection: return refuse(out, unhandled::mid_connection);
    }
}

}  // namespace

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
    judgement out;
    if (is_outside_window(flow))
        refuse(out, unhandled::outside_window);
    else if (is_ignored(flow.protocol))
        out.outcome = outcome::ignored_protocol;
    else
        judge_subject(flow, direction, out);
    return out;
}

judgement gates::judge(const flow& flow) const {
    judgement out;
    const bool is_request = settings_.l7 && is_request_let_through(flow);
    if (!is_request && !is_denial(flow)) return out;
    if (is_outside_window(flow)) return refuse(out, unhandled::outside_window), out;
    if (is_request) return judge_request(flow);
    out.reason = drop_reason_of(flow);
    if (out.reason && is_ignored(out.reason))
        out.outcome = outcome::ignored_reason;
    else if (is_ignored(flow.protocol))
        out.outcome = outcome::ignored_protocol;
    else
        judge_class(flow, out);
    return out;
}

// No drop, so no reason and no class; the protocol is the user's to ignore.
judgement gates::judge_request(const flow& flow) const {
    judgement out;
    if (is_ignored(flow.protocol))
        out.outcome = outcome::ignored_protocol;
    else
        judge_subject(flow, flow.direction, out);
    return out;
}

void gates::judge_class(const flow& flow, judgement& out) const {
    if (!out.reason) return refuse(out, unhandled::unknown_drop_reason);
    switch (out.reason->kind) {
        case drop_class::policy: return judge_subject(flow, flow.direction, out);
        case drop_class::infra:
        case drop_class::transient:
            // As the filter of a live capture has it: either end may be in a namespace that was asked for.
            if (!is_wanted(namespace_of(flow.source)) && !is_wanted(namespace_of(flow.destination)))
                return refuse(out, unhandled::other_namespace);
            out.outcome = outcome::health_drop;
            return;
        case drop_class::noise: out.outcome = outcome::noise; return;
        case drop_class::deny_rule: return refuse(out, unhandled::explicit_deny);
        case drop_class::auth: return refuse(out, unhandled::auth_required);
        case drop_class::service_config: return refuse(out, unhandled::lb_source_range);
        case drop_class::unknown: return refuse(out, unhandled::unknown_drop_reason);
    }
}

void gates::judge_subject(const flow& flow, direction direction, judgement& out) const {
    if (direction == direction::unknown) return refuse(out, unhandled::unknown_direction);
    const bool ingress = direction == direction::ingress;
    out.candidate.flow = &flow;
    out.candidate.direction = direction;
    out.candidate.subject = ingress ? &flow.destination : &flow.source;
    out.candidate.peer = ingress ? &flow.source : &flow.destination;
    if (!find_subject(*out.candidate.subject, out)) return;
    if (!flow.is_l7()) {
        judge_rule(flow, out);
        out.candidate.by_name = settings_.fqdn && out.candidate.has_names;
        return;
    }
    if (!settings_.l7) return refuse(out, unhandled::l7_without_flag);
    judge_l7(flow, out);
}

bool gates::find_subject(const endpoint& subject, judgement& out) const {
    if (!subject.present) return refuse(out, unhandled::nil_endpoint), false;
    if (is_contradictory(subject)) return refuse(out, unhandled::invalid_name), false;
    out.reserved = reserved_of(subject);
    if (out.reserved != reserved_identity::none) return refuse(out, unhandled::reserved_identity), false;
    out.candidate.subject_namespace = namespace_of(subject);
    if (out.candidate.subject_namespace.empty()) return refuse(out, unhandled::empty_namespace), false;
    if (!is_wanted(out.candidate.subject_namespace)) return refuse(out, unhandled::other_namespace), false;
    if (!settings_.cluster.empty() && cluster_of(subject) != settings_.cluster)
        return refuse(out, unhandled::other_cluster), false;
    if (subject.labels->fault != selector_fault::none) return refuse(out, reason_of(subject.labels->fault)), false;
    return true;
}

// It goes from the server to the pod.
std::optional<candidate> gates::answer_in(const flow& flow) const {
    if (!settings_.fqdn || flow.l7 != l7_record::dns || flow.l7_type != l7_type::response || flow.dns_ips.empty())
        return std::nullopt;
    judgement out;
    out.candidate.flow = &flow;
    out.candidate.direction = direction::egress;
    out.candidate.subject = &flow.destination;
    out.candidate.peer = &flow.source;
    if (!find_subject(flow.destination, out)) return std::nullopt;
    return out.candidate;
}

}  // namespace cpg
