// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "fuzz/pipeline.hpp"

#include "aggregate/aggregator.hpp"
#include "classify/triage.hpp"
#include "evidence/file.hpp"
#include "fuzz/check.hpp"
#include "policy/build.hpp"
#include "policy/merge.hpp"
#include "policy/own_policy.hpp"
#include "policy/yaml.hpp"
#include "support/policy_invariants.hpp"

namespace cpg::fuzz {

namespace {

policy policy_of(const workload_snapshot& snapshot) {
    std::vector<rule_key> keys;
    for (const auto& [key, tally] : snapshot.rules)
        keys.push_back(key);
    return build_policy(snapshot.key.pod_namespace, snapshot.name, snapshot.key.selector, keys, snapshot.names);
}

void check_policy(const policy& built) {
    const std::string text = policy_text(built);
    require(is_calm(text), "a policy has no control characters", text);
    const std::vector<tree> documents = parse_yaml(text);
    const std::optional<policy> read = read_own_policy(text, documents);
    require(read.has_value(), "a printed policy is known as cpg's own", text);
    require(read->workload == built.workload && read->ingress == built.ingress && read->egress == built.egress,
            "a printed policy is read as it was", text);
    require(merge_policy(text, built).status == merge_status::unchanged, "a merge of the same adds nothing", text);
    if (documents.size() > 1) return;
    const std::string faults = test::joined(test::policy_faults(text));
    require(faults.empty(), "a printed policy is valid", faults + text);
}

void check_evidence(const workload_snapshot& snapshot) {
    evidence_document document{.policy_name = "cpg-" + snapshot.name,
                               .pod_namespace = snapshot.key.pod_namespace,
                               .workload = snapshot.name,
                               .sessions = {},
                               .rules = {}};
    add_session(document, {.id = "s", .started_ns = 1, .ended_ns = 2, .cpg_version = "1", .source = {.type = "replay"}},
                snapshot.rules, {});
    const std::string text = evidence_json(document);
    require(is_calm(text), "evidence has no control characters", text);
    // Bytes that are no UTF-8, which JSON can't have, were replaced; so texts are compared.
    require(evidence_json(parse_evidence(text)) == text, "evidence is read as it was", text);
}

}  // namespace

void check_flows(const flow_batch& batch) {
    const gates judges({.namespaces = {},
                        .ignored_protocols = {},
                        .ignored_reasons = {},
                        .cluster = {},
                        .l7 = true,
                        .fqdn = true,
                        .audit = true});
    const triage_report report = triage(batch, judges, 1, shard_of, true);
    aggregator sums(2);
    for (const kept_flow& each : report.shards[0])
        sums.add(each.candidate, each.reason ? each.reason->name : "");
    for (const candidate& each : report.answers[0])
        sums.add_answer(each);
    for (const workload_snapshot& each : sums.snapshots(flush_scope::everything)) {
        require(!each.rules.empty(), "a workload has rules");
        check_policy(policy_of(each));
        check_evidence(each);
    }
}

}  // namespace cpg::fuzz
