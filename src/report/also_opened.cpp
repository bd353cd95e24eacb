// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/also_opened.hpp"

#include <algorithm>
#include <set>

#include "base/limits.hpp"
#include "enforce/read_policies.hpp"

namespace cpg {

namespace {

using shared_end = std::shared_ptr<const connection_end>;

constexpr std::string_view pod_source = "k8s:";

// Labels as Hubble prints them.
shared_end pod_end(const known_pod& pod) {
    connection_end out{.labels = {}, .pod_namespace = pod.pod_namespace, .cluster = pod.cluster, .name = {}};
    const auto add = [&](std::string_view key, const std::string& value) {
        out.labels.push_back(std::string(pod_source) + std::string(key) + "=" + value);
    };
    for (const auto& [key, value] : pod.labels)
        add(key, value);
    add(namespace_label, pod.pod_namespace);
    if (!pod.cluster.empty()) add(cluster_label, pod.cluster);
    std::ranges::sort(out.labels);
    return std::make_shared<const connection_end>(std::move(out));
}

// By namespace and labels as evidence has them.
using pod_name = std::pair<std::string_view, std::string_view>;

class pod_seen {
  public:
    pod_seen(const known_pod& pod, std::string_view home)
        : pod_namespace_(pod.pod_namespace), text_(to_string(pod.labels)), end_(pod_end(pod)), who_(*end_, home) {}

    pod_name name() const { return {pod_namespace_, text_}; }
    const identity& who() const { return who_; }

  private:
    std::string_view pod_namespace_;
    std::string text_;
    shared_end end_;
    identity who_;
};

using shared_pods = std::shared_ptr<const std::set<pod_name>>;

// A rule with the pods that it is about, which are found once.
struct open_rule {
    const judged_rule* rule;
    shared_pods subjects;
    std::set<pod_name> peers;
};

bool is_host(const cidr& prefix) {
    return prefix.prefix_bits == (prefix.address.v6 ? 128U : 32U);
}

bool is_run(const port_entry& entry) {
    return entry.all || (entry.name.empty() && entry.last > entry.first);
}

bool has_address(const peer_part& part, const std::optional<cidr>& asked) {
    const auto* const prefix = std::get_if<prefix_peer>(&part.who);
    return prefix && asked && contains(prefix->prefix, *asked) &&
           std::ranges::none_of(prefix->except, [&](const cidr& each) { return contains(each, *asked); });
}

bool names_port(const judged_rule& rule, const rule_key& what) {
    return rule.every_port || std::ranges::any_of(rule.ports, [&](const port_part& part) {
               return names_port(part, what.protocol, what.port).is == known::yes;
           });
}

class looking {
  public:
    looking(const std::vector<judged_policy>& policies, const evidence_document& evidence, const known_pods& pods)
        : own_namespace_(evidence.pod_namespace) {
        const std::string_view home = home_of(evidence, pods);
        for (const known_pod& each : pods)
            pods_.emplace_back(each, home);
        for (const judged_policy& each : policies)
            if (!each.is_refused()) add(each);
    }

    std::vector<also_opened> beside(const evidence_rule& seen) {
        out_.clear();
        for (const open_rule& each : rules_)
            if (opens(each, seen)) add(each, seen);
        return {out_.begin(), out_.end()};
    }

  private:
    // The cluster that the policies are of: the one of the pods that they were made for.
    static std::string_view home_of(const evidence_document& evidence, const known_pods& pods) {
        std::set<std::string_view> subjects;
        for (const auto& [key, rule] : evidence.rules)
            subjects.insert(rule.subject_pods.begin(), rule.subject_pods.end());
        for (const known_pod& each : pods)
            if (each.pod_namespace == evidence.pod_namespace && subjects.contains(to_string(each.labels)))
                return each.cluster;
        return {};
    }

    // Rules of one selector share its pods.
    void add(const judged_policy& policy) {
        std::vector<shared_pods> selected;
        for (std::size_t i = 0; i < policy.selectors.size(); ++i)
            selected.push_back(std::make_shared<const std::set<pod_name>>(pods_of(policy, i)));
        for (const judged_rule& each : policy.rules) {
            if (each.denies || policy.selects_nodes[each.selector]) continue;
            open_rule& added = rules_.emplace_back(open_rule{&each, selected[each.selector], {}});
            for (const pod_seen& pod : pods_)
                if (takes_in(each, pod)) added.peers.insert(pod.name());
        }
    }

    std::set<pod_name> pods_of(const judged_policy& policy, std::size_t selector) const {
        std::set<pod_name> out;
        for (const pod_seen& each : pods_)
            if (each.name().first == own_namespace_ && selects(policy.selectors[selector], each))
                out.insert(each.name());
        return out;
    }

    static bool selects(const label_selector& selector, const pod_seen& pod) {
        return selector.matches(pod.who()).is == known::yes;
    }

