// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/decide.hpp"

#include <algorithm>

namespace cpg {

namespace {

finding negated(finding finding) {
    if (finding.is == known::maybe) return finding;
    return found(finding.is == known::no);
}

finding matches_any(const judged_rule& rule, const identity& peer, const learned_names& names) {
    // Without L3 a rule is about everybody only together with ports (cilium:pkg/policy/types PolicyEntry.L3).
    if (rule.everybody) return found(!rule.every_port);
    finding out;
    for (const peer_part& each : rule.peers) {
        out = any_of(out, matches(each, peer, names));
        if (out.is == known::yes) break;
    }
    return out;
}

struct strongest {
    finding is;
    const applying_rule* by = nullptr;

    void take(finding one, const applying_rule& rule) {
        if (one.is <= is.is) return;
        is = one;
        by = &rule;
    }
};

// What all rules of a pod together say about one connection.
class weighing {
  public:
    weighing(const connection& connection, const identity& peer, const learned_names& names, bool default_deny)
        : connection_(connection), peer_(peer), names_(names), enforced_(found(default_deny)) {}

    void add(const applying_rule& applying) {
        const judged_rule& rule = *applying.rule;
        if (rule.default_deny) enforced_ = any_of(enforced_, applying.selected);
        const finding who = all_of(applying.selected, matches_any(rule, peer_, names_));
        if (who.is == known::no) return;
        if (rule.every_port) return take(applying, nullptr, who);
        for (const port_part& part : rule.ports)
            if (const finding both = all_of(who, names_port(part, connection_.protocol, connection_.port));
                both.is != known::no)
                take(applying, &part, both);
    }

    decision conclude() const {
        if (denying_.is.is == known::yes) return denied(decided_by::deny_rule, denying_.by);
        const finding passes = all_of(negated(denying_.is), any_of(allowing_.is, negated(enforced_)));
        if (passes.is == known::no) return without_rule();
        if (passes.is == known::maybe) return unknown(passes.why);
        if (authentication_) return unknown(open_question::authentication);
        if (proxy_ != open_question::none) return unknown(proxy_);
        return connection_.request.kind == l7_kind::none ? let_through() : of_request();
    }

  private:
    void take(const applying_rule& applying, const port_part* part, finding both) {
        if (applying.rule->denies) return denying_.take(both, applying);
        allowing_.take(both, applying);
        const authentication mode = applying.rule->authentication;
        authentication_ = authentication_ || mode == authentication::required || mode == authentication::always_fail;
        if (part && part->proxy != open_question::none) proxy_ = part->proxy;
        if (!part || part->requests.kind == request_kind::any) return plain_.take(both, applying);
        filtered_.take(both, applying);
        if (connection_.request.kind == l7_kind::none) return;
        const finding request = lets_through(part->requests, connection_.request);
        if (request.why == open_question::l7_protocol) other_protocol_ = true;
        requested_.take(all_of(both, request), applying);
    }

    // The pod's own node is let in by default, whatever the policies say; only a deny rule keeps it out.
    decision without_rule() const {
        const bool is_local = connection_.direction == direction::ingress && peer_.has_reserved("host");
        if (is_local && denying_.is.is == known::no) return unknown(open_question::local_host);
        return denied(decided_by::default_deny, nullptr);
    }

    decision let_through() const {
        if (allowing_.is.is != known::yes) return of(judged_outcome::allowed, decided_by::no_policy, nullptr);
        decision out = of(judged_outcome::allowed, decided_by::rule, allowing_.by);
        out.filtered = enforced_.is != known::no && filtered_.by && plain_.is.is != known::yes;
        return out;
    }

