// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "partial/workload_json.hpp"

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <charconv>
#include <map>

#include "base/text.hpp"
#include "classify/drop_class.hpp"
#include "flow/address.hpp"
#include "partial/packets_json.hpp"
#include "partial/rule_json.hpp"
#include "request/l7_request.hpp"

namespace cpg {

namespace json = boost::json;

namespace {

/// The ends of all samples of a workload, each once: the same few pods stand in thousands of them.
using end_numbers = std::map<sample_endpoint, std::size_t>;
using shared_ends = std::vector<std::shared_ptr<const sample_endpoint>>;
using all_sums = std::vector<std::pair<rule_key, rule_sums>>;

end_numbers ends_of(const all_sums& rules) {
    end_numbers out;
    for (const auto& [key, sums] : rules)
        for (const flow_sample& each : sums.samples) {
            out.try_emplace(*each.source);
            out.try_emplace(*each.destination);
        }
    std::size_t next = 0;
    for (auto& [end, number] : out)
        number = next++;
    return out;
}

/// The labels of all pods that were at an end, each once.
using label_numbers = std::map<std::string_view, std::size_t>;

label_numbers labels_of(const all_sums& rules) {
    label_numbers out;
    for (const auto& [key, sums] : rules)
        for (const auto* const pods : {&sums.pods.subjects, &sums.pods.peers})
            for (const std::string& each : *pods)
                out.try_emplace(each);
    std::size_t next = 0;
    for (auto& [labels, number] : out)
        number = next++;
    return out;
}

void append_numbers(json_out& to, const std::set<std::string>& pods, const label_numbers& labels) {
    to.begin('[');
    for (const std::string& each : pods)
        to.number(labels.at(each));
    to.end(']');
}

void append_sample(json_out& to, const flow_sample& sample, const end_numbers& ends) {
    to.begin('[').number(sample.time_ns).number(ends.at(*sample.source)).number(ends.at(*sample.destination));
    to.text(sample.drop_reason).number(sample.source_port).number(sample.port).number(sample.event_type);
    to.number(static_cast<unsigned>(sample.protocol)).number(static_cast<unsigned>(sample.verdict)).end(']');
}

void append_rule(json_out& to, const rule_key& key, const rule_sums& sums, const end_numbers& ends,
                 const label_numbers& labels) {
    to.begin('[');
    append_members(to, key);
    append(to, sums.packets);
    to.number(sums.first_seen_ns).number(sums.last_seen_ns).begin('[');
    for (const flow_sample& each : sums.samples)
        append_sample(to, each, ends);
    to.end(']');
    append_numbers(to, sums.pods.subjects, labels);
    append_numbers(to, sums.pods.peers, labels);
    to.end(']');
}

void append_pods(json_out& to, const common_labels& pods) {
    if (!pods.any()) {
        to.nothing();
        return;
    }
    to.begin('[').pairs(pods.labels()).pairs(pods.shared()).texts(pods.differing()).end(']');
}

void append_name_lists(json_out& to, const std::set<name_list>& lists) {
    to.begin('[');
    for (const name_list& each : lists)
        to.texts(each);
    to.end(']');
}

void append_names(json_out& to, const workload& of) {
    to.name("servers").begin('[');
    for (const dns_server& each : of.servers)
        append(to, each);
    to.end(']').name("server_pods").begin('[');
    for (const auto& [server, pods] : of.server_pods) {
        to.begin('[');
        append(to, server);
        append_pods(to, pods);
        to.end(']');
    }
    to.end(']').name("domains").pairs(of.domains).name("known_as").begin('[');
    for (const auto& [address, names] : of.known_as) {
        to.begin('[').text(host_cidr(address));
        append_name_lists(to, names.shown);
        append_name_lists(to, names.answered);
        to.end(']');
    }
    to.end(']');
}

void append_rules(json_out& to, const workload& of) {
    all_sums rules;
    for (const rule_map::entry* const each : of.rules.sorted())
        rules.emplace_back(each->key.get(), each->state.sums());
    const end_numbers ends = ends_of(rules);
    to.name("ends").begin('[');
    for (const auto& [end, number] : ends)
        to.begin('[').text(end.pod_namespace).text(end.workload).text(end.pod).text(end.ip).end(']');
    const label_numbers labels = labels_of(rules);
    to.end(']').name("labels").begin('[');
    for (const auto& [text, number] : labels)
        to.text(text);
    to.end(']').name("rules").begin('[');
    for (const auto& [key, sums] : rules)
        append_rule(to, key, sums, ends, labels);
    to.end(']');
}

// The table's own text: it outlives every sample.
std::string_view read_reason(const json::value& from) {
    const std::string_view name = text_in(from, "the drop reason of a sample");
    if (name.empty()) return "";
    const drop_reason* const found = find_drop_reason(name);
    if (!found || found->name != name) throw part_error("the drop reason of a sample is unknown");
    return found->name;
}

flow_sample read_sample(const json::value& from, const shared_ends& ends) {
    constexpr std::size_t members = 9;
    const json::array& parts = list_in(from, "the sample", members);
    const auto end_at = [&](std::size_t i) {
        if (ends.empty()) throw part_error("the sample has no ends");
        return ends[unsigned_in(parts[i], "the end of a sample", ends.size() - 1)];
    };
    constexpr auto last_protocol = static_cast<std::uint64_t>(l4_protocol::other);
    return {.time_ns = signed_in(parts[0], "the time of a sample"),
            .source = end_at(1),
            .destination = end_at(2),
            .drop_reason = read_reason(parts[3]),
            .source_port = number_in<std::uint32_t>(parts[4], "the source port of a sample"),
            .port = number_in<std::uint32_t>(parts[5], "the port of a sample"),
            .event_type = number_in<std::uint32_t>(parts[6], "the event of a sample"),
            .protocol = static_cast<l4_protocol>(unsigned_in(parts[7], "the protocol of a sample", last_protocol)),
            .verdict = static_cast<verdict>(unsigned_in(parts[8], "the verdict of a sample", verdicts - 1))};
}

common_labels read_pods(const json::value& from) {
    if (from.is_null()) return {};
    const json::array& parts = list_in(from, "the pods", 3);
    return common_labels::of(pairs_in(parts[0], "the pods' labels"), pairs_in(parts[1], "the pods' labels"),
                             texts_in(parts[2], "the pods' labels"));
}

std::set<name_list> read_name_lists(const json::value& from) {
    std::set<name_list> out;
    for (const json::value& each : list_in(from, "the names of an address")) {
        name_list names = texts_in(each, "the names of an address");
        if (names.empty() || dns_names_of(std::vector<std::string_view>(names.begin(), names.end())) != names)
            throw part_error("the names of an address are none");
        out.insert(std::move(names));
    }
    return out;
}

void read_names(const json::object& from, workload& to) {
    for (const json::value& each : list_in(needed_of(from, "servers"), "\"servers\""))
        to.servers.insert(read_server(each));
    for (const json::value& each : list_in(needed_of(from, "server_pods"), "\"server_pods\"")) {
        const json::array& parts = list_in(each, "the pods of a server", 2);
        to.server_pods[read_peer(parts[0])] = read_pods(parts[1]);
    }
    for (const auto& [cluster, domain] : pairs_in(needed_of(from, "domains"), "\"domains\"")) {
        if (dns_name_of(domain) != domain) throw part_error("the domain is no name");
        to.domains.emplace(cluster, domain);
    }
    for (const json::value& each : list_in(needed_of(from, "known_as"), "\"known_as\"")) {
        const json::array& parts = list_in(each, "the known address", 3);
        const auto address = parse_cidr(read_host_cidr(text_in(parts[0], "the known address")))->address;
        to.known_as[address] = {.shown = read_name_lists(parts[1]), .answered = read_name_lists(parts[2])};
    }
}

shared_ends read_ends(const json::object& from) {
    shared_ends out;
    for (const json::value& each : list_in(needed_of(from, "ends"), "\"ends\"")) {
        const json::array& parts = list_in(each, "the end of a sample", 4);
        const auto text = [&](std::size_t i) { return std::string(text_in(parts[i], "the end of a sample")); };
        out.push_back(std::make_shared<const sample_endpoint>(
            sample_endpoint{.pod_namespace = text(0), .workload = text(1), .pod = text(2), .ip = text(3)}));
    }
    return out;
}

std::set<std::string> read_labels_at(const json::value& from, const std::vector<std::string>& labels) {
    std::set<std::string> out;
    for (const json::value& each : list_in(from, "the pods of a rule")) {
        if (labels.empty()) throw part_error("the pods of a rule have no labels");
        out.insert(labels[unsigned_in(each, "the labels of a pod", labels.size() - 1)]);
    }
    return out;
}

void read_rules(const json::object& from, workload& to, std::size_t most_samples) {
    const shared_ends ends = read_ends(from);
    const std::vector<std::string> labels = texts_in(needed_of(from, "labels"), "\"labels\"");
    for (const json::value& each : list_in(needed_of(from, "rules"), "\"rules\"")) {
        const json::array& parts = list_in(each, "the rule", rule_key_members + 6);
        rule_key key = read_rule_key(parts);
        rule_sums sums{.packets = read_packets(parts[rule_key_members]),
                       .first_seen_ns = signed_in(parts[rule_key_members + 1], "the first time of a rule"),
                       .last_seen_ns = signed_in(parts[rule_key_members + 2], "the last time of a rule"),
                       .samples = {},
                       .pods = {.subjects = read_labels_at(parts[rule_key_members + 4], labels),
                                .peers = read_labels_at(parts[rule_key_members + 5], labels)}};
        for (const json::value& sample : list_in(parts[rule_key_members + 3], "the samples"))
            sums.samples.push_back(read_sample(sample, ends));
        to.has_names |= key.peer.kind == peer_kind::fqdn;
        const auto [state, is_new] = to.rules.try_emplace(std::move(key), most_samples);
        if (!is_new) throw part_error("a rule stands twice");
        state.add(sums);
    }
}

}  // namespace

std::string workload_line(const workload_key& key, const workload& of) {
    json_out out;
    out.begin('{');
    if (!key.cluster.empty()) out.name("of_cluster").text(key.cluster);
    out.name("namespace").text(key.pod_namespace).name("selector").pairs(key.selector);
    out.name("pods");
    append_pods(out, of.pods);
    out.name("cluster").text(of.cluster).name("too_many_rules").flag(of.too_many_rules);
    append_names(out, of);
    append_rules(out, of);
    out.end('}');
    return out.take();
}

std::pair<workload_key, workload> read_workload(std::string_view line, std::size_t most_samples) {
    json::monotonic_resource memory;
    const json::value whole = parse_part_json(line, &memory);
    const json::object& from = object_in(whole, "the line");
    const json::value* const cluster = from.if_contains("of_cluster");
    workload_key key{.cluster = cluster ? read_cluster(*cluster) : std::string(),
                     .pod_namespace = std::string(text_in(needed_of(from, "namespace"), "\"namespace\"")),
                     .selector = read_selector(needed_of(from, "selector"), "the selector's labels")};
    if (!is_dns_label(key.pod_namespace)) throw part_error("\"namespace\" is no name of a namespace");
    if (key.selector.empty()) throw part_error("\"selector\" is empty");
    workload out;
    out.name = workload_name(key.selector);
    const json::value* const pods = from.if_contains("pods");
    if (pods) out.pods = read_pods(*pods);
    out.cluster = read_cluster(needed_of(from, "cluster"));
    out.too_many_rules = flag_in(needed_of(from, "too_many_rules"), "\"too_many_rules\"");
    read_names(from, out);
    read_rules(from, out, most_samples);
    out.rules_changed = true;
    return {std::move(key), std::move(out)};
}

}  // namespace cpg