    static bool takes_in(const judged_rule& rule, const pod_seen& pod) {
        return rule.everybody || std::ranges::any_of(rule.peers, [&](const peer_part& part) {
                   const auto* const selector = std::get_if<label_selector>(&part.who);
                   return selector && selects(*selector, pod);
               });
    }

    // Of the ends that the evidence tells of one is enough: all are of one rule.
    bool opens(const open_rule& rule, const evidence_rule& seen) const {
        return rule.rule->direction == seen.what.direction && names_port(*rule.rule, seen.what) &&
               has_one_of(*rule.subjects, own_namespace_, seen.subject_pods) && is_for_peer(rule, seen);
    }

    static bool has_one_of(const std::set<pod_name>& of, std::string_view pod_namespace,
                           const std::set<std::string>& pods) {
        return std::ranges::any_of(pods,
                                   [&](const std::string& each) { return of.contains(pod_name(pod_namespace, each)); });
    }

    bool is_for_peer(const open_rule& rule, const evidence_rule& seen) const {
        const peer& who = seen.what.peer;
        if (who.kind == peer_kind::endpoint) return has_one_of(rule.peers, namespace_of(who), seen.peer_pods);
        if (rule.rule->everybody) return true;
        const std::optional<cidr> asked = who.kind == peer_kind::cidr ? parse_cidr(who.name) : std::nullopt;
        return std::ranges::any_of(rule.rule->peers, [&](const peer_part& part) { return has_address(part, asked); });
    }

    // Peers of the evidence are of the policy's namespace unless their labels say so.
    std::string_view namespace_of(const peer& peer) const {
        for (const auto& [key, value] : peer.labels)
            if (std::string_view(key).ends_with(namespace_label)) return value;
        return own_namespace_;
    }

    void add(const open_rule& rule, const evidence_rule& seen) {
        add_pods(opened_kind::subject_pods, *rule.subjects, own_namespace_, seen.subject_pods);
        add_pods(opened_kind::peer_pods, rule.peers, namespace_of(seen.what.peer), seen.peer_pods);
        if (rule.rule->everybody) out_.insert({.kind = opened_kind::peers, .what = "everybody"});
        for (const peer_part& part : rule.rule->peers)
            if (is_wide(part, seen.what.peer)) out_.insert({.kind = opened_kind::peers, .what = part.text});
        if (rule.rule->every_port) out_.insert({.kind = opened_kind::ports, .what = "every port"});
        for (const port_part& part : rule.rule->ports)
            for (const port_entry& entry : part.ports)
                if (is_run(entry)) out_.insert({.kind = opened_kind::ports, .what = describe(entry)});
    }

    // Evidence that has as many pods as it may have does not say of the others that they did not ask.
    void add_pods(opened_kind kind, const std::set<pod_name>& opened, std::string_view pod_namespace,
                  const std::set<std::string>& asked) {
        if (asked.empty() || asked.size() >= limits::pods_of_a_rule) return;
        for (const auto& [of, text] : opened)
            if (of != pod_namespace || !asked.contains(std::string(text)))
                out_.insert({.kind = kind, .what = std::string(text), .pod_namespace = std::string(of)});
    }

    static bool is_wide(const peer_part& part, const peer& asked) {
        if (asked.kind == peer_kind::cidr && has_address(part, parse_cidr(asked.name)))
            return !is_host(std::get<prefix_peer>(part.who).prefix);
        const auto* const selector = std::get_if<label_selector>(&part.who);
        return asked.kind == peer_kind::endpoint && selector && selector->is_wildcard();
    }

    std::string_view own_namespace_;
    std::vector<pod_seen> pods_;
    std::vector<open_rule> rules_;
    std::set<also_opened> out_;
};

}  // namespace

std::string_view to_string(opened_kind kind) {
    switch (kind) {
        case opened_kind::peer_pods: return "peer_pods";
        case opened_kind::subject_pods: return "subject_pods";
        case opened_kind::peers: return "peers";
        case opened_kind::ports: return "ports";
    }
    return {};
}

opened_by_rule also_opened_by(const std::vector<tree>& policies, const evidence_document& evidence,
                              const known_pods& pods) {
    opened_by_rule out;
    const std::vector<judged_policy> read = read_policies(policies, {}, evidence.pod_namespace);
    looking look(read, evidence, pods);
    for (const auto& [key, rule] : evidence.rules)
        if (std::vector<also_opened> found = look.beside(rule); !found.empty()) out[key] = std::move(found);
    return out;
}

std::string describe(const also_opened& opened, direction direction) {
    const std::string pods = "pods " + opened.what + " of " + opened.pod_namespace;
    switch (opened.kind) {
        case opened_kind::peer_pods: return (direction == direction::ingress ? "from " : "to ") + pods;
        case opened_kind::subject_pods: return (direction == direction::ingress ? "to " : "from ") + pods;
        case opened_kind::peers: return (direction == direction::ingress ? "from all of " : "to all of ") + opened.what;
        case opened_kind::ports: return "all of " + opened.what;
    }
    return {};
}

}  // namespace cpg
