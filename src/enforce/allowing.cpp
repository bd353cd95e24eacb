// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/allowing.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "flow/address.hpp"

namespace cpg {

namespace {

constexpr std::string_view pod_source = "k8s:";
constexpr std::string_view every_name = "*";

std::string_view bare(std::string_view key) {
    return key.starts_with(pod_source) ? key.substr(pod_source.size()) : key;
}

// All pods that the labels select.
connection_end pods_with(const selector& labels, const std::string& pod_namespace) {
    connection_end out;
    out.pod_namespace = pod_namespace;
    out.more_labels = true;
    for (const auto& [key, value] : labels) {
        if (bare(key) == namespace_label) out.pod_namespace = value;
        if (bare(key) == cluster_label) out.cluster = value;
        out.labels.push_back(std::string(pod_source) + std::string(bare(key)) + "=" + value);
    }
    return out;
}

connection_end end_of(const peer& peer, const std::string& pod_namespace) {
    if (peer.kind == peer_kind::endpoint) return pods_with(peer.labels, pod_namespace);
    connection_end out;
    out.more_labels = true;
    out.labels = {"reserved:" + (peer.kind == peer_kind::entity ? peer.name : std::string("world"))};
    return out;
}

bool is_within(const prefix_peer& outer, const std::optional<cidr>& wanted) {
    return wanted && contains(outer.prefix, *wanted) && std::ranges::none_of(outer.except, [&](const cidr& each) {
               return contains(each, *wanted) || contains(*wanted, each);
           });
}

// With the labels that all pods seen of the workload have.
connection_end pods_of(const policy& wanted) {
    selector labels = wanted.endpoint_selector;
    for (auto& [key, value] : labels)
        key = std::string(bare(key));
    labels.insert(labels.end(), wanted.common_labels.begin(), wanted.common_labels.end());
    std::ranges::sort(labels);
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    return pods_with(labels, wanted.pod_namespace);
}

// Who is asked about: pods by their labels, an entity, one prefix or one name.
struct asked_peer {
    explicit asked_peer(const peer& who, const std::string& pod_namespace)
        : end(end_of(who, pod_namespace)), identity(end, {}) {
        if (who.kind == peer_kind::cidr) prefix = parse_cidr(who.names.size() == 1 ? who.names.front() : who.name);
        if (who.kind == peer_kind::fqdn && who.names.size() == 1) name = who.names.front();
    }

    connection_end end;
    cpg::identity identity;
    std::optional<cidr> prefix;
    std::string name;
};

// A rule for names is needed for the names alone: only they are learned.
bool takes_in(const peer_part& part, const asked_peer& who) {
    if (const auto* const pattern = std::get_if<name_pattern>(&part.who))
        return !who.name.empty() && pattern->matches(who.name);
    if (!who.name.empty()) return false;
    if (const auto* const prefix = std::get_if<prefix_peer>(&part.who)) return is_within(*prefix, who.prefix);
    const auto* const selector = std::get_if<label_selector>(&part.who);
    return selector && selector->matches(who.identity).is == known::yes;
}

bool takes_in(const judged_rule& rule, const asked_peer& who) {
    if (rule.everybody) return !rule.every_port && who.name.empty();
    return std::ranges::any_of(rule.peers, [&](const peer_part& each) { return takes_in(each, who); });
}

bool is_open(const whole_match& match, std::string_view wanted) {
    return !match.is_given() || match.text() == wanted;
}

// A name is learned only where the query passes a filter for DNS; a request needs none where the port is open.
bool lets_through(const request_part& part, const l7_match& wanted) {
    if (part.kind == request_kind::any) return wanted.kind == l7_kind::http;
    if (wanted.kind == l7_kind::http)
        return std::ranges::any_of(part.http, [&](const http_rule& each) {
            return is_open(each.method, wanted.method) && is_open(each.path, wanted.value) && !each.host.is_given() &&
                   !each.headers;
        });
    const bool is_pattern = wanted.value.find('*') != std::string::npos;
    return std::ranges::any_of(part.dns, [&](const name_pattern& each) {
        return each.text() == every_name || lower(each.text()) == wanted.value ||
               (!is_pattern && each.matches(wanted.value));
    });
}

class allowing {
  public:
    allowing(std::span<const judged_policy> policies, const policy& wanted)
        : wanted_(wanted), pods_(pods_of(wanted)), identity_(pods_, {}) {
        for (const judged_policy& each : policies)
            if (!each.is_refused()) add(each);
    }

