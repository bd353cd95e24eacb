// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/explain_text.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "report/local_zone.hpp"
#include "report/rule_filter.hpp"

namespace cpg {

namespace {

constexpr std::size_t label_width = 13;

std::string padded(std::string text, std::size_t width) {
    const std::size_t length = decode_utf8(text).size();
    return length < width ? text + std::string(width - length, ' ') : text;
}

// Without a label it goes on with what stands above.
std::string line(std::string_view label, std::string_view value) {
    return "  " + padded(std::string(label) + (label.empty() ? "" : ":"), label_width) + printable(value) + "\n";
}

std::string bold(std::string_view text, const explain_style& style) {
    return style.colour ? "\x1b[1m" + std::string(text) + "\x1b[0m" : std::string(text);
}

std::string peer_text(const peer& peer) {
    switch (peer.kind) {
        case peer_kind::endpoint: return describe(peer) + " (endpoint)";
        case peer_kind::entity: return peer.name + " (entity)";
        case peer_kind::cidr: return peer.name + " (cidr)";
        case peer_kind::fqdn: return describe(peer) + " (fqdn)";
    }
    return {};
}

std::string port_text(const rule_key& key) {
    return std::to_string(key.port) + "/" + std::string(to_string(key.protocol));
}

std::string l7_text(const l7_match& l7_match) {
    if (l7_match.kind == l7_kind::dns) return "DNS " + l7_match.value;
    const auto [path, has_query] = raw_path_of(l7_match.value);
    return "HTTP " + l7_match.method + " " + path + (has_query ? " with any query" : "");
}

std::string end_text(const sample_endpoint& end) {
    const std::string& name = end.workload.empty() ? end.pod : end.workload;
    if (name.empty()) return printable(end.ip.empty() ? "unknown" : end.ip);
    return printable(end.pod_namespace.empty() ? name : end.pod_namespace + "/" + name);
}

// Times of day are enough while all flows are of one day.
// Most were dropped, which goes without saying.
std::string verdict_text(const evidence_sample& sample) {
    return sample.verdict.empty() || sample.verdict == "DROPPED" ? "" : "  " + printable(sample.verdict);
}

// Of a name there may be hundreds.
std::string addresses_text(const std::set<std::string>& addresses, std::size_t most) {
    std::string out;
    std::size_t count = 0;
    for (const std::string& each : addresses)
        if (count++ < most) out += (out.empty() ? "" : ", ") + each.substr(0, each.find('/'));
    const std::size_t left = addresses.size() - std::min(most, addresses.size());
    return left == 0 ? out : out + (out.empty() ? "" : " and ") + std::to_string(left) + " more";
}

std::string samples_text(const evidence_rule& rule, const local_zone& zone, const explain_style& style) {
    const std::size_t count = std::min(style.most_samples, rule.samples.size());
    if (count == 0) return {};
    const bool one_day = zone.date(rule.first_seen_ns) == zone.date(rule.last_seen_ns);
    std::size_t source_width = 0;
    std::size_t destination_width = 0;
    for (std::size_t i = 0; i < count; ++i) {
        source_width = std::max(source_width, decode_utf8(end_text(rule.samples[i].source)).size());
        destination_width = std::max(destination_width, decode_utf8(end_text(rule.samples[i].destination)).size());
    }
    std::string out = "\n  Sample flows:\n";
    for (std::size_t i = 0; i < count; ++i) {
        const evidence_sample& each = rule.samples[i];
        out += "    " + (one_day ? zone.second(each.time_ns) : zone.full(each.time_ns)) + "  " +
               padded(end_text(each.source), source_width) + " → " +
               padded(end_text(each.destination), destination_width) + "  " +
               printable(each.protocol + "/" + std::to_string(each.port)) + verdict_text(each) + "\n";
    }
    return out;
}

// As many as samples; one a line.
std::string opened_text(const std::vector<also_opened>& opened, direction direction, std::size_t most) {
    std::string out;
    std::size_t count = 0;
    for (const also_opened& each : opened) {
        if (count == most) break;
        out += line(count++ == 0 ? "Also opens" : "", describe(each, direction));
    }
    return opened.size() > count
               ? out + line(count == 0 ? "Also opens" : "", std::to_string(opened.size() - count) + " more")
               : out;
}

struct shown_rule {
    const evidence_rule& rule;
    bool is_gone = false;
    const std::vector<also_opened>& opened;
};

std::string rule_text(const shown_rule& shown, const local_zone& zone, const explain_style& style) {
    const evidence_rule& rule = shown.rule;
    const rule_key& what = rule.what;
    std::string out = bold(what.direction == direction::ingress ? "Ingress rule" : "Egress rule", style) +
                      (shown.is_gone ? " (no longer in the policy)\n" : "\n");
    out += line("Peer", peer_text(what.peer));
    out += line(is_icmp(what) ? "ICMP type" : "Port", port_text(what));
    if (what.l7.kind != l7_kind::none) out += line("L7", l7_text(what.l7));
    if (!rule.addresses.empty()) out += line("Addresses", addresses_text(rule.addresses, style.most_samples));
    out += line("Flow count", std::to_string(rule.flow_count));
    out += line("First seen", zone.full(rule.first_seen_ns));
    out += line("Last seen", zone.full(rule.last_seen_ns));
    out += opened_text(shown.opened, what.direction, style.most_samples);
    return out + samples_text(rule, zone, style);
}

std::string session_text(const evidence_session& session, const local_zone& zone) {
    const std::string start = zone.date(session.started_ns);
    const std::string end = zone.date(session.ended_ns);
    return start + " " + zone.minute(session.started_ns) + " → " + (end == start ? "" : end + " ") +
           zone.minute(session.ended_ns) + " (source: " + printable(session.source.type) + ")";
}

std::int64_t reference_time(const evidence_document& document) {
    if (!document.sessions.empty() && document.sessions.back().started_ns != 0)
        return document.sessions.back().started_ns;
    std::int64_t latest = 0;
    for (const auto& [key, rule] : document.rules)
        latest = std::max(latest, rule.last_seen_ns);
    return latest;
}

// As a policy has them: ingress first.
std::vector<const evidence_rule*> reading_order(const evidence_document& document) {
    std::vector<const evidence_rule*> out;
    for (const direction wanted : {direction::ingress, direction::egress})
        for (const auto& [key, rule] : document.rules)
            if (rule.what.direction == wanted) out.push_back(&rule);
    return out;
}

// A rule on one line: who, and what.
struct rule_line {
    cpg::direction direction;
    std::string peer;
    std::string what;
};

rule_line line_of(const rule_key& key) {
    const std::string l7 = key.l7.kind == l7_kind::none ? "" : "  " + printable(l7_text(key.l7));
    return {key.direction, printable(peer_text(key.peer)), port_text(key) + l7};
}

std::string aligned(const std::vector<rule_line>& lines) {
    std::size_t width = 0;
    for (const rule_line& each : lines)
        if (!each.what.empty()) width = std::max(width, decode_utf8(each.peer).size());
    std::string out;
    for (const rule_line& each : lines) {
        out += "  " + padded(std::string(to_string(each.direction)), 9);
        out += (each.what.empty() ? each.peer : padded(each.peer, width + 2) + each.what) + "\n";
    }
    return out;
}

}  // namespace

std::string explain_text(const evidence_document& document, const evidence_document& shown, const explain_style& style,
                         const policy_check& check, const opened_by_rule& opened) {
    static const std::vector<also_opened> nothing;
    const local_zone zone(reference_time(document));
    std::string out =
        bold("Policy:", style) + " " + printable(document.policy_name + " (" + document.pod_namespace + ")") + "\n";
    out += bold("Latest session:", style) + " " +
           (document.sessions.empty() ? "none" : session_text(document.sessions.back(), zone)) + "\n";
    out += bold("Times:", style) + " " + zone.name() + "\n";
    for (const evidence_rule* rule : reading_order(shown)) {
        const std::string key = to_string(rule->what);
        const auto beside = opened.find(key);
        out += "\n" + rule_text({.rule = *rule,
                                 .is_gone = check.gone.contains(key),
                                 .opened = beside == opened.end() ? nothing : beside->second},
                                zone, style);
    }
    return out;
}

std::string rule_list(const evidence_document& document) {
    std::vector<rule_line> lines;
    for (const evidence_rule* rule : reading_order(document))
        lines.push_back(line_of(rule->what));
    return aligned(lines);
}

std::string unproven_text(const policy_check& check, const explain_style& style) {
    if (check.unproven.empty()) return {};
    std::vector<rule_line> lines;
    for (const unproven_rule& each : check.unproven)
        lines.push_back(each.key ? line_of(*each.key)
                                 : rule_line{each.direction,
                                             "a rule that cpg does not write so, line " + std::to_string(each.line),
                                             {}});
    return "\n" + bold("Rules without evidence:", style) + "\n" + aligned(lines);
}

}  // namespace cpg
