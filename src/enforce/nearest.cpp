// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/nearest.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::size_t most_named = 3;

std::string peers_of(const judged_rule& rule) {
    if (rule.everybody) return "everybody";
    std::vector<std::string> texts;
    for (const peer_part& each : rule.peers)
        if (texts.empty() || texts.back() != each.text) texts.push_back(each.text);
    if (texts.empty()) return "nobody";
    const bool more = texts.size() > most_named;
    texts.resize(std::min(texts.size(), most_named));
    return join(texts, " or ") + (more ? " or others" : "");
}

std::string ports_of(const judged_rule& rule) {
    if (rule.every_port) return "every port";
    std::vector<std::string> texts;
    for (const port_part& each : rule.ports)
        if (!each.ports.empty()) texts.push_back(describe(each));
    if (texts.empty()) return "no port";
    const bool more = texts.size() > most_named;
    texts.resize(std::min(texts.size(), most_named));
    return join(texts, ", ") + (more ? ", …" : "");
}

std::string way_of(const connection& connection) {
    return connection.direction == direction::ingress ? "ingress" : "egress";
}

// A selector that lacks little: the fewer requirements fail, the nearer.
std::vector<const label_requirement*> fewest_failing(const judged_rule& rule, const identity& peer) {
    std::vector<const label_requirement*> best;
    for (const peer_part& part : rule.peers) {
        const auto* const selector = std::get_if<label_selector>(&part.who);
        if (!selector) continue;
        auto failing = selector->failing(peer);
        if (best.empty() || (!failing.empty() && failing.size() < best.size())) best = std::move(failing);
    }
    return best;
}

std::string place_text(const label_requirement& requirement, const connection& connection) {
    if (requirement.key.key == namespace_label && requirement.how == label_requirement::test::in)
        return "the namespace " + join(requirement.values, " or ");
    if (requirement.key.key == cluster_label && requirement.how == label_requirement::test::in)
        return requirement.values == std::vector<std::string>{std::string(own_cluster)}
                   ? "the cluster " + std::string(home_cluster(connection))
                   : "the cluster " + join(requirement.values, " or ");
    return describe(requirement);
}

std::string lacks_text(const std::vector<const label_requirement*>& failing, const connection& connection) {
    std::vector<std::string> texts;
    for (const label_requirement* each : failing)
        if (texts.size() < most_named) texts.push_back(place_text(*each, connection));
    return join(texts, ", ");
}

class search {
  public:
    search(decider& decider, const connection& connection, const circumstances& circumstances)
        : connection_(connection),
          policies_(decider.policies()),
          subject_(decider.rules_of(connection)),
          home_(home_cluster(connection)),
          peer_(*connection.peer, home_, connection.address),
          names_(subject_, decider.policies(), circumstances.names) {}

    near_miss find() {
        const near_miss refused = refused_one();
        if (refused.policy) return refused;
        const learned_names names = names_.view();
        for (const applying_rule& each : subject_.of(connection_.direction))
            if (!each.rule->denies) weigh(each, match(each, connection_, peer_, names));
        if (best_.policy) return best_;
        return subject_.of(connection_.direction).empty() ? unselected() : none_of_direction();
    }

  private:
    // A policy that Cilium does not take would have selected the pod.
    near_miss refused_one() const {
        const identity pod(*connection_.subject, home_);
        for (const judged_policy* each : policies_.of_namespace(pod.pod_namespace()))
            if (each->is_refused() && is_near(*each, pod)) {
                const policy_fault& why = each->refusals.front();
                return {.policy = each,
                        .line = why.line,
                        .text = "Cilium does not take the policy " + each->name + ": " + why.text};
            }
        return {};
    }

    bool is_near(const judged_policy& policy, const identity& pod) const {
        return std::ranges::any_of(policy.rules, [&](const judged_rule& rule) {
            return rule.direction == connection_.direction && !rule.denies &&
                   policy.selectors[rule.selector].matches(pod).is != known::no;
        });
    }

