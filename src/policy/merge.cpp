// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/merge.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "policy/covers.hpp"
#include "policy/merge_rules.hpp"
#include "policy/own_policy.hpp"
#include "policy/rule_tree.hpp"
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
    if (const tree* const spec = document.find("spec"); spec && selects(*spec, wanted)) return spec;
    const tree* const specs = document.find("specs");
    if (!specs) return nullptr;
    const auto found = std::ranges::find_if(specs->items, [&](const tree& spec) { return selects(spec, wanted); });
    return found == specs->items.end() ? nullptr : &*found;
}

bool is_managed(const tree& document) {
    const tree* const metadata = document.find("metadata");
    const tree* const labels = metadata ? metadata->find("labels") : nullptr;
    return labels && labels->text_of("app.kubernetes.io/managed-by") == "cpg";
}

// cpg made this policy, for a workload whose selector has the same plain name as the wanted one.
bool is_namesake(const tree& document, const policy& wanted) {
    const tree* const metadata = document.find("metadata");
    const tree* const spec = document.find("spec");
    if (!is_cilium_policy(document) || !metadata || !spec || metadata->text_of("name") != wanted.name()) return false;
    if (metadata->text_of("namespace") != wanted.pod_namespace) return false;
    const auto other = selected_labels(*spec, wanted.pod_namespace);
    return is_managed(document) && other && !other->empty() && workload_name(*other) == wanted.workload;
}

std::string selected_text(const std::vector<tree>& documents, const policy& wanted) {
    for (const tree& document : documents)
        if (const tree* const spec = document.find("spec"); spec && is_cilium_policy(document))
            if (const auto labels = selected_labels(*spec, wanted.pod_namespace))
                return labels->empty() ? "every pod" : "the pods with " + to_string(*labels);
    return "other pods";
}

std::string why_not_ours(const std::vector<tree>& documents, const policy& wanted) {
    if (documents.empty()) return "the file is empty";
    if (std::ranges::none_of(documents, is_cilium_policy)) return "it is no CiliumNetworkPolicy of cilium.io/v2";
    return "it selects " + selected_text(documents, wanted) + ", and is not the policy of the pods with " +
           to_string(wanted.endpoint_selector) + " in namespace " + wanted.pod_namespace +
           ": rename the file, or give its endpointSelector labels that all of these pods have";
}

// Files that are not text, or not only a person's and cpg's.
std::string why_untouchable(std::string_view text, const std::vector<tree>& documents) {
    if (std::ranges::any_of(documents, [](const tree& each) { return each.find("sops") != nullptr; }))
        return "it is signed by SOPS, and an edit would break its signature: decrypt it, or name another output "
               "directory";
    if (text.find("{{") != std::string_view::npos)
        return "it is a template (it has '{{' in it): cpg does not edit what a template engine owns; let cpg write to "
               "another output directory and copy what you want";
    return {};
}

void check_text(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) throw yaml_error("it has a NUL byte in it and is no text");
    if (!is_valid_utf8(text)) throw yaml_error("it is not UTF-8 text");
    // Most templates are no YAML at all.
    if (const std::string problem = why_untouchable(text, {}); !problem.empty()) throw yaml_error(problem);
}

merge_result print_anew(std::string_view existing, const policy& own, const policy& wanted,
                        const name_check& is_taken) {
    merge_result out;
    const policy whole = add_up(own, wanted);
    for (const std::string& each : refined_ports(own, whole))
        out.warnings.push_back(each + " was open at L4 and now allows only the requests and names that were seen");
    out.text = policy_text(whole, is_taken);
    out.status = out.text == existing ? merge_status::unchanged : merge_status::changed;
    return out;
}

bool is_named(const policy& own, const policy& wanted) {
    return own.workload == wanted.workload && own.pod_namespace == wanted.pod_namespace &&
           own.endpoint_selector == wanted.endpoint_selector;
}

merge_result merge_into(yaml_editor& editor, const tree& spec, bool managed, const policy& wanted) {
    merge_result out;
    rule_merge(editor, spec, direction::ingress, managed, out.warnings).add(wanted.ingress);
    rule_merge(editor, spec, direction::egress, managed, out.warnings).add(wanted.egress);
    if (!editor.changed()) return out;
    out.text = editor.apply();
    out.status = merge_status::changed;
    return out;
}

}  // namespace

merge_result merge_policy(std::string_view existing, const policy& wanted, const name_check& is_taken) {
    try {
        check_text(existing);
        yaml_editor editor(existing);
        const std::string untouchable = why_untouchable(existing, editor.documents());
        if (!untouchable.empty()) throw yaml_error(untouchable);
        for (const tree& document : editor.documents()) {
            const tree* const spec = find_spec(document, wanted);
            if (!spec) continue;
            if (const auto own = read_own_policy(existing, editor.documents(), is_taken); own && is_named(*own, wanted))
                return print_anew(existing, *own, wanted, is_taken);
            return merge_into(editor, *spec, is_managed(document), wanted);
        }
        if (std::ranges::any_of(editor.documents(), [&](const tree& each) { return is_namesake(each, wanted); }))
            return {.status = merge_status::name_taken, .text = {}, .problem = {}, .warnings = {}};
        throw yaml_error(why_not_ours(editor.documents(), wanted));
    } catch (const yaml_error& error) {
        return {.status = merge_status::refused, .text = {}, .problem = error.what(), .warnings = {}};
    }
}

}  // namespace cpg
