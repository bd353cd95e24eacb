// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The part of rule_merge that adds requests and names.
//
// An example: a person allows UDP/53 to kube-dns for `cilium.io` alone, and a workload connects to a.example.com. The
// name goes into the person's list, so that Cilium learns its addresses; a drop of TCP/53 puts TCP under the same list;
// no plain 53 and no `*` is ever added, for either would let every name through.
#include <algorithm>

#include "policy/existing_rule.hpp"
#include "policy/merge_rules.hpp"
#include "policy/rule_tree.hpp"

namespace cpg {

namespace {

std::string port_text(const port& port) {
    return std::string(to_string(port.protocol)) + "/" + std::to_string(port.number);
}

std::string requests_text(const l7_port& wanted) {
    rule said{.peer = {}, .ports = {}, .l7_ports = {wanted}, .icmps = {}};
    const std::string text = comment_of(direction::ingress, said);
    return text.substr(0, text.rfind(" from "));
}

bool filters_http(const file_rule& rule, const port& on) {
    return std::ranges::any_of(rule.ports, [&](const port_rule& each) {
        return each.what == port_rule::kind::http && each.ports.contains(on);
    });
}

bool filters_requests(const file_rule& rule, const port& on) {
    return std::ranges::any_of(rule.ports,
                               [&](const port_rule& each) { return each.filters_requests && each.ports.contains(on); });
}

}  // namespace

l7_port rule_merge::lacking_requests(const peer& peer, const l7_port& wanted) const {
    l7_port out{.ports = wanted.ports, .matches = {}, .any_dns = false};
    for (const l7_match& match : wanted.matches)
        if (!rules_.of(peer).allows(*wanted.ports.begin(), match)) out.matches.insert(match);
    return out;
}

void rule_merge::add_requests(const peer& peer, const l7_port& wanted) {
    const l7_port lacking = lacking_requests(peer, wanted);
    const port on = *wanted.ports.begin();
    if (lacking.matches.empty()) return;
    if (rules_.of(peer).opens(on) && refine(peer, lacking)) return;
    if (may_add_requests(peer, on)) add_l7(peer, lacking);
}

// Requests beside an open port would be void or would narrow it; beside a filter of another kind Cilium refuses them.
bool rule_merge::may_add_requests(const peer& peer, const port& on) {
    if (!rules_.of(peer).lets_through(on)) return true;
    if (rules_.of(peer).opens(on)) {
        warnings_.push_back(port_text(on) + " is open at L4 for " + describe(peer) +
                            " in the file: L7 rules were not added, for they would narrow it; remove the port from " +
                            "that rule to have them");
        return false;
    }
    if (std::ranges::any_of(rules_.of(peer).applying(), [&](const file_rule* rule) { return filters_http(*rule, on); }))
        return true;
    warnings_.push_back(port_text(on) + " has another filter for " + describe(peer) +
                        " in the file: L7 rules were not added");
    return false;
}

// A port that cpg itself opened, in a rule that nobody has touched since, gets the requests in place of being open.
bool rule_merge::refine(const peer& peer, const l7_port& wanted) {
    const port on = *wanted.ports.begin();
    const file_rule* const found = find_rule(peer, "toPorts");
    const tree* const target = found ? found->node : nullptr;
    if (!managed_ || !target || !is_of_own_list(target) || touched_.contains(target) ||
        !rules_.of(peer).opened_only_by(*found, on))
        return false;
    const rule before = read_rule(*target, peer);
    const std::vector<printed_item> printed = rule_trees(direction_, before);
    const auto index = static_cast<std::size_t>(target - list_->items.data());
    if (printed.size() != 1 || !editor_.is_printed(*list_, index, printed[0])) return false;
    rule after = before;
    after.ports.erase(on);
    after.l7_ports.push_back(wanted);
    std::ranges::sort(after.l7_ports, {}, &l7_port::ports);
    editor_.replace_printed(*list_, index, printed[0], rule_trees(direction_, after)[0]);
    warnings_.push_back(port_text(on) + " was open for " + describe(peer) + " and now allows only " +
                        requests_text(wanted));
    return true;
}

// Which of the ports have a filter, or now get that of the same number's other protocol.
std::set<port> rule_merge::under_a_filter(const peer& peer, const std::set<port>& ports) {
    std::set<port> out;
    for (const port& on : ports) {
        const bool open = rules_.of(peer).opens(on);
        if (rules_.of(peer).lets_through(on) ? !open : add_under_filter(peer, on)) out.insert(on);
    }
    return out;
}

// What an address may ask for beside a filter or an open port is its own matter; else those that lack the same share a
// rule.
void rule_merge::add_requests_of_one(rule& one) {
    std::erase_if(one.l7_ports, [&](l7_port& each) {
        const port on = *each.ports.begin();
        if (each.any_dns || each.matches.begin()->kind == l7_kind::dns)
            return std::ranges::all_of(each.ports,
                                       [&](const port& port) { return rules_.of(one.peer).lets_through(port); });
        if (!rules_.of(one.peer).lets_through(on)) return false;
        add_requests(one.peer, each);
        return true;
    });
}

// Cilium refuses two kinds of filters on one port.
std::set<port> rule_merge::fit_for_queries(const peer& peer, const std::set<port>& ports) {
    std::set<port> out;
    const peer_rules::rules& applying = rules_.of(peer).applying();
    for (const port& on : ports) {
        if (std::ranges::none_of(applying, [&](const file_rule* rule) { return filters_requests(*rule, on); }))
            out.insert(on);
        else
            warnings_.push_back(port_text(on) + " has a filter that is not of DNS for " + describe(peer) +
                                " in the file: DNS rules were not added");
    }
    return out;
}

// Names must pass DNS rules to be learned, also where the port is open.
void rule_merge::add_queries(const peer& peer, l7_port wanted) {
    wanted.ports = fit_for_queries(peer, wanted.ports);
    if (wanted.ports.empty()) return;
    // Over UDP; where TCP is open, nothing is to be learned there.
    const auto is_allowed = [&](const l7_match& match) {
        return std::ranges::all_of(wanted.ports, [&](const port& on) {
            return rules_.of(peer).allows(on, match) || (on.protocol == l4_protocol::tcp && rules_.of(peer).opens(on));
        });
    };
    const std::set<port> filtered = under_a_filter(peer, wanted.ports);
    const bool all_let_through = std::ranges::all_of(
        wanted.ports, [&](const port& on) { return filtered.contains(on) || rules_.of(peer).lets_through(on); });
    l7_port lacking = wanted;
    std::erase_if(lacking.matches, is_allowed);
    if (lacking.matches.empty() && all_let_through) return;
    lacking.any_dns = wanted.any_dns && filtered.empty() && !all_let_through;
    for (const file_rule* const rule : rules_.of(peer).exactly())
        for (const port& on : wanted.ports)
            if (const port_rule* const entry = find_dns_entry(*rule, on.number)) {
                touch(*rule->node, peer);
                return extend_l7(editor_, *entry, lacking.matches);
            }
    add_l7(peer, lacking);
}

void rule_merge::add_l7(const peer& peer, const l7_port& lacking) {
    const rule added{.peer = peer, .ports = {}, .l7_ports = {lacking}, .icmps = {}};
    const file_rule* const target = find_rule(peer, "toPorts");
    if (!target) return add_rule(added);
    touch(*target->node, peer);
    const l7_kind kind = lacking.any_dns ? l7_kind::dns : lacking.matches.begin()->kind;
    const port_rule* const entry = find_l7_entry(*target, lacking.ports, kind, lacking.matches.size());
    if (entry && !lacking.any_dns) return extend_l7(editor_, *entry, lacking.matches);
    const tree& to_ports = *target->node->find("toPorts");
    for (tree& each : l7_port_rules(added.l7_ports))
        editor_.insert_item(to_ports, to_ports.items.size(), {std::move(each)});
}

}  // namespace cpg
