// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/merge.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "policy/covers.hpp"
#include "policy/merge_rules.hpp"
#include "policy/yaml.hpp"
#include "policy/yaml_editor.hpp"

namespace cpg {

namespace {

bool is_cilium_policy(const tree& document) {
    return document.text_of("kind") == "CiliumNetworkPolicy" &&
           document.text_of("apiVersion").starts_with("cilium.io/");
}

// The part of a document that is this workload's, or null.
const tree* find_spec(const tree& document, const policy& wanted) {
    const tree* const metadata = document.find("metadata");
    const std::string_view where = metadata ? metadata->text_of("namespace") : std::string_view();
    if (!is_cilium_policy(document) || (!where.empty() && where != wanted.pod_namespace)) return nullptr;
    if (const tree* const spec = document.find("spec"); spec && selects(*spec, wanted.endpoint_selector)) return spec;
    const tree* const specs = document.find("specs");
    if (!specs) return nullptr;
    const auto found =
        std::ranges::find_if(specs->items, [&](const tree& spec) { return selects(spec, wanted.endpoint_selector); });
    return found == specs->items.end() ? nullptr : &*found;
}

selector match_labels(const tree& spec) {
    selector labels;
    const tree* const endpoint_selector = spec.find("endpointSelector");
    const tree* const match = endpoint_selector ? endpoint_selector->find("matchLabels") : nullptr;
    if (!match || endpoint_selector->members.size() != 1) return labels;
    for (const auto& [key, value] : match->members)
        labels.emplace_back(key, value.scalar);
    std::ranges::sort(labels);
    return labels;
}

// cpg made this policy, for a workload whose selector has the same plain name as the wanted one.
bool is_namesake(const tree& document, const policy& wanted) {
    const tree* const metadata = document.find("metadata");
    const tree* const spec = document.find("spec");
    if (!is_cilium_policy(document) || !metadata || !spec || metadata->text_of("name") != wanted.name()) return false;
    if (metadata->text_of("namespace") != wanted.pod_namespace) return false;
    const tree* const labels = metadata->find("labels");
    if (!labels || labels->text_of("app.kubernetes.io/managed-by") != "cpg") return false;
    const selector other = match_labels(*spec);
    return !other.empty() && workload_name(other) == wanted.workload;
}

std::string why_not_ours(const std::vector<tree>& documents, const policy& wanted) {
    if (documents.empty()) return "the file is empty";
    if (std::ranges::none_of(documents, is_cilium_policy)) return "it is no CiliumNetworkPolicy of cilium.io/v2";
    return "it is not the policy of the pods with " + to_string(wanted.endpoint_selector) + " in namespace " +
           wanted.pod_namespace;
}

merge_result merge_into(yaml_editor& editor, const tree& spec, const policy& wanted) {
    merge_result out;
    rule_merge(editor, spec, direction::ingress, out.warnings).add(wanted.ingress);
    rule_merge(editor, spec, direction::egress, out.warnings).add(wanted.egress);
    if (!editor.changed()) return out;
    out.text = editor.apply();
    out.status = merge_status::changed;
    return out;
}

}  // namespace

merge_result merge_policy(std::string_view existing, const policy& wanted) {
    try {
        yaml_editor editor(existing);
        for (const tree& document : editor.documents())
            if (const tree* const spec = find_spec(document, wanted)) return merge_into(editor, *spec, wanted);
        if (std::ranges::any_of(editor.documents(), [&](const tree& each) { return is_namesake(each, wanted); }))
            return {.status = merge_status::name_taken, .text = {}, .problem = {}, .warnings = {}};
        throw yaml_error(why_not_ours(editor.documents(), wanted));
    } catch (const yaml_error& error) {
        return {.status = merge_status::refused, .text = {}, .problem = error.what(), .warnings = {}};
    }
}

}  // namespace cpg