    bool allows_all() const {
        return !denied_ && allows(direction::ingress, wanted_.ingress) && allows(direction::egress, wanted_.egress);
    }

  private:
    void add(const judged_policy& policy) {
        for (const judged_rule& each : policy.rules) {
            const known selected =
                policy.selects_nodes[each.selector] ? known::no : policy.selectors[each.selector].matches(identity_).is;
            denied_ = denied_ || (each.denies && selected != known::no);
            const bool certain = selected == known::yes && !policy.is_doubtful() &&
                                 each.authentication == authentication::none && !each.denies;
            if (certain) rules_.push_back(&each);
        }
    }

    bool allows(direction direction, const std::vector<rule>& wanted) const {
        return std::ranges::all_of(wanted, [&](const rule& shared) {
            return std::ranges::all_of(one_rule_a_peer(shared),
                                       [&](const rule& each) { return allows(direction, each); });
        });
    }

    bool allows(direction direction, const rule& wanted) const {
        const asked_peer who(wanted.peer, wanted_.pod_namespace);
        std::vector<const judged_rule*> rules;
        std::ranges::copy_if(rules_, std::back_inserter(rules), [&](const judged_rule* each) {
            return each->direction == direction && takes_in(*each, who);
        });
        const auto passes = [&](const port& on) {
            return std::ranges::any_of(rules, [&](const judged_rule* each) { return opens(*each, on); });
        };
        const auto passes_icmp = [&](const icmp& each) {
            return passes({.number = each.type, .protocol = each.v6 ? l4_protocol::icmpv6 : l4_protocol::icmpv4});
        };
        return std::ranges::all_of(wanted.ports, passes) && std::ranges::all_of(wanted.icmps, passes_icmp) &&
               std::ranges::all_of(wanted.l7_ports, [&](const l7_port& each) { return allows(rules, each); });
    }

    // A filter behind the port lets the packet through, too.
    static bool opens(const judged_rule& rule, const port& on) {
        return rule.every_port ||
               std::ranges::any_of(rule.ports, [&](const port_part& each) { return is_for(each, on); });
    }

    static bool is_for(const port_part& part, const port& on) {
        return part.proxy == open_question::none && names_port(part, on.protocol, on.number).is == known::yes;
    }

    static bool allows(const std::vector<const judged_rule*>& rules, const l7_port& wanted) {
        const auto passes = [&](const port& on) {
            return std::ranges::any_of(rules, [&](const judged_rule* each) { return opens(*each, on); });
        };
        const auto allowed = [&](const port& on, const l7_match& match) {
            return std::ranges::any_of(rules, [&](const judged_rule* each) { return allows(*each, on, match); });
        };
        return std::ranges::all_of(wanted.ports, [&](const port& on) {
            return (!wanted.any_dns || passes(on)) &&
                   std::ranges::all_of(wanted.matches, [&](const l7_match& match) { return allowed(on, match); });
        });
    }

    static bool allows(const judged_rule& rule, const port& on, const l7_match& match) {
        return rule.every_port || std::ranges::any_of(rule.ports, [&](const port_part& each) {
                   return is_for(each, on) && lets_through(each.requests, match);
               });
    }

    const policy& wanted_;
    const connection_end pods_;
    const identity identity_;
    std::vector<const judged_rule*> rules_;
    bool denied_ = false;
};

}  // namespace

bool allow_all(std::span<const judged_policy> policies, const policy& wanted) {
    return allowing(policies, wanted).allows_all();
}

}  // namespace cpg
