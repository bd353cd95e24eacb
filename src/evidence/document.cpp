// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "evidence/document.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "base/keep_first.hpp"
#include "base/limits.hpp"

namespace cpg {

namespace {

evidence_sample stored(const flow_sample& sample) {
    return {.time_ns = sample.time_ns,
            .source = *sample.source,
            .destination = *sample.destination,
            .port = sample.port,
            .protocol = std::string(to_string(sample.protocol)),
            .verdict = std::string(to_string(sample.verdict)),
            .drop_reason = std::string(sample.drop_reason)};
}

// A flow that is replayed a second time is still one sample.
void add_samples(std::vector<evidence_sample>& to, const std::vector<flow_sample>& added) {
    const std::set<evidence_sample> known(to.begin(), to.end());
    for (const flow_sample& each : added)
        if (evidence_sample fresh = stored(each); !known.contains(fresh)) to.push_back(std::move(fresh));
    std::ranges::sort(to, std::greater<>{});
}

// 0 stands for "not known" and is not the earliest time.
std::int64_t earlier(std::int64_t a, std::int64_t b) {
    return a == 0 ? b : b == 0 ? a : std::min(a, b);
}

void add_rule(evidence_rule& to, const rule_key& key, const rule_tally& added) {
    to.what = key;
    to.flow_count += added.flow_count;
    to.first_seen_ns = earlier(to.first_seen_ns, added.first_seen_ns);
    to.last_seen_ns = std::max(to.last_seen_ns, added.last_seen_ns);
    add_samples(to.samples, added.samples);
    add_first(to.addresses, added.addresses, limits::addresses_of_a_name);
    add_first(to.subject_pods, added.subject_pods, limits::pods_of_a_rule);
    add_first(to.peer_pods, added.peer_pods, limits::pods_of_a_rule);
}

void add_to_newest(std::vector<evidence_session>& sessions, const evidence_session& added, std::size_t most) {
    std::erase_if(sessions, [&](const evidence_session& each) { return each.id == added.id; });
    sessions.push_back(added);
    std::ranges::stable_sort(sessions, {}, &evidence_session::started_ns);
    if (sessions.size() > most) sessions.erase(sessions.begin(), sessions.end() - static_cast<std::ptrdiff_t>(most));
}

void keep_in_order(std::vector<std::string>& ids, const std::vector<evidence_session>& sessions) {
    const std::set<std::string> contributing(ids.begin(), ids.end());
    ids.clear();
    for (const evidence_session& each : sessions)
        if (contributing.contains(each.id)) ids.push_back(each.id);
}

}  // namespace

void add_session(evidence_document& to, const evidence_session& session, const std::map<rule_key, rule_tally>& rules,
                 const evidence_limits& limits) {
    for (const auto& [key, added] : rules) {
        evidence_rule& rule = to.rules[to_string(key)];
        add_rule(rule, key, added);
        rule.contributing_sessions.push_back(session.id);
    }
    add_to_newest(to.sessions, session, limits.sessions);
    for (auto& [key, rule] : to.rules) {
        keep_in_order(rule.contributing_sessions, to.sessions);
        if (rule.samples.size() > limits.samples) rule.samples.resize(limits.samples);
    }
}

}  // namespace cpg
