// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/evidence_file.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <limits>
#include <vector>

#include "base/files.hpp"
#include "base/timestamp.hpp"
#include "output/json_text.hpp"

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

void add_texts(json::object& to, std::string_view name, const std::vector<std::string>& of) {
    json::array& list = to[name].emplace_array();
    for (const std::string& each : of)
        list.emplace_back(each);
}

json::object source_json(const evidence_source& of) {
    json::object out{{"type", of.type}};
    add_text(out, "file", of.file);
    add_text(out, "server", of.server);
    return out;
}

void fill_peer(json::object& out, const peer& of) {
    switch (of.kind) {
        case peer_kind::endpoint: {
            out["type"] = "endpoint";
            json::object& labels = add_object(out, "labels");
            for (const auto& [key, value] : of.labels)
                labels[key] = value;
            return;
        }
        case peer_kind::entity:
            out["type"] = "entity";
            out["entity"] = of.name;
            return;
        case peer_kind::cidr:
            out["type"] = "cidr";
            out["cidr"] = of.name;
            return;
        case peer_kind::fqdn:
            out["type"] = "fqdn";
            add_texts(out, "names", of.names);
            return;
    }
}

void fill_l7(json::object& out, const l7_match& of) {
    const bool dns = of.kind == l7_kind::dns;
    out["protocol"] = dns ? "dns" : "http";
    if (!dns) out["http_method"] = of.method;
    out[dns ? "dns_matchname" : "http_path"] = of.value;
}

void fill_end(json::object& out, const sample_endpoint& of) {
    add_text(out, "namespace", of.pod_namespace);
    add_text(out, "workload", of.workload);
    add_text(out, "pod", of.pod);
    add_text(out, "ip", of.ip);
}

void fill_sample(json::object& out, const evidence_sample& of) {
    add_time(out, "time", of.time_ns);
    fill_end(add_object(out, "src"), of.source);
    fill_end(add_object(out, "dst"), of.destination);
    out["port"] = of.port;
    out["protocol"] = of.protocol;
    out["verdict"] = of.verdict;
    add_text(out, "drop_reason", of.drop_reason);
}

std::string shell_quote(const std::string& text) {
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + "'";
}

}  // namespace

json::object policy_json(const evidence& of) {
    return {{"name", of.policy_name}, {"namespace", of.pod_namespace}, {"workload", of.workload}};
}

json::object session_json(const evidence_session& of) {
    json::object out{{"id", of.id}};
    add_time(out, "started_at", of.started_ns);
    add_time(out, "ended_at", of.ended_ns);
    add_text(out, "cpg_version", of.cpg_version);
    out["source"] = source_json(of.source);
    out["flows_ingested"] = of.flows_ingested;
    out["flows_unhandled"] = of.flows_unhandled;
    return out;
}

json::object rule_json(const std::string& key, const evidence_rule& of, std::size_t most_samples,
                       const json::storage_ptr& memory) {
    json::object out(memory);
    out["key"] = key;
    out["direction"] = to_string(of.what.direction);
    fill_peer(add_object(out, "peer"), of.what.peer);
    out["port"] = std::to_string(of.what.port);
    out["protocol"] = to_string(of.what.protocol);
    if (of.what.l7.kind != l7_kind::none) fill_l7(add_object(out, "l7"), of.what.l7);
    out["flow_count"] = of.flow_count;
    add_time(out, "first_seen", of.first_seen_ns);
    add_time(out, "last_seen", of.last_seen_ns);
    if (!of.contributing_sessions.empty()) add_texts(out, "contributing_sessions", of.contributing_sessions);
    if (of.samples.empty() || most_samples == 0) return out;
    json::array& samples = out["samples"].emplace_array();
    for (std::size_t i = 0; i < std::min(most_samples, of.samples.size()); ++i)
        fill_sample(samples.emplace_back(nullptr).emplace_object(), of.samples[i]);
    return out;
}

// Rule by rule, each in the same room: as values, all of them together would take many times the memory of the text.
std::string evidence_json(const evidence& of) {
    constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
    json::array sessions;
    for (const evidence_session& each : of.sessions)
        sessions.push_back(session_json(each));
    std::string out = "{\n  \"schema_version\": " + std::to_string(evidence_schema_version) + ",\n  \"policy\": ";
    append_pretty_json(out, policy_json(of), 2);
    out += ",\n  \"sessions\": ";
    append_pretty_json(out, sessions, 2);
    out += ",\n  \"rules\": [";
    std::string_view separator = "\n    ";
    std::vector<unsigned char> room(64 * 1024);
    for (const auto& [key, rule] : of.rules) {
        json::monotonic_resource memory(room.data(), room.size());
        append_pretty_json(out += separator, rule_json(key, rule, all, &memory), 4);
        separator = ",\n    ";
    }
    return out += of.rules.empty() ? "]\n}\n" : "\n  ]\n}\n";
}

std::optional<std::string> read_evidence_text(const fs::path& path) {
    try {
        std::optional<std::string> text = read_file(path, most_evidence_bytes);
        // An empty file is what a power cut may leave.
        if (!text || text->empty()) return std::nullopt;
        return text;
    } catch (const file_error& error) {
        throw evidence_error(error.what());
    }
}

evidence parse_evidence_of(const fs::path& path, std::string_view text) {
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

std::optional<evidence> read_evidence(const fs::path& path) {
    const std::optional<std::string> text = read_evidence_text(path);
    return text ? std::optional(parse_evidence_of(path, *text)) : std::nullopt;
}

void write_evidence(const fs::path& path, const evidence& of) {
    const std::string text = evidence_json(of);
    if (text.size() > most_evidence_bytes)
        throw file_error("writing " + path.string() + ": larger than " + std::to_string(most_evidence_bytes) +
                         " bytes; fewer --evidence-samples make it smaller");
    replace_file(path, text, 0600, 0700, durability::lost_in_a_crash);
}

}  // namespace cpg
