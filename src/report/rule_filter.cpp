// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/rule_filter.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"

namespace cpg {

namespace {

// Cilium reads the three ways to write a pod's label as the same.
std::string_view bare_key(std::string_view key) {
    for (const std::string_view source : {"k8s:", "any:"})
        if (key.starts_with(source)) return key.substr(source.size());
    return key;
}

bool has_label(const peer& peer, const std::pair<std::string, std::string>& wanted) {
    return std::ranges::any_of(peer.labels, [&](const auto& label) {
        return bare_key(label.first) == bare_key(wanted.first) && label.second == wanted.second;
    });
}

bool lies_in(const peer& peer, const cidr& outer) {
    if (peer.kind != peer_kind::cidr) return false;
    const std::optional<cidr> own = parse_cidr(peer.name);
    return own && contains(outer, *own);
}

// A pattern is RE2's, matched as a whole, and may stand for many paths. It comes from a file and may be none.
bool is_path(const l7_match& l7, const std::string& wanted) {
    if (l7.value == wanted || raw_path_of(l7.value).first == wanted) return true;
    RE2::Options quiet;
    quiet.set_log_errors(false);
    const RE2 pattern(l7.value, quiet);
    return pattern.ok() && RE2::FullMatch(wanted, pattern);
}

}  // namespace

bool is_icmp(const rule_key& key) {
    return key.protocol == l4_protocol::icmpv4 || key.protocol == l4_protocol::icmpv6;
}

std::pair<std::string, bool> raw_path_of(std::string_view pattern) {
    constexpr std::string_view any_query = "(\\?.*)?";
    if (pattern.starts_with('^')) pattern.remove_prefix(1);
    if (pattern.ends_with('$')) pattern.remove_suffix(1);
    const bool has_query = pattern.ends_with(any_query);
    if (has_query) pattern.remove_suffix(any_query.size());
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
        out += pattern[i];
    }
    return {out, has_query};
}

bool rule_filter::is_direction_only() const {
    return !port && !peer_label && !peer_cidr && !since_ns && !http_method && !http_path && !dns_name;
}

bool rule_filter::matches(const evidence_rule& rule) const {
    const rule_key& what = rule.what;
    if (direction && what.direction != *direction) return false;
    if (port && (is_icmp(what) || what.port != *port)) return false;
    if (peer_label && !has_label(what.peer, *peer_label)) return false;
    if (peer_cidr && !lies_in(what.peer, *peer_cidr)) return false;
    if (since_ns && (rule.last_seen_ns == 0 || rule.last_seen_ns < *since_ns)) return false;
    if ((http_method || http_path) && what.l7.kind != l7_kind::http) return false;
    if (http_method && !equal_ignoring_case(what.l7.method, *http_method)) return false;
    if (http_path && !is_path(what.l7, *http_path)) return false;
    return !dns_name || (what.l7.kind == l7_kind::dns && what.l7.value == *dns_name);
}

}  // namespace cpg
