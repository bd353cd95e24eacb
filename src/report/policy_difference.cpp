// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/policy_difference.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "enforce/probes.hpp"
#include "enforce/read_policies.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

class comparing {
  public:
    comparing(const policy_set& before, const policy_set& after, const verification_settings& settings)
        : before_(before), after_(after), settings_(settings), first_(before), second_(after) {}

    void add_probe(const seen_connection& probe) {
        add(probe, outcome_of(first_, before_, probe), outcome_of(second_, after_, probe));
    }

    void add(const seen_connection& seen, judged_outcome before, judged_outcome after) {
        if (before == judged_outcome::denied && after == judged_outcome::allowed)
            out_.opened.push_back({seen.connection, seen.flows()});
        if (before == judged_outcome::allowed && after == judged_outcome::denied)
            out_.closed.push_back({seen.connection, seen.flows()});
    }

    policy_difference take() {
        for (auto* const list : {&out_.opened, &out_.closed}) {
            // What was seen comes first, so that it is what stays.
            std::ranges::stable_sort(*list, {}, &changed_connection::connection);
            const auto again = std::ranges::unique(*list, {}, &changed_connection::connection);
            list->erase(again.begin(), again.end());
        }
        return std::move(out_);
    }

  private:
    // What only the agent's settings let in is not what the policies open.
    judged_outcome outcome_of(decider& decider, const policy_set& policies, const seen_connection& probe) const {
        const decision found = decider.decide(probe.connection, in(policies, probe));
        return found.why == open_question::local_host ? judged_outcome::denied : found.outcome;
    }

    circumstances in(const policy_set& policies, const seen_connection& probe) const {
        return {.names = probe.names, .default_deny = is_in_default_deny(probe, policies, settings_)};
    }

    const policy_set& before_;
    const policy_set& after_;
    const verification_settings& settings_;
    decider first_;
    decider second_;
    policy_difference out_;
};

policy_set policies_of(const std::string& file, std::string_view text) {
    try {
        return policy_set(read_policies({.file = file, .namespace_of_folder = {}, .text = text}));
    } catch (const yaml_error&) {
        return {};
    }
}

}  // namespace

policy_difference compare(const policy_set& before, const policy_set& after, const std::vector<verified>& seen,
                          const verification_settings& settings) {
    comparing out(before, after, settings);
    std::vector<seen_connection> all;
    for (const verified& each : seen) {
        if (each.before) out.add(each.seen, *each.before, each.decision.outcome);
        all.push_back(each.seen);
    }
    // What has been asked is remembered by its ends, which must outlive the asking.
    const std::array<cpg::probes, 2> probes = {probes_of(before, all), probes_of(after, all)};
    for (const cpg::probes& of_one : probes)
        for (const seen_connection& probe : of_one.all)
            out.add_probe(probe);
    policy_difference found = out.take();
    found.complete = probes[0].complete && probes[1].complete;
    return found;
}

std::string newly_allowed(const std::string& file, std::string_view before, std::string_view after) {
    constexpr std::size_t most_lines = 20;
    constexpr std::size_t most_rules = 200;
    const policy_set first = policies_of(file, before);
    const policy_set second = policies_of(file, after);
    std::size_t rules = 0;
    for (const judged_policy& each : second.all())
        rules += each.rules.size();
    // Each rule is asked about all that each other one is for.
    if (rules > most_rules) return "# newly allows: not told for a file of " + std::to_string(rules) + " rules\n";
    verification_settings all_denied;
    all_denied.default_deny.emplace();
    for (const judged_policy& each : second.all())
        all_denied.default_deny->insert(each.pod_namespace);
    const policy_difference found = compare(first, second, {}, all_denied);
    // Pods of two clusters read alike.
    std::vector<std::string> lines;
    std::set<std::string> told;
    for (const changed_connection& each : found.opened)
        if (std::string line = sentence_of(each.connection); told.insert(line).second) lines.push_back(std::move(line));
    std::string out;
    for (std::size_t i = 0; i < std::min(lines.size(), most_lines); ++i)
        out += "# newly allows: " + printable(lines[i]) + "\n";
    if (lines.size() > most_lines) out += "# newly allows: " + std::to_string(lines.size() - most_lines) + " more\n";
    return out;
}

}  // namespace cpg
