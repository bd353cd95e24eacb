// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/policy_lint.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/text.hpp"
#include "enforce/covering.hpp"
#include "enforce/nearest.hpp"

namespace cpg {

namespace {

// kubectl's client-side apply keeps the object in an annotation (262,144 bytes); etcd takes 1.5 MiB a request.
constexpr std::size_t most_of_annotation = 262'144;
constexpr std::size_t most_of_etcd = 3U << 19U;

// What was seen of a rule.
struct use {
    std::set<std::string> ports;
    std::set<std::string> peers;
};

class linting {
  public:
    linting(const policy_set& policies, std::span<const seen_connection> seen, proven_use& proven)
        : policies_(policies), decider_(policies) {
        for (const seen_connection& each : seen)
            note_use(each);
        for (const judged_policy& each : policies.all())
            if (const evidence_document* const evidence = proven.of(each)) note_use(each, *evidence);
    }

    std::vector<lint_finding> run() {
        for (const judged_policy& each : policies_.all())
            add_policy(each);
        add_covered();
        std::ranges::sort(out_, {}, [](const lint_finding& each) {
            return std::tie(each.policy->file, each.line, each.kind, each.text);
        });
        return std::move(out_);
    }

  private:
    void note_use(const seen_connection& seen) {
        const connection& what = seen.connection;
        const std::string_view home = home_cluster(what);
        if (!identity(*what.subject, home).is_pod()) return;
        const subject_rules& subject = decider_.rules_of(what);
        const identity peer(*what.peer, home, what.address);
        const name_lists names(subject, policies_, seen.names);
        const learned_names learned = names.view();
        for (const applying_rule& each : subject.of(what.direction)) {
            if (match(each, what, peer, learned).both.is == known::no) continue;
            use& used = used_[each.rule];
            used.ports.insert(std::string(to_string(what.protocol)) + "/" + std::to_string(what.port));
            used.peers.insert(name_of_end(*what.peer, what.address));
        }
    }

    void note_use(const judged_policy& policy, const evidence_document& evidence) {
        for (const judged_rule& rule : policy.rules)
            for (const auto& [key, seen] : evidence.rules) {
                if (!is_for(policy, rule, seen)) continue;
                use& used = used_[&rule];
                used.ports.insert(std::string(to_string(seen.what.protocol)) + "/" + std::to_string(seen.what.port));
                used.peers.insert(describe(seen.what.peer));
            }
    }

    void add(lint_kind kind, const judged_policy& policy, std::size_t line, std::string text) {
        out_.push_back({.kind = kind, .policy = &policy, .line = line, .text = std::move(text)});
    }

    void add_policy(const judged_policy& policy) {
        for (const policy_fault& each : policy.remarks)
            add(lint_kind::remark, policy, each.line, each.text);
        for (const policy_fault& each : policy.doubts)
            add(lint_kind::doubtful, policy, each.line, each.text);
        if (policy.bytes > most_of_etcd)
            add(lint_kind::large, policy, policy.line, "larger than the 1.5 MiB that etcd takes");
        else if (policy.bytes > most_of_annotation)
            add(lint_kind::large, policy, policy.line,
                "larger than 256 KiB: only 'kubectl apply --server-side' takes it");
        if (policy.is_refused()) return;
        for (const judged_rule& each : policy.rules)
            add_rule(policy, each);
    }

    void add_rule(const judged_policy& policy, const judged_rule& rule) {
        const bool opens = !rule.denies && (rule.every_port || !rule.ports.empty()) &&
                           (!rule.peers.empty() || (rule.everybody && !rule.every_port));
        if (!opens || policy.selects_nodes[rule.selector]) return;
        const auto used = used_.find(&rule);
        if (used == used_.end())
            return add(lint_kind::unused, policy, rule.line,
                       "no connection that was seen uses this rule: " + describe(rule));
        add_wide_ports(policy, rule, used->second);
        add_wide_peers(policy, rule, used->second);
    }

    static bool is_wide(const port_entry& entry) { return entry.all || entry.last > entry.first; }

    void add_wide_ports(const judged_policy& policy, const judged_rule& rule, const use& used) {
        bool wide = rule.every_port;
        for (const port_part& part : rule.ports)
            wide = wide || std::ranges::any_of(part.ports, is_wide);
        if (wide) add(lint_kind::wide, policy, rule.line, "opens " + describe(rule) + "; seen: " + some_of(used.ports));
    }

    void add_wide_peers(const judged_policy& policy, const judged_rule& rule, const use& used) {
        for (const peer_part& part : rule.peers) {
            const auto* const prefix = std::get_if<prefix_peer>(&part.who);
            const auto* const selector = std::get_if<label_selector>(&part.who);
            const bool wide = (prefix && prefix->prefix.prefix_bits < (prefix->prefix.address.v6 ? 128U : 32U)) ||
                              (selector && selector->is_wildcard());
            if (wide) add(lint_kind::wide, policy, part.line, "is for " + part.text + "; seen: " + some_of(used.peers));
        }
    }

    static std::string some_of(const std::set<std::string>& all) {
        constexpr std::size_t most_named = 5;
        std::string out;
        std::size_t named = 0;
        for (const std::string& each : all)
            if (named++ < most_named) out += (out.empty() ? "" : ", ") + each;
        return all.size() > most_named ? out + " (+" + std::to_string(all.size() - most_named) + " more)" : out;
    }

    // Within a namespace, and by what is for the whole cluster.
    void add_covered() {
        std::map<std::string_view, std::vector<placed_rule>> by_namespace;
        for (const judged_policy& policy : policies_.all())
            for (const judged_rule& rule : policy.rules)
                if (!policy.is_refused() && !policy.is_doubtful() && !policy.selects_nodes[rule.selector])
                    by_namespace[policy.pod_namespace].push_back({&policy, &rule});
        const std::vector<placed_rule>& clusterwide = by_namespace[{}];
        for (const auto& [name, rules] : by_namespace)
            for (const placed_rule& each : rules) {
                if (add_if_covered(each, rules) || name.empty()) continue;
                add_if_covered(each, clusterwide);
            }
    }

    bool add_if_covered(const placed_rule& inner, const std::vector<placed_rule>& rules) {
        for (const placed_rule& outer : rules) {
            if (outer.rule == inner.rule || !covers(outer, inner)) continue;
            const bool same = covers(inner, outer);
            // Of two that say the same the first one stays.
            if (same && std::less<>()(inner.rule, outer.rule) && inner.policy == outer.policy) continue;
            if (same && inner.policy != outer.policy && std::less<>()(inner.policy, outer.policy)) continue;
            add(same ? lint_kind::duplicate : lint_kind::covered, *inner.policy, inner.rule->line,
                (same ? "says the same as " : "is covered by ") + place_of(*outer.policy, *outer.rule) + ": " +
                    describe(*outer.rule));
            return true;
        }
        return false;
    }

    const policy_set& policies_;
    decider decider_;
    std::map<const judged_rule*, use> used_;
    std::vector<lint_finding> out_;
};

}  // namespace

std::string_view to_string(lint_kind kind) {
    switch (kind) {
        case lint_kind::unused: return "unused";
        case lint_kind::covered: return "covered";
        case lint_kind::duplicate: return "duplicate";
        case lint_kind::wide: return "wide";
        case lint_kind::remark: return "remark";
        case lint_kind::doubtful: return "doubtful";
        case lint_kind::large: return "large";
    }
    return {};
}

std::vector<lint_finding> lint(const policy_set& policies, std::span<const seen_connection> seen, proven_use& proven) {
    return linting(policies, seen, proven).run();
}

}  // namespace cpg
