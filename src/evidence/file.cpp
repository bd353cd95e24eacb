// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "evidence/file.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <limits>
#include <vector>

#include "base/files.hpp"
#include "base/text.hpp"
#include "base/timestamp.hpp"
#include "evidence/json_text.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// A value takes over the memory of the object that it is put into.
void add_text(json::object& to, std::string_view name, const std::string& value) {
    if (!value.empty()) to[name] = value;
}

void add_time(json::object& to, std::string_view name, std::int64_t value) {
    if (value != 0) to[name] = format_timestamp(value);
}

json::object& add_object(json::object& to, std::string_view name) {
    return to[name].emplace_object();
}

void add_texts(json::object& to, std::string_view name, const auto& texts) {
    json::array& list = to[name].emplace_array();
    for (const std::string& each : texts)
        list.emplace_back(each);
}

json::object source_json(const evidence_source& source) {
    json::object out{{"type", source.type}};
    add_text(out, "file", source.file);
    add_text(out, "server", source.server);
    return out;
}

void fill_peer(json::object& out, const peer& peer) {
    switch (peer.kind) {
        case peer_kind::endpoint: {
            out["type"] = "endpoint";
            out["labels"] = labels_json(peer.labels);
            return;
        }
        case peer_kind::entity:
            out["type"] = "entity";
            out["entity"] = peer.name;
            return;
        case peer_kind::cidr:
            out["type"] = "cidr";
            out["cidr"] = peer.name;
            return;
        case peer_kind::fqdn:
            out["type"] = "fqdn";
            add_texts(out, "names", peer.names);
            return;
    }
}

void fill_l7(json::object& out, const l7_match& l7_match) {
    const bool dns = l7_match.kind == l7_kind::dns;
    out["protocol"] = dns ? "dns" : "http";
    if (!dns) out["http_method"] = l7_match.method;
    out[dns ? "dns_matchname" : "http_path"] = l7_match.value;
}

void fill_end(json::object& out, const sample_endpoint& end) {
    add_text(out, "namespace", end.pod_namespace);
    add_text(out, "workload", end.workload);
    add_text(out, "pod", end.pod);
    add_text(out, "ip", end.ip);
}

void fill_sample(json::object& out, const evidence_sample& sample) {
    add_time(out, "time", sample.time_ns);
    fill_end(add_object(out, "src"), sample.source);
    fill_end(add_object(out, "dst"), sample.destination);
    out["port"] = sample.port;
    out["protocol"] = sample.protocol;
    out["verdict"] = sample.verdict;
    add_text(out, "drop_reason", sample.drop_reason);
}

// An empty file is what a power cut may leave.
template <class Read>
std::optional<std::string> readable(Read read) {
    try {
        std::optional<std::string> text = read();
        return text && text->empty() ? std::nullopt : text;
    } catch (const file_error& error) {
        throw evidence_error(error.what());
    }
}

}  // namespace

json::object labels_json(const selector& labels) {
    json::object out;
    for (const auto& [key, value] : labels)
        out[key] = value;
    return out;
}

json::object policy_json(const evidence_document& document) {
    return {{"name", document.policy_name}, {"namespace", document.pod_namespace}, {"workload", document.workload}};
}

json::object session_json(const evidence_session& session) {
    json::object out{{"id", session.id}};
    add_time(out, "started_at", session.started_ns);
    add_time(out, "ended_at", session.ended_ns);
    add_text(out, "cpg_version", session.cpg_version);
    out["source"] = source_json(session.source);
    out["flows_ingested"] = session.flows_ingested;
    out["flows_unhandled"] = session.flows_unhandled;
    return out;
}

json::object rule_json(const std::string& key, const evidence_rule& rule, std::size_t most_samples,
                       const json::storage_ptr& memory) {
    json::object out(memory);
    out["key"] = key;
    out["direction"] = to_string(rule.what.direction);
    fill_peer(add_object(out, "peer"), rule.what.peer);
    out["port"] = std::to_string(rule.what.port);
    out["protocol"] = to_string(rule.what.protocol);
    if (rule.what.l7.kind != l7_kind::none) fill_l7(add_object(out, "l7"), rule.what.l7);
    out["flow_count"] = rule.flow_count;
    add_time(out, "first_seen", rule.first_seen_ns);
    add_time(out, "last_seen", rule.last_seen_ns);
    if (!rule.addresses.empty()) add_texts(out, "addresses", rule.addresses);
    if (!rule.subject_pods.empty()) add_texts(out, "subject_pods", rule.subject_pods);
    if (!rule.peer_pods.empty()) add_texts(out, "peer_pods", rule.peer_pods);
    if (!rule.contributing_sessions.empty()) add_texts(out, "contributing_sessions", rule.contributing_sessions);
    if (rule.samples.empty() || most_samples == 0) return out;
    json::array& samples = out["samples"].emplace_array();
    for (std::size_t i = 0; i < std::min(most_samples, rule.samples.size()); ++i)
        fill_sample(samples.emplace_back(nullptr).emplace_object(), rule.samples[i]);
    return out;
}

// Rule by rule, each in the same room: as values, all of them together would take many times the memory of the text.
std::string evidence_json(const evidence_document& document) {
    constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
    json::array sessions;
    for (const evidence_session& each : document.sessions)
        sessions.push_back(session_json(each));
    std::string out = "{\n  \"schema_version\": " + std::to_string(evidence_schema_version) + ",\n  \"policy\": ";
    append_pretty_json(out, policy_json(document), 2);
    out += ",\n  \"sessions\": ";
    append_pretty_json(out, sessions, 2);
    out += ",\n  \"rules\": [";
    std::string_view separator = "\n    ";
    std::vector<unsigned char> room(64 * 1024);
    for (const auto& [key, rule] : document.rules) {
        json::monotonic_resource memory(room.data(), room.size());
        append_pretty_json(out += separator, rule_json(key, rule, all, &memory), 4);
        separator = ",\n    ";
    }
    return out += document.rules.empty() ? "]\n}\n" : "\n  ]\n}\n";
}

std::optional<std::string> read_evidence_text(const folder& of, const fs::path& below) {
    return readable([&] { return of.read(below, most_evidence_bytes); });
}

evidence_document parse_evidence_of(const fs::path& path, std::string_view text) {
    try {
        return parse_evidence(text);
    } catch (const evidence_version_error& error) {
        // What wrote this file wrote its neighbours too.
        throw evidence_error(path.string() + ": " + error.what() + "; clear it with: rm -r " +
                             shell_quote(path.parent_path().parent_path().string()));
    } catch (const evidence_error& error) {
        throw evidence_error(path.string() + ": " + error.what() + "; clear it with: rm " + shell_quote(path.string()));
    }
}

std::optional<evidence_document> read_evidence(const fs::path& path) {
    const auto text = readable([&] { return read_file(path, most_evidence_bytes); });
    return text ? std::optional(parse_evidence_of(path, *text)) : std::nullopt;
}

std::string evidence_text(const fs::path& path, const evidence_document& document) {
    std::string out = evidence_json(document);
    if (out.size() > most_evidence_bytes)
        throw file_error("writing " + path.string() + ": larger than " + std::to_string(most_evidence_bytes) +
                         " bytes; fewer --evidence-samples make it smaller");
    return out;
}

void write_evidence(folder& to, const fs::path& below, const evidence_document& document) {
    to.prepare(below, evidence_text(to.shown(below), document)).take_place();
}

}  // namespace cpg
