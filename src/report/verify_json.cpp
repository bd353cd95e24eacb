// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/verify_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/text.hpp"
#include "evidence/json_text.hpp"
#include "policy/yaml.hpp"
#include "report/json_tree.hpp"

namespace cpg {

namespace {

namespace json = boost::json;

json::object end_json(const connection_end& end, const std::optional<address>& address) {
    json::object out;
    if (!end.pod_namespace.empty()) out["namespace"] = end.pod_namespace;
    if (!end.name.empty()) out["workload"] = end.name;
    if (!end.cluster.empty()) out["cluster"] = end.cluster;
    if (end.reserved != reserved_identity::none) out["entity"] = to_string(end.reserved);
    if (address) out["address"] = name_of_end(connection_end{}, address);
    json::array& labels = out["labels"].emplace_array();
    for (const std::string& each : end.labels)
        labels.emplace_back(each);
    return out;
}

json::object request_json(const connection_request& request) {
    if (request.kind == l7_kind::dns) return {{"protocol", "dns"}, {"name", request.target}};
    json::object out = {{"protocol", "http"}, {"method", request.method}, {"path", request.target}};
    if (!request.host.empty()) out["host"] = request.host;
    return out;
}

json::object policy_json(const judged_policy& policy, std::size_t line) {
    json::object out = {{"kind", to_string(policy.kind)}};
    if (!policy.pod_namespace.empty()) out["namespace"] = policy.pod_namespace;
    out["name"] = policy.name;
    out["file"] = policy.file;
    if (line > 0) out["line"] = line;
    return out;
}

json::object connection_json(const verified& one) {
    const connection& what = one.seen.connection;
    json::object out = {{"direction", to_string(what.direction)},
                        {"subject", end_json(*what.subject, std::nullopt)},
                        {"peer", end_json(*what.peer, what.address)},
                        {"protocol", to_string(what.protocol)},
                        {"port", what.port}};
    if (what.request.kind != l7_kind::none) out["request"] = request_json(what.request);
    out["seen"] = {{"denied", one.seen.denied}, {"allowed", one.seen.allowed}};
    out["verdict"] = to_string(one.decision.outcome);
    out["effect"] = to_string(one.effect);
    out["decided_by"] = to_string(one.decision.by);
    if (one.decision.rule) out["rule"] = policy_json(*one.decision.policy, one.decision.rule->line);
    if (one.decision.filtered) out["requests_filtered"] = true;
    if (one.decision.outcome == judged_outcome::unknown) out["unknown"] = to_string(one.decision.why);
    if (!one.why.text.empty()) out["reason"] = one.why.text;
    if (one.why.policy) out["nearest"] = policy_json(*one.why.policy, one.why.line);
    if (one.before) out["verdict_of_base"] = to_string(*one.before);
    return out;
}

json::array faults_json(const std::vector<policy_fault>& faults) {
    json::array out;
    for (const policy_fault& each : faults)
        out.push_back({{"line", each.line}, {"problem", each.text}});
    return out;
}

json::array faulty_json(const policy_set& policies, std::vector<policy_fault> judged_policy::*faults) {
    json::array out;
    for (const judged_policy& each : policies.all()) {
        if ((each.*faults).empty()) continue;
        json::object one = policy_json(each, each.line);
        one["problems"] = faults_json(each.*faults);
        out.push_back(std::move(one));
    }
    return out;
}

json::object policies_json(const verify_report& report) {
    json::object out = {{"read", report.policies->all().size()},
                        {"refused", faulty_json(*report.policies, &judged_policy::refusals)},
                        {"doubtful", faulty_json(*report.policies, &judged_policy::doubts)}};
    json::array& problems = out["unreadable"].emplace_array();
    for (const std::string& each : report.problems)
        problems.emplace_back(each);
    return out;
}

json::object totals_json(const verify_report& report) {
    json::object out = {{"flows", report.flows}};
    for (std::size_t i = 0; i < effects; ++i) {
        const effect_count& count = report.verification.counts[i];
        out[to_string(static_cast<effect>(i))] = {{"connections", count.connections}, {"flows", count.flows}};
    }
    json::object& passed = out["passed_over"].emplace_object();
    for (std::size_t i = 0; i < shows_nothing_reasons; ++i)
        if (report.passed_over[i] > 0) passed[to_string(static_cast<shows_nothing>(i))] = report.passed_over[i];
    return out;
}

json::array changes_json(const std::vector<changed_connection>& changes) {
    json::array out;
    for (const changed_connection& each : changes) {
        const connection& what = each.connection;
        json::object one = {{"direction", to_string(what.direction)},
                            {"subject", end_json(*what.subject, std::nullopt)},
                            {"peer", end_json(*what.peer, what.address)},
                            {"protocol", to_string(what.protocol)},
                            {"port", what.port},
                            {"flows", each.flows}};
        if (what.request.kind != l7_kind::none) one["request"] = request_json(what.request);
        out.push_back(std::move(one));
    }
    return out;
}

json::object document_of(const verify_report& report) {
    json::object out = {{"schema_version", 1},
                        {"clean", report.is_clean()},
                        {"totals", totals_json(report)},
                        {"policies", policies_json(report)}};
    if (report.difference)
        out["difference"] = {{"opened", changes_json(report.difference->opened)},
                             {"closed", changes_json(report.difference->closed)},
                             {"complete", report.difference->complete}};
    if (report.findings) {
        json::array& findings = out["lint"].emplace_array();
        for (const lint_finding& each : *report.findings)
            findings.push_back({{"kind", to_string(each.kind)},
                                {"policy", policy_json(*each.policy, each.line)},
                                {"problem", each.text}});
    }
    json::array& connections = out["connections"].emplace_array();
    for (const verified& each : report.verification.all)
        connections.push_back(connection_json(each));
    return out;
}

}  // namespace

std::string verify_json(const verify_report& report) {
    return pretty_json(document_of(report));
}

std::string verify_yaml(const verify_report& report) {
    return emit_block(tree_of(document_of(report)), 0);
}

}  // namespace cpg