    // One plain port beside the filters opens them all, and without default deny they let everything through; but for a
    // proxy that does not speak the protocol.
    decision of_request() const {
        if (other_protocol_) return unknown(open_question::l7_protocol);
        if (enforced_.is == known::no) return let_through();
        if (plain_.is.is == known::yes) return of(judged_outcome::allowed, decided_by::rule, plain_.by);
        if (enforced_.is == known::maybe) return unknown(enforced_.why);
        if (plain_.is.is == known::maybe) return unknown(plain_.is.why);
        if (requested_.is.is == known::maybe) return unknown(requested_.is.why);
        if (requested_.is.is == known::yes) return of(judged_outcome::allowed, decided_by::rule, requested_.by);
        return denied(decided_by::request_filter, filtered_.by);
    }

    static decision of(judged_outcome outcome, decided_by by, const applying_rule* rule) {
        decision out{.outcome = outcome, .by = by};
        if (!rule) return out;
        out.policy = rule->policy;
        out.rule = rule->rule;
        return out;
    }

    static decision denied(decided_by by, const applying_rule* rule) { return of(judged_outcome::denied, by, rule); }

    static decision unknown(open_question why) {
        decision out;
        out.why = why;
        return out;
    }

    const connection& connection_;
    const identity& peer_;
    const learned_names& names_;
    finding enforced_;  ///< default deny
    strongest denying_;
    strongest allowing_;
    strongest plain_;      ///< without a filter for requests
    strongest filtered_;   ///< with one
    strongest requested_;  ///< with one that lets this request through
    bool authentication_ = false;
    bool other_protocol_ = false;
    open_question proxy_ = open_question::none;
};

decision unknown(open_question why) {
    decision out;
    out.why = why;
    return out;
}

}  // namespace

std::string_view to_string(judged_outcome outcome) {
    switch (outcome) {
        case judged_outcome::allowed: return "allowed";
        case judged_outcome::denied: return "denied";
        case judged_outcome::unknown: return "unknown";
    }
    return {};
}

std::string_view to_string(decided_by by) {
    switch (by) {
        case decided_by::rule: return "rule";
        case decided_by::no_policy: return "no_policy";
        case decided_by::deny_rule: return "deny_rule";
        case decided_by::default_deny: return "default_deny";
        case decided_by::request_filter: return "request_filter";
        case decided_by::open_question: return "open_question";
    }
    return {};
}

name_lists::name_lists(const subject_rules& subject, const policy_set& policies, std::span<const std::string> names)
    : none_known_(names.empty()) {
    const auto teaches = [](const std::vector<const name_pattern*>& patterns, const std::string& name) {
        return std::ranges::any_of(patterns, [&](const name_pattern* each) { return each->matches(name); });
    };
    for (const std::string& each : names) {
        if (teaches(subject.taught_names(), each))
            taught_.push_back(each);
        else if (teaches(policies.taught_names(), each))
            elsewhere_.push_back(each);
    }
}

rule_match match(const applying_rule& applying, const connection& connection, const identity& peer,
                 const learned_names& names) {
    rule_match out{
        .peer = matches_any(*applying.rule, peer, names), .port = found(applying.rule->every_port), .both = {}};
    for (const port_part& part : applying.rule->ports)
        out.port = any_of(out.port, names_port(part, connection.protocol, connection.port));
    out.both = all_of(applying.selected, all_of(out.peer, out.port));
    return out;
}

const subject_rules& decider::rules_of(const connection& connection) {
    const std::string_view home = home_cluster(connection);
    auto& known = subjects_[{connection.subject.get(), std::string(home)}];
    if (!known) known = std::make_unique<const subject_rules>(policies_, identity(*connection.subject, home));
    return *known;
}

decision decider::decide(const connection& connection, const circumstances& circumstances) {
    const std::string_view home = home_cluster(connection);
    if (!identity(*connection.subject, home).is_pod()) return unknown(open_question::no_pod);
    const subject_rules& subject = rules_of(connection);
    if (subject.has_contradiction()) return unknown(open_question::contradiction);
    const identity peer(*connection.peer, home, connection.address);
    const name_lists names(subject, policies_, circumstances.names);
    const learned_names learned = names.view();
    weighing out(connection, peer, learned, circumstances.default_deny);
    for (const applying_rule& each : subject.of(connection.direction))
        out.add(each);
    return out.conclude();
}

}  // namespace cpg
