// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "classify/drop_class.hpp"

#include <algorithm>
#include <array>

#include "base/enum_rows.hpp"
#include "base/text.hpp"

namespace cpg {

namespace {

using enum drop_class;

// clang-format off
// In the order of their numbers. Names are historic where the datapath has given a number a new meaning (136, 161).
constexpr drop_reason table[] = {
    {0, "DROP_REASON_UNKNOWN", policy, ""},
    {130, "INVALID_SOURCE_MAC", infra, ""},
    {131, "INVALID_DESTINATION_MAC", infra, ""},
    {132, "INVALID_SOURCE_IP", infra, ""},
    {133, "POLICY_DENIED", policy, ""},
    {134, "INVALID_PACKET_DROPPED", infra, ""},
    {135, "CT_TRUNCATED_OR_INVALID_HEADER", infra, ""},
    {136, "CT_MISSING_TCP_ACK_FLAG", infra, ""},
    {137, "CT_UNKNOWN_L4_PROTOCOL", infra, ""},
    {138, "CT_CANNOT_CREATE_ENTRY_FROM_PACKET", infra, ""},
    {139, "UNSUPPORTED_L3_PROTOCOL", infra, ""},
    {140, "MISSED_TAIL_CALL", infra, ""},
    {141, "ERROR_WRITING_TO_PACKET", infra, ""},
    {142, "UNKNOWN_L4_PROTOCOL", infra, ""},
    {143, "UNKNOWN_ICMPV4_CODE", infra, ""},
    {144, "UNKNOWN_ICMPV4_TYPE", infra, ""},
    {145, "UNKNOWN_ICMPV6_CODE", infra, ""},
    {146, "UNKNOWN_ICMPV6_TYPE", infra, ""},
    {147, "ERROR_RETRIEVING_TUNNEL_KEY", infra, ""},
    {148, "ERROR_RETRIEVING_TUNNEL_OPTIONS", infra, ""},
    {149, "INVALID_GENEVE_OPTION", infra, ""},
    {150, "UNKNOWN_L3_TARGET_ADDRESS", infra, ""},
    {151, "STALE_OR_UNROUTABLE_IP", transient, ""},
    {152, "NO_MATCHING_LOCAL_CONTAINER_FOUND", transient, ""},
    {153, "ERROR_WHILE_CORRECTING_L3_CHECKSUM", infra, ""},
    {154, "ERROR_WHILE_CORRECTING_L4_CHECKSUM", infra, ""},
    {155, "CT_MAP_INSERTION_FAILED", infra,
     "https://docs.cilium.io/en/stable/operations/troubleshooting/#handling-drop-ct-map-insertion-failed"},
    {156, "INVALID_IPV6_EXTENSION_HEADER", infra, ""},
    {157, "IP_FRAGMENTATION_NOT_SUPPORTED", infra, ""},
    {158, "SERVICE_BACKEND_NOT_FOUND", infra,
     "https://docs.cilium.io/en/stable/operations/troubleshooting/#service-backend-not-found"},
    {159, "DROP_UNSUPP_SERVICE_PROTO", infra, ""},
    {160, "NO_TUNNEL_OR_ENCAPSULATION_ENDPOINT", infra, ""},
    {161, "FAILED_TO_INSERT_INTO_PROXYMAP", infra, ""},
    {162, "REACHED_EDT_RATE_LIMITING_DROP_HORIZON", infra, ""},
    {163, "UNKNOWN_CONNECTION_TRACKING_STATE", infra, ""},
    {164, "LOCAL_HOST_IS_UNREACHABLE", infra, ""},
    {165, "NO_CONFIGURATION_AVAILABLE_TO_PERFORM_POLICY_DECISION", transient, ""},
    {166, "UNSUPPORTED_L2_PROTOCOL", infra, ""},
    {167, "NO_MAPPING_FOR_NAT_MASQUERADE", infra, ""},
    {168, "UNSUPPORTED_PROTOCOL_FOR_NAT_MASQUERADE", infra, ""},
    {169, "FIB_LOOKUP_FAILED", infra, "https://docs.cilium.io/en/stable/operations/troubleshooting/#fib-lookup-failed"},
    {170, "ENCAPSULATION_TRAFFIC_IS_PROHIBITED", infra, ""},
    {171, "INVALID_IDENTITY", transient, ""},
    {172, "UNKNOWN_SENDER", transient, ""},
    {173, "NAT_NOT_NEEDED", noise, ""},
    {174, "IS_A_CLUSTERIP", noise, ""},
    {175, "FIRST_LOGICAL_DATAGRAM_FRAGMENT_NOT_FOUND", infra, ""},
    {176, "FORBIDDEN_ICMPV6_MESSAGE", infra, ""},
    {177, "DENIED_BY_LB_SRC_RANGE_CHECK", service_config, ""},
    {178, "SOCKET_LOOKUP_FAILED", infra, ""},
    {179, "SOCKET_ASSIGN_FAILED", infra, ""},
    {180, "PROXY_REDIRECTION_NOT_SUPPORTED_FOR_PROTOCOL", infra, ""},
    {181, "POLICY_DENY", deny_rule, ""},
    {182, "VLAN_FILTERED", infra, ""},
    {183, "INVALID_VNI", infra, ""},
    {184, "INVALID_TC_BUFFER", infra, ""},
    {185, "NO_SID", infra, ""},
    {186, "MISSING_SRV6_STATE", infra, ""},
    {187, "NAT46", infra, ""},
    {188, "NAT64", infra, ""},
    {189, "AUTH_REQUIRED", auth, ""},
    {190, "CT_NO_MAP_FOUND", infra, ""},
    {191, "SNAT_NO_MAP_FOUND", infra, ""},
    {192, "INVALID_CLUSTER_ID", infra, ""},
    {193, "UNSUPPORTED_PROTOCOL_FOR_DSR_ENCAP", infra, ""},
    {194, "NO_EGRESS_GATEWAY", infra,
     "https://docs.cilium.io/en/stable/network/egress-gateway/egress-gateway-troubleshooting/"},
    {195, "UNENCRYPTED_TRAFFIC", infra, "https://docs.cilium.io/en/stable/operations/encryption/"},
    {196, "TTL_EXCEEDED", transient, ""},
    {197, "NO_NODE_ID", infra, ""},
    {198, "DROP_RATE_LIMITED", infra, ""},
    {199, "IGMP_HANDLED", noise, ""},
    {200, "IGMP_SUBSCRIBED", noise, ""},
    {201, "MULTICAST_HANDLED", noise, ""},
    {202, "DROP_HOST_NOT_READY", transient, ""},
    {203, "DROP_EP_NOT_READY", transient, ""},
    {204, "DROP_NO_EGRESS_IP", infra,
     "https://docs.cilium.io/en/stable/network/egress-gateway/egress-gateway-troubleshooting/"},
    {205, "DROP_PUNT_PROXY", noise, ""},
    {206, "DROP_NO_DEVICE", infra, ""},
};
// clang-format on

}  // namespace

std::string_view to_string(drop_class kind) {
    using enum drop_class;
    constexpr auto rows = std::to_array<enum_row<drop_class>>({{policy, "policy"},
                                                               {infra, "infra"},
                                                               {transient, "transient"},
                                                               {noise, "noise"},
                                                               {deny_rule, "deny-rule"},
                                                               {auth, "auth"},
                                                               {service_config, "service-config"},
                                                               {unknown, "unknown"}});
    static_assert(are_rows_of(rows, unknown));
    return in_row(rows, kind);
}

std::span<const drop_reason> drop_reasons() {
    return table;
}

const drop_reason* find_drop_reason(std::uint32_t number) {
    const auto found = std::ranges::lower_bound(table, number, {}, &drop_reason::number);
    return found != std::end(table) && found->number == number ? found : nullptr;
}

const drop_reason* find_drop_reason(std::string_view name) {
    const auto found =
        std::ranges::find_if(table, [&](const drop_reason& row) { return equal_ignoring_case(row.name, name); });
    return found != std::end(table) ? found : nullptr;
}

namespace {

// A name that only a newer Hubble knows comes with a number that says the same.
std::uint32_t number_of(const flow& flow) {
    if (flow.drop_reason_desc.number != 0) return flow.drop_reason_desc.number;
    if (flow.drop_reason != 0) return flow.drop_reason;
    return flow.event_type == drop_event ? flow.event_sub_type : 0;
}

}  // namespace

const drop_reason* drop_reason_of(const flow& flow) {
    // Policy denied comes with most flows: no search.
    static const drop_reason* const denied = find_drop_reason(133u);
    const std::string_view name = flow.drop_reason_desc.name;
    if (name == denied->name) return denied;
    const drop_reason* const named = name.empty() ? nullptr : find_drop_reason(name);
    if (named && named->number != 0) return named;
    const std::uint32_t number = number_of(flow);
    if (number == 0 && !name.empty() && !named) return nullptr;
    return find_drop_reason(number);
}

std::string unknown_reason_name(const flow& flow) {
    const std::string_view name = flow.drop_reason_desc.name;
    const std::uint32_t number = number_of(flow);
    return name.empty() || name == "DROP_REASON_UNKNOWN" ? std::to_string(number) : printable(name.substr(0, 100));
}

}  // namespace cpg
