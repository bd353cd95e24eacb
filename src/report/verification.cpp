// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/verification.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace cpg {

namespace {

effect effect_of(const seen_connection& seen, const decision& decision) {
    if (decision.outcome == judged_outcome::unknown) return effect::unknown;
    const bool allowed = decision.outcome == judged_outcome::allowed;
    if (seen.denied > 0) return allowed ? effect::mended : effect::left_denied;
    return allowed ? effect::allowed : effect::breaks;
}

// The node of a pod was seen to be denied, so nothing lets it in by itself.
void settle_local_host(verified& one) {
    if (one.decision.why != open_question::local_host || one.seen.denied == 0) return;
    one.decision.outcome = judged_outcome::denied;
    one.decision.by = decided_by::default_deny;
    one.decision.why = open_question::none;
}

class verifying {
  public:
    verifying(const policy_set& policies, const policy_set* base, const verification_settings& settings)
        : settings_(settings), policies_(policies), now_(policies), base_(base) {
        if (base) before_.emplace(*base);
    }

    verified judge(seen_connection seen) {
        verified out{.seen = std::move(seen), .decision = {}, .why = {}, .before = {}};
        const circumstances circumstances = {.names = out.seen.names,
                                             .default_deny = is_in_default_deny(out.seen, policies_, settings_)};
        out.decision = now_.decide(out.seen.connection, circumstances);
        settle_local_host(out);
        out.effect = effect_of(out.seen, out.decision);
        if (out.decision.outcome != judged_outcome::allowed)
            out.why = nearest(now_, out.seen.connection, circumstances, out.decision);
        // What was let through has not shown that the pod is in default deny.
        if (out.effect == effect::breaks && out.why.selects_nothing)
            out.why.text += " (taken to be in default deny, see --assume-default-deny)";
        if (before_) out.before = judged_before(out.seen);
        return out;
    }

  private:
    judged_outcome judged_before(const seen_connection& seen) {
        verified out{.seen = seen, .decision = {}, .why = {}, .before = {}};
        const circumstances circumstances = {.names = seen.names,
                                             .default_deny = is_in_default_deny(seen, *base_, settings_)};
        out.decision = before_->decide(seen.connection, circumstances);
        settle_local_host(out);
        return out.decision.outcome;
    }

    const verification_settings& settings_;
    const policy_set& policies_;
    decider now_;
    const policy_set* base_;
    std::optional<decider> before_;
};

using subject_rank = std::array<std::uint64_t, effects>;

// The subject with the most flows of the worst effect first.
void sort_by_subject(std::vector<verified>& all) {
    std::map<const connection_end*, subject_rank> ranks;
    for (const verified& each : all)
        ranks[each.seen.connection.subject.get()][static_cast<std::size_t>(each.effect)] += each.seen.flows();
    std::ranges::stable_sort(all, [&](const verified& a, const verified& b) {
        const connection_end* const left = a.seen.connection.subject.get();
        const connection_end* const right = b.seen.connection.subject.get();
        if (left != right) {
            const subject_rank& x = ranks[left];
            const subject_rank& y = ranks[right];
            if (x != y) return x > y;
            return *left < *right;
        }
        const auto rank = [](const verified& of) { return std::tuple(of.effect, ~of.seen.flows()); };
        return rank(a) < rank(b);
    });
}

}  // namespace

std::string_view to_string(effect effect) {
    switch (effect) {
        case effect::breaks: return "breaks";
        case effect::left_denied: return "left_denied";
        case effect::unknown: return "unknown";
        case effect::mended: return "mended";
        case effect::allowed: return "allowed";
    }
    return {};
}

// A policy that is not there denies nothing; that its pods were denied nevertheless is what the capture says.
bool is_in_default_deny(const seen_connection& seen, const policy_set& policies,
                        const verification_settings& settings) {
    const std::string& pod_namespace = seen.connection.subject->pod_namespace;
    // What was let through all the same has a policy of its own that may not be among these.
    if (seen.default_deny && seen.denied > 0) return true;
    if (settings.default_deny) return settings.default_deny->contains(pod_namespace);
    return policies.is_about(pod_namespace, seen.connection.direction);
}

verification verify(std::vector<seen_connection> seen, const policy_set& policies, const policy_set* base,
                    const verification_settings& settings) {
    verification out;
    verifying judge(policies, base, settings);
    for (seen_connection& each : seen)
        out.all.push_back(judge.judge(std::move(each)));
    for (const verified& each : out.all) {
        effect_count& count = out.counts[static_cast<std::size_t>(each.effect)];
        ++count.connections;
        count.flows += each.seen.flows();
    }
    sort_by_subject(out.all);
    return out;
}

}  // namespace cpg
