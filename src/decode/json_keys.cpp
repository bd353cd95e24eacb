// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/json_keys.hpp"

namespace cpg::json {

namespace {

using enum member;

// clang-format off
const key_table flow_keys = {
    {"time", time}, {"uuid", uuid}, {"verdict", verdict}, {"drop_reason", drop_reason}, {"dropReason", drop_reason},
    {"drop_reason_desc", drop_reason_desc}, {"dropReasonDesc", drop_reason_desc}, {"IP", ip}, {"l4", l4},
    {"source", source}, {"destination", destination}, {"Type", type}, {"node_name", node_name},
    {"nodeName", node_name}, {"l7", l7}, {"event_type", event_type}, {"eventType", event_type},
    {"traffic_direction", direction}, {"trafficDirection", direction}, {"is_reply", is_reply},
    {"isReply", is_reply}, {"destination_names", destination_names}, {"destinationNames", destination_names},
    {"ingress_denied_by", denied_by}, {"ingressDeniedBy", denied_by}, {"egress_denied_by", denied_by},
    {"egressDeniedBy", denied_by}, {"destination_service", to_service}, {"destinationService", to_service},
    {"aggregate", aggregate},
};
// clang-format on

// clang-format off
// A line is an envelope (GetFlowsResponse, ExportEvent) or, from old CLIs, the flow itself.
const key_table line_keys = {
    {"flow", flow}, {"lost_events", lost_events}, {"lostEvents", lost_events}, {"node_status", node_status},
    {"nodeStatus", node_status}, {"agent_event", other_event}, {"agentEvent", other_event},
    {"debug_event", other_event}, {"debugEvent", other_event}, {"time", envelope_time},
    {"node_name", envelope_node}, {"nodeName", envelope_node}, {"uuid", uuid}, {"verdict", verdict},
    {"drop_reason", drop_reason}, {"dropReason", drop_reason}, {"drop_reason_desc", drop_reason_desc},
    {"dropReasonDesc", drop_reason_desc}, {"IP", ip}, {"l4", l4}, {"source", source},
    {"destination", destination}, {"Type", type}, {"l7", l7}, {"event_type", event_type},
    {"eventType", event_type}, {"traffic_direction", direction}, {"trafficDirection", direction},
    {"is_reply", is_reply}, {"isReply", is_reply}, {"destination_names", destination_names},
    {"destinationNames", destination_names}, {"ingress_denied_by", denied_by}, {"ingressDeniedBy", denied_by},
    {"egress_denied_by", denied_by}, {"egressDeniedBy", denied_by}, {"destination_service", to_service},
    {"destinationService", to_service}, {"aggregate", aggregate},
};
// clang-format on

const key_table ip_keys = {{"source", source_ip}, {"destination", destination_ip}};
const key_table l4_keys = {{"TCP", tcp},
                           {"UDP", udp},
                           {"SCTP", sctp},
                           {"ICMPv4", icmpv4},
                           {"ICMPv6", icmpv6},
                           {"VRRP", other_protocol},
                           {"IGMP", other_protocol}};
const key_table port_keys = {{"source_port", source_port},
                             {"sourcePort", source_port},
                             {"destination_port", destination_port},
                             {"destinationPort", destination_port},
                             {"flags", flags}};
const key_table flag_keys = {{"SYN", syn},        {"ACK", ack},        {"RST", rst},
                             {"FIN", other_flag}, {"PSH", other_flag}, {"URG", other_flag},
                             {"ECE", other_flag}, {"CWR", other_flag}, {"NS", other_flag}};
const key_table icmp_keys = {{"type", icmp_type}};
const key_table no_keys = {};
const key_table endpoint_keys = {{"identity", identity},   {"namespace", pod_namespace}, {"labels", labels},
                                 {"pod_name", pod_name},   {"podName", pod_name},        {"cluster_name", cluster},
                                 {"clusterName", cluster}, {"workloads", workloads}};
const key_table workload_keys = {{"name", workload_name}};
const key_table event_type_keys = {{"type", event_number}, {"sub_type", event_sub_type}, {"subType", event_sub_type}};
const key_table l7_keys = {{"type", l7_type}, {"http", http}, {"dns", dns}, {"kafka", other_record}};
const key_table http_keys = {{"method", http_method}, {"url", http_url}};
const key_table dns_keys = {{"query", dns_query}, {"ips", dns_ips}};
const key_table policy_keys = {{"name", policy_name}, {"namespace", policy_namespace}};
const key_table lost_keys = {{"source", lost_source}, {"num_events_lost", lost_number}, {"numEventsLost", lost_number}};
const key_table node_keys = {{"state_change", node_state},
                             {"stateChange", node_state},
                             {"node_names", node_names},
                             {"nodeNames", node_names},
                             {"message", node_message}};
const key_table aggregate_keys = {{"ingress_flow_count", aggregated},
                                  {"ingressFlowCount", aggregated},
                                  {"egress_flow_count", aggregated},
                                  {"egressFlowCount", aggregated},
                                  {"unknown_direction_flow_count", aggregated},
                                  {"unknownDirectionFlowCount", aggregated}};

}  // namespace

const key_table& keys_of(scope scope) {
    static const std::array<const key_table*, 18> tables = {
        &line_keys, &flow_keys, &ip_keys,       &l4_keys,       &port_keys,       &flag_keys,
        &icmp_keys, &no_keys,   &endpoint_keys, &workload_keys, &event_type_keys, &l7_keys,
        &http_keys, &dns_keys,  &policy_keys,   &lost_keys,     &node_keys,       &aggregate_keys};
    return *tables[static_cast<std::size_t>(scope)];
}

}  // namespace cpg::json
