// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/evidence_file.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <limits>

#include "base/files.hpp"
#include "base/timestamp.hpp"
#include "output/json_text.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

void add_text(json::object& to, std::string_view name, const std::string& value) {
    if (!value.empty()) to[name] = value;
}

void add_time(json::object& to, std::string_view name, std::int64_t value) {
    if (value != 0) to[name] = format_timestamp(value);
}

json::array texts_json(const std::vector<std::string>& of) {
    return json::array(of.begin(), of.end());
}

json::object source_json(const evidence_source& of) {
    json::object out{{"type", of.type}};
    add_text(out, "file", of.file);
    add_text(out, "server", of.server);
    return out;
}

json::object peer_json(const peer& of) {
    json::object out;
    switch (of.kind) {
        case peer_kind::endpoint: {
            json::object labels;
            for (const auto& [key, value] : of.labels)
                labels[key] = value;
            return {{"type", "endpoint"}, {"labels", std::move(labels)}};
        }
        case peer_kind::entity: return {{"type", "entity"}, {"entity", of.name}};
        case peer_kind::cidr: return {{"type", "cidr"}, {"cidr", of.name}};
        case peer_kind::fqdn: return {{"type", "fqdn"}, {"names", texts_json(of.names)}};
    }
    return out;
}

json::object l7_json(const l7_match& of) {
    if (of.kind == l7_kind::dns) return {{"protocol", "dns"}, {"dns_matchname", of.value}};
    return {{"protocol", "http"}, {"http_method", of.method}, {"http_path", of.value}};
}

json::object end_json(const sample_endpoint& of) {
    json::object out;
    add_text(out, "namespace", of.pod_namespace);
    add_text(out, "workload", of.workload);
    add_text(out, "pod", of.pod);
    add_text(out, "ip", of.ip);
    return out;
}

json::object sample_json(const evidence_sample& of) {
    json::object out;
    add_time(out, "time", of.time_ns);
    out["src"] = end_json(of.source);
    out["dst"] = end_json(of.destination);
    out["port"] = of.port;
    out["protocol"] = of.protocol;
    out["verdict"] = of.verdict;
    add_text(out, "drop_reason", of.drop_reason);
    return out;
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

json::object rule_json(const std::string& key, const evidence_rule& of, std::size_t most_samples) {
    json::object out{{"key", key},
                     {"direction", to_string(of.what.direction)},
                     {"peer", peer_json(of.what.peer)},
                     {"port", std::to_string(of.what.port)},
                     {"protocol", to_string(of.what.protocol)}};
    if (of.what.l7.kind != l7_kind::none) out["l7"] = l7_json(of.what.l7);
    out["flow_count"] = of.flow_count;
    add_time(out, "first_seen", of.first_seen_ns);
    add_time(out, "last_seen", of.last_seen_ns);
    if (!of.contributing_sessions.empty()) out["contributing_sessions"] = texts_json(of.contributing_sessions);
    json::array samples;
    for (std::size_t i = 0; i < std::min(most_samples, of.samples.size()); ++i)
        samples.push_back(sample_json(of.samples[i]));
    if (!samples.empty()) out["samples"] = std::move(samples);
    return out;
}

std::string evidence_json(const evidence& of) {
    json::array sessions;
    for (const evidence_session& each : of.sessions)
        sessions.push_back(session_json(each));
    json::array rules;
    for (const auto& [key, rule] : of.rules)
        rules.push_back(rule_json(key, rule, std::numeric_limits<std::size_t>::max()));
    return pretty_json(json::object{{"schema_version", evidence_schema_version},
                                    {"policy", policy_json(of)},
                                    {"sessions", std::move(sessions)},
                                    {"rules", std::move(rules)}});
}

std::optional<evidence> read_evidence(const fs::path& path) {
    try {
        const std::optional<std::string> text = read_file(path, most_evidence_bytes);
        // An empty file is what a power cut may leave.
        if (!text || text->empty()) return std::nullopt;
        return parse_evidence(*text);
    } catch (const evidence_version_error& error) {
        // What wrote this file wrote its neighbours too.
        throw evidence_error(path.string() + ": " + error.what() + "; clear it with: rm -r " +
                             shell_quote(path.parent_path().parent_path().string()));
    } catch (const evidence_error& error) {
        throw evidence_error(path.string() + ": " + error.what() + "; clear it with: rm " + shell_quote(path.string()));
    } catch (const file_error& error) {
        throw evidence_error(error.what());
    }
}

void write_evidence(const fs::path& path, const evidence& of) {
    const std::string text = evidence_json(of);
    if (text.size() > most_evidence_bytes)
        throw file_error("writing " + path.string() + ": larger than " + std::to_string(most_evidence_bytes) +
                         " bytes; fewer --evidence-samples make it smaller");
    replace_file(path, text, 0600, 0700, durability::lost_in_a_crash);
}

}  // namespace cpg
