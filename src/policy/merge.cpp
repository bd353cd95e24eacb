// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/merge.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "policy/document.hpp"
#include "policy/merge_rules.hpp"
#include "policy/merge_server.hpp"
#include "policy/own_policy.hpp"
#include "policy/rule_tree.hpp"
#include "policy/yaml.hpp"
#include "policy/yaml_editor.hpp"

namespace cpg {

namespace {

bool is_cilium_policy(const tree& document) {
    return policy_document(document).is_cilium();
}

// The specs of a document that are this workload's.
std::vector<const tree*> specs_in(const tree& document, const policy& wanted) {
    const policy_document said(document);
    const bool elsewhere = !said.pod_namespace().empty() && said.pod_namespace() != wanted.pod_namespace;
    return said.is_cilium() && !elsewhere ? said.specs_for(wanted) : std::vector<const tree*>();
}

// cpg made this policy, for a workload whose selector has the same plain name as the wanted one.
bool is_namesake(const tree& document, const policy& wanted) {
    const policy_document said(document);
    if (!said.is_cilium() || !said.spec() || said.name() != wanted.name()) return false;
    if (said.pod_namespace() != wanted.pod_namespace) return false;
    const auto other = selected_labels(*said.spec(), wanted.pod_namespace);
    return said.is_managed() && other && !other->empty() && workload_name(*other) == wanted.workload;
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

// Cilium unites what several specs say of the same pods.
std::vector<const tree*> specs_of(const std::vector<tree>& documents, const policy& wanted) {
    std::vector<const tree*> out;
    for (const tree& document : documents)
        std::ranges::copy(specs_in(document, wanted), std::back_inserter(out));
    return out;
}

// A person's file keeps what it says, and what it says by its first rules of a direction is a default deny.
void warn_of_new_default_deny(direction direction, bool adds_rules_that_only_allow, const tree& spec,
                              const std::vector<const tree*>& specs, std::vector<std::string>& warnings) {
    const auto has_rules = [&](const tree* each) { return each->find(to_string(direction)) != nullptr; };
    if (!adds_rules_that_only_allow || only_allows(spec, direction) || std::ranges::any_of(specs, has_rules)) return;
    const std::string name(to_string(direction));
    warnings.push_back("it gets its first " + name + " rules, which turn the default deny of that direction on: add " +
                       "enableDefaultDeny: {" + name + ": false} to its spec to only allow");
}

merge_result merge_into(yaml_editor& editor, const tree& spec, bool managed, policy wanted) {
    merge_result out;
    if (managed) replace_assumed_server(editor, spec, wanted);
    const std::vector<const tree*> specs = specs_of(editor.documents(), wanted);
    const auto add = [&](direction direction, const std::vector<rule>& rules) {
        rule_merge(editor, spec, specs, direction, wanted, managed, out.warnings).add(rules);
    };
    add(direction::ingress, wanted.ingress);
    add(direction::egress, wanted.egress);
    warn_of_new_default_deny(direction::ingress, wanted.ingress_only_allows && !wanted.ingress.empty(), spec, specs,
                             out.warnings);
    warn_of_new_default_deny(direction::egress, wanted.egress_only_allows && !wanted.egress.empty(), spec, specs,
                             out.warnings);
    if (!editor.changed()) return out;
    out.text = editor.apply();
    out.status = merge_status::changed;
    return out;
}

// A person's last line stays as it was, if it still is the last.
merge_result without_added_end(merge_result merged, std::string_view body, std::size_t end_added) {
    const std::string_view last = body.substr(body.rfind('\n', body.size() - 2) + 1);
    if (merged.text.ends_with("\n" + std::string(last))) merged.text.resize(merged.text.size() - end_added);
    return merged;
}

// Text that ends its last line; `end_added`: bytes for that alone.
merge_result merge_text(std::string_view existing, std::size_t end_added, const policy& wanted,
                        const name_check& is_taken) {
    try {
        check_text(existing);
        // Mostly nothing has changed since cpg wrote it, and printing takes a small part of the time of reading YAML.
        if (end_added == 0 && existing == policy_text(wanted, is_taken)) return {};
        yaml_editor editor(existing);
        const std::string untouchable = why_untouchable(existing, editor.documents());
        if (!untouchable.empty()) throw yaml_error(untouchable);
        for (const tree& document : editor.documents()) {
            const std::vector<const tree*> specs = specs_in(document, wanted);
            if (specs.empty()) continue;
            if (const auto own = read_own_policy(existing, editor.documents(), is_taken); own && is_named(*own, wanted))
                return print_anew(existing, *own, wanted, is_taken);
            merge_result merged = merge_into(editor, *specs.front(), policy_document(document).is_managed(), wanted);
            return end_added > 0 ? without_added_end(std::move(merged), existing, end_added) : merged;
        }
        if (std::ranges::any_of(editor.documents(), [&](const tree& each) { return is_namesake(each, wanted); }))
            return merge_result::name_taken();
        throw yaml_error(why_not_ours(editor.documents(), wanted));
    } catch (const yaml_error& error) {
        return merge_result::refused(error.what());
    }
}

}  // namespace

// Neither a byte order mark nor a missing end of line makes cpg's own text a person's.
merge_result merge_policy(std::string_view existing, const policy& wanted, const name_check& is_taken) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    const bool is_marked = existing.starts_with(byte_order_mark);
    std::string body(existing.substr(is_marked ? byte_order_mark.size() : 0));
    const std::size_t size = body.size();
    if (!body.empty() && !body.ends_with('\n'))
        body += body.ends_with('\r') || body.find("\r\n") == std::string::npos ? "\n" : "\r\n";
    merge_result out = merge_text(body, body.size() - size, wanted, is_taken);
    if (is_marked && !out.text.empty()) out.text.insert(0, byte_order_mark);
    return out;
}

}  // namespace cpg
