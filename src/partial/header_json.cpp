// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>

#include "base/text.hpp"
#include "partial/json_in.hpp"
#include "partial/json_out.hpp"
#include "partial/options_json.hpp"
#include "partial/part.hpp"
#include "partial/rule_json.hpp"

namespace cpg {

namespace json = boost::json;

namespace {

constexpr std::string_view schema_member = "cpg_part";
// Begins the last line and no other one.
constexpr std::string_view end_member = "end";

/// The counters, each with its name: one list for writing and for reading.
template <class Counts>
auto counters_of(Counts& counts) {
    return std::to_array<std::pair<std::string_view, decltype(&counts.flows)>>({
        {"flows", &counts.flows},
        {"not_dropped", &counts.not_dropped},
        {"with_labels", &counts.with_labels},
        {"with_direction", &counts.with_direction},
        {"noise", &counts.noise},
        {"kept", &counts.kept},
        {"connections", &counts.connections},
        {"named", &counts.named},
        {"http_records", &counts.http_records},
        {"dns_records", &counts.dns_records},
        {"l7_records", &counts.l7_records},
    });
}

std::uint64_t count_in(const json::value& from) {
    return number_in<std::uint64_t>(from, "a count");
}

void append_counts(json_out& to, std::string_view name, const std::map<std::string, std::uint64_t>& counts) {
    to.name(name).begin('{');
    for (const auto& [each, count] : counts)
        to.name(each).number(count);
    to.end('}');
}

std::map<std::string, std::uint64_t> read_counts(const json::value& from) {
    std::map<std::string, std::uint64_t> out;
    for (const auto& [name, count] : object_in(from, "the counts"))
        out[std::string(name)] = count_in(count);
    return out;
}

void append_health(json_out& to, const triage_counts& counts) {
    std::map<std::string_view, const health_count*> drops;
    for (const auto& [reason, each] : counts.health_drops)
        drops[reason->name] = &each;
    to.name("health").begin('{');
    for (const auto& [reason, each] : drops) {
        to.name(reason).begin('{').name("count").number(each->count);
        append_counts(to, "by_node", each->by_node);
        append_counts(to, "by_workload", each->by_workload);
        to.end('}');
    }
    to.end('}');
}

const drop_reason* read_reason(std::string_view name) {
    if (const drop_reason* const found = find_drop_reason(name)) return found;
    throw part_error("a drop reason is unknown");
}

void read_health(const json::value& from, triage_counts& to) {
    for (const auto& [name, value] : object_in(from, "\"health\"")) {
        const json::object& drops = object_in(value, "the drops of a reason");
        to.health_drops[read_reason(name)] = {.count = count_in(needed_of(drops, "count")),
                                              .by_node = read_counts(needed_of(drops, "by_node")),
                                              .by_workload = read_counts(needed_of(drops, "by_workload"))};
    }
}

void append_counters(json_out& to, const triage_counts& counts) {
    to.name("counts").begin('{');
    for (const auto& [name, count] : counters_of(counts))
        to.name(name).number(*count);
    to.end('}').name("verdicts").begin('[');
    for (const std::uint64_t each : counts.by_verdict)
        to.number(each);
    to.end(']');
    std::map<std::string, std::uint64_t> unhandled_flows;
    std::map<std::string, std::uint64_t> reasons;
    std::map<std::string, std::uint64_t> protocols;
    for (std::size_t i = 0; i < unhandled_reasons; ++i)
        unhandled_flows[std::string(to_string(static_cast<unhandled>(i)))] = counts.unhandled[i];
    for (const auto& [reason, count] : counts.ignored_reasons)
        reasons[std::string(reason->name)] = count;
    for (const auto& [protocol, count] : counts.ignored_protocols)
        protocols[std::string(to_string(protocol))] = count;
    append_counts(to, "unhandled", unhandled_flows);
    append_counts(to, "ignored_reasons", reasons);
    append_counts(to, "ignored_protocols", protocols);
    append_health(to, counts);
}

l4_protocol read_protocol(std::string_view name) {
    for (auto each = l4_protocol::none; each <= l4_protocol::other;
         each = static_cast<l4_protocol>(static_cast<int>(each) + 1))
        if (to_string(each) == name) return each;
    throw part_error("a protocol is unknown");
}

std::uint64_t& unhandled_named(triage_counts& counts, std::string_view name) {
    for (std::size_t i = 0; i < unhandled_reasons; ++i)
        if (to_string(static_cast<unhandled>(i)) == name) return counts.unhandled[i];
    throw part_error("a reason for which flows are unhandled is unknown");
}

void read_counters(const json::object& from, triage_counts& to) {
    const json::object& counts = object_in(needed_of(from, "counts"), "\"counts\"");
    for (const auto& [name, count] : counters_of(to))
        *count = count_in(needed_of(counts, name));
    const json::array& by_verdict = list_in(needed_of(from, "verdicts"), "\"verdicts\"", verdicts);
    for (std::size_t i = 0; i < verdicts; ++i)
        to.by_verdict[i] = count_in(by_verdict[i]);
    for (const auto& [name, count] : read_counts(needed_of(from, "unhandled")))
        unhandled_named(to, name) = count;
    for (const auto& [name, count] : read_counts(needed_of(from, "ignored_reasons")))
        to.ignored_reasons[read_reason(name)] = count;
    for (const auto& [name, count] : read_counts(needed_of(from, "ignored_protocols")))
        to.ignored_protocols[read_protocol(name)] = count;
    read_health(needed_of(from, "health"), to);
}

void append_findings(json_out& to, const triage_findings& findings) {
    to.name("reserved_subjects").begin('[');
    for (const reserved_subject& each : findings.reserved_subjects)
        to.begin('[')
            .number(static_cast<unsigned>(each.identity))
            .number(static_cast<unsigned>(each.direction))
            .end(']');
    to.end(']').name("unknown_reasons").texts(findings.unknown_reasons);
    to.name("denying_policies").texts(findings.denying_policies);
    to.name("subject_clusters").texts(findings.subject_clusters);
    to.name("other_clusters").texts(findings.other_clusters).name("namespaces").texts(findings.namespaces);
}

template <class Set>
void read_names(const json::object& from, std::string_view name, Set& to) {
    for (std::string& each : texts_in(needed_of(from, name), name))
        to.insert(std::move(each));
}

void read_findings(const json::object& from, triage_findings& to) {
    constexpr auto last_identity = static_cast<std::uint64_t>(reserved_identity::world);
    constexpr auto last_direction = static_cast<std::uint64_t>(direction::egress);
    for (const json::value& each : list_in(needed_of(from, "reserved_subjects"), "\"reserved_subjects\"")) {
        const json::array& parts = list_in(each, "a reserved subject", 2);
        to.reserved_subjects.insert(
            {static_cast<reserved_identity>(unsigned_in(parts[0], "a reserved subject", last_identity)),
             static_cast<direction>(unsigned_in(parts[1], "a reserved subject", last_direction))});
    }
    read_names(from, "unknown_reasons", to.unknown_reasons);
    read_names(from, "denying_policies", to.denying_policies);
    read_names(from, "subject_clusters", to.subject_clusters);
    read_names(from, "other_clusters", to.other_clusters);
    read_names(from, "namespaces", to.namespaces);
}

void append_servers(json_out& to, const name_knowledge& servers) {
    to.name("servers_of_namespaces").begin('[');
    for (const auto& [place, all] : servers.of_namespaces()) {
        to.begin('[').text(place.first).text(place.second);
        for (const dns_server_place& each : all)
            append(to, each);
        to.end(']');
    }
    to.end(']').name("servers_of_clusters").begin('[');
    for (const auto& [cluster, all] : servers.of_clusters()) {
        to.begin('[').text(cluster);
        for (const dns_server_place& each : all)
            append(to, each);
        to.end(']');
    }
    to.end(']');
}

void read_servers(const json::object& from, name_knowledge& to) {
    for (const json::value& each : list_in(needed_of(from, "servers_of_namespaces"), "the servers of a namespace")) {
        const json::array& parts = list_in(each, "the servers of a namespace");
        if (parts.size() < 2) throw part_error("the servers of a namespace are of none");
        const std::pair place{read_cluster(parts[0]), std::string(text_in(parts[1], "the namespace of servers"))};
        for (std::size_t i = 2; i < parts.size(); ++i)
            to.add_server_of_namespace(place, read_server_place(parts[i]));
    }
    for (const json::value& each : list_in(needed_of(from, "servers_of_clusters"), "the servers of a cluster")) {
        const json::array& parts = list_in(each, "the servers of a cluster");
        if (parts.empty()) throw part_error("the servers of a cluster are of none");
        for (std::size_t i = 1; i < parts.size(); ++i)
            to.add_server_of_cluster(read_cluster(parts[0]), read_server_place(parts[i]));
    }
}

void append_pods(json_out& to, const known_pods& pods) {
    to.name("pods").begin('[');
    for (const known_pod& each : pods)
        to.begin('[').text(each.pod_namespace).text(each.cluster).pairs(each.labels).end(']');
    to.end(']');
}

void read_pods(const json::value& from, known_pods& to) {
    for (const json::value& each : list_in(from, "\"pods\"")) {
        const json::array& parts = list_in(each, "a pod", 3);
        to.insert({.pod_namespace = std::string(text_in(parts[0], "the namespace of a pod")),
                   .cluster = std::string(text_in(parts[1], "the cluster of a pod")),
                   .labels = pairs_in(parts[2], "the labels of a pod")});
    }
}

void append(json_out& to, const part_totals& totals) {
    to.name("totals").begin('{').name("parts").number(totals.parts).name("inputs").begin('[');
    to.text(totals.inputs.first).number(totals.inputs.count).end(']');
    to.name("lines").number(totals.lines).name("malformed").number(totals.malformed);
    to.name("other_events").number(totals.other_events);
    append_counts(to, "lost", totals.lost_by_source);
    to.name("unavailable_nodes").texts(totals.unavailable_nodes);
    append_counters(to, totals.counts);
    append_findings(to, totals.findings);
    append_servers(to, totals.servers);
    append_pods(to, totals.pods);
    to.end('}');
}

part_totals read_totals(const json::object& from) {
    part_totals out;
    out.parts = count_in(needed_of(from, "parts"));
    const json::array& inputs = list_in(needed_of(from, "inputs"), "\"inputs\"", 2);
    out.inputs = {.first = std::string(text_in(inputs[0], "\"inputs\"")), .count = count_in(inputs[1])};
    out.lines = count_in(needed_of(from, "lines"));
    out.malformed = count_in(needed_of(from, "malformed"));
    out.other_events = count_in(needed_of(from, "other_events"));
    out.lost_by_source = read_counts(needed_of(from, "lost"));
    read_names(from, "unavailable_nodes", out.unavailable_nodes);
    read_counters(from, out.counts);
    read_findings(from, out.findings);
    read_servers(from, out.servers);
    read_pods(needed_of(from, "pods"), out.pods);
    return out;
}

void check_schema(const json::object& from) {
    const json::value* const schema = member_of(from, schema_member);
    if (!schema) throw part_error("its first line is no header of a part");
    const std::uint64_t version = number_in<std::uint64_t>(*schema, "the schema");
    if (version != part_schema_version)
        throw part_error("it has schema " + std::to_string(version) + ", and this cpg reads " +
                         std::to_string(part_schema_version));
}

}  // namespace

std::string header_line(const part_header& header) {
    json_out out;
    out.begin('{').name(schema_member).number(part_schema_version).name("cpg").text(header.cpg_version);
    out.name("options").raw(json::serialize(options_json(header.options)));
    append(out, header.totals);
    out.end('}');
    return out.take();
}

// Without totals it is the header of some lines of a part, of which another piece has the totals.
part_header read_header(std::string_view line) {
    json::monotonic_resource memory;
    const json::value whole = parse_part_json(line, &memory);
    const json::object& from = object_in(whole, "its first line");
    check_schema(from);
    part_header out;
    out.cpg_version = text_in(needed_of(from, "cpg"), "\"cpg\"");
    out.options = read_options(object_in(needed_of(from, "options"), "\"options\""));
    if (const json::value* const totals = member_of(from, "totals"))
        out.totals = read_totals(object_in(*totals, "\"totals\""));
    return out;
}

std::string end_line(const part_end& end) {
    json_out out;
    out.begin('{').name(end_member).begin('{').name("workloads").number(end.workloads);
    out.name("too_many_workloads").flag(end.too_many_workloads).end('}').end('}');
    return out.take();
}

std::optional<part_end> read_end(std::string_view line) {
    if (!line.starts_with("{\"" + std::string(end_member) + "\"")) return std::nullopt;
    json::monotonic_resource memory;
    const json::value whole = parse_part_json(line, &memory);
    const json::object& from = object_in(needed_of(object_in(whole, "the line"), end_member), "\"end\"");
    return part_end{.workloads = number_in<std::uint64_t>(needed_of(from, "workloads"), "\"workloads\""),
                    .too_many_workloads = flag_in(needed_of(from, "too_many_workloads"), "\"too_many_workloads\"")};
}

}  // namespace cpg
