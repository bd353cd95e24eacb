// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/explain_json.hpp"

#include <boost/json/array.hpp>

#include "base/timestamp.hpp"
#include "evidence/file.hpp"
#include "evidence/json_text.hpp"
#include "policy/yaml.hpp"
#include "report/json_tree.hpp"

namespace cpg {

namespace {

namespace json = boost::json;

json::array opened_json(const std::vector<also_opened>& opened) {
    json::array out;
    for (const also_opened& each : opened) {
        json::object one = {{"kind", to_string(each.kind)}, {"what", each.what}};
        if (!each.pod_namespace.empty()) one["namespace"] = each.pod_namespace;
        out.push_back(std::move(one));
    }
    return out;
}

json::array rules_of(const evidence_document& document, std::size_t most_samples, const policy_check& check,
                     const opened_by_rule& opened) {
    json::array out;
    for (const auto& [key, rule] : document.rules) {
        json::object one = rule_json(key, rule, most_samples);
        if (check.gone.contains(key)) one["in_policy"] = false;
        if (const auto beside = opened.find(key); beside != opened.end())
            one["also_opens"] = opened_json(beside->second);
        out.push_back(std::move(one));
    }
    return out;
}

json::object unproven_json(const unproven_rule& rule) {
    if (!rule.key) return {{"direction", to_string(rule.direction)}, {"line", rule.line}};
    evidence_rule seen_never;
    seen_never.what = *rule.key;
    json::object out = rule_json(to_string(*rule.key), seen_never, 0);
    out.erase("flow_count");
    out["line"] = rule.line;
    return out;
}

json::object document_of(const evidence_document& document, std::size_t most_samples, const policy_check& check,
                         const opened_by_rule& opened) {
    json::array sessions;
    for (const evidence_session& each : document.sessions)
        sessions.push_back(session_json(each));
    json::object out = {{"policy", policy_json(document)},
                        {"sessions", std::move(sessions)},
                        {"matched_rules", rules_of(document, most_samples, check, opened)}};
    if (!check.known) return out;
    json::array& unproven = out["rules_without_evidence"].emplace_array();
    for (const unproven_rule& each : check.unproven)
        unproven.push_back(unproven_json(each));
    return out;
}

json::object list_of(const std::vector<listed_workload>& workloads) {
    json::array list;
    for (const listed_workload& each : workloads) {
        json::object one = {
            {"namespace", each.name.pod_namespace}, {"workload", each.name.workload}, {"rules", each.rules}};
        if (each.last_seen_ns != 0) one["last_seen"] = format_timestamp(each.last_seen_ns);
        list.push_back(std::move(one));
    }
    json::object out;
    out["workloads"] = std::move(list);
    return out;
}

}  // namespace

std::string explain_json(const evidence_document& document, std::size_t most_samples, const policy_check& check,
                         const opened_by_rule& opened) {
    return pretty_json(document_of(document, most_samples, check, opened));
}

std::string explain_yaml(const evidence_document& document, std::size_t most_samples, const policy_check& check,
                         const opened_by_rule& opened) {
    return emit_block(tree_of(document_of(document, most_samples, check, opened)), 0);
}

std::string workloads_json(const std::vector<listed_workload>& workloads) {
    return pretty_json(list_of(workloads));
}

std::string workloads_yaml(const std::vector<listed_workload>& workloads) {
    return emit_block(tree_of(list_of(workloads)), 0);
}

}  // namespace cpg