    void weigh(const applying_rule& each, const rule_match& match) {
        const auto failing = fewest_failing(*each.rule, peer_);
        const bool has_port = match.port.is != known::no;
        const bool has_peer = match.peer.is != known::no;
        constexpr std::size_t a_port = 100;
        const std::size_t distance = has_peer          ? 0
                                     : failing.empty() ? a_port * 3
                                                       : (has_port ? 1 : a_port) + failing.size();
        if (best_.policy && distance >= distance_) return;
        distance_ = distance;
        best_ = {.policy = each.policy, .line = each.rule->line, .text = text_of(each, has_peer, has_port, failing)};
    }

    std::string text_of(const applying_rule& each, bool has_peer, bool has_port,
                        const std::vector<const label_requirement*>& failing) const {
        const std::string name = "the nearest rule of " + each.policy->name;
        if (has_peer) return name + " is for " + ports_of(*each.rule);
        if (failing.empty())
            return name + " is for " + peers_of(*each.rule) + (has_port ? "" : " on " + ports_of(*each.rule));
        return name + " wants " + lacks_text(failing, connection_) +
               (has_port ? "" : ", and is for " + ports_of(*each.rule));
    }

    near_miss none_of_direction() const {
        const applying_rule& any = subject_.of(connection_.direction).front();
        return {.policy = any.policy,
                .line = any.rule->line,
                .text = any.policy->name + " denies " + way_of(connection_) + ", and no rule allows any of it"};
    }

    // No policy is for the pod: the one that nearly is.
    near_miss unselected() const {
        near_miss out{.text = "no policy selects it for " + way_of(connection_), .selects_nothing = true};
        const identity pod(*connection_.subject, home_);
        std::size_t fewest = most_named + 1;
        for (const judged_policy* each : policies_.of_namespace(pod.pod_namespace()))
            for (const judged_rule& rule : each->rules) {
                if (rule.direction != connection_.direction || each->is_refused()) continue;
                const auto failing = each->selectors[rule.selector].failing(pod);
                if (failing.empty() || failing.size() >= fewest) continue;
                fewest = failing.size();
                out = {.policy = each,
                       .line = each->line,
                       .text = "no policy selects it for " + way_of(connection_) + "; the nearest, " + each->name +
                               ", wants " + lacks_text(failing, connection_),
                       .selects_nothing = true};
            }
        return out;
    }

    const connection& connection_;
    const policy_set& policies_;
    const subject_rules& subject_;
    std::string_view home_;
    identity peer_;
    name_lists names_;
    near_miss best_;
    std::size_t distance_ = 0;
};

std::string nearest_request(const judged_rule& rule) {
    for (const port_part& part : rule.ports) {
        if (part.requests.kind == request_kind::http && !part.requests.http.empty())
            return describe(part.requests.http[0]);
        if (part.requests.kind == request_kind::dns && !part.requests.dns.empty()) return part.requests.dns[0].text();
    }
    return "others";
}

}  // namespace

std::string describe(const judged_rule& rule) {
    return peers_of(rule) + " on " + ports_of(rule);
}

near_miss nearest(decider& decider, const connection& connection, const circumstances& circumstances,
                  const decision& decision) {
    if (decision.outcome == judged_outcome::unknown)
        return {.policy = nullptr, .line = 0, .text = std::string(describe(decision.why))};
    if (decision.by == decided_by::deny_rule)
        return {.policy = decision.policy,
                .line = decision.rule->line,
                .text = decision.policy->name + " denies " + describe(*decision.rule)};
    if (decision.by == decided_by::request_filter)
        return {.policy = decision.policy,
                .line = decision.rule->line,
                .text = decision.policy->name + " lets the connection through and this request not: its requests are " +
                        nearest_request(*decision.rule)};
    return search(decider, connection, circumstances).find();
}

}  // namespace cpg
