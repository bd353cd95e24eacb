// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/document.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/managed_by.hpp"

namespace cpg {

namespace {

bool add_labels(selector& to, const tree& labels) {
    if (!labels.is_mapping()) return labels.is_null();
    for (const auto& [key, value] : labels.members)
        to.emplace_back(without_source(key), value.scalar);
    return true;
}

bool add_single(selector& to, const tree& expressions) {
    for (const tree& each : expressions.items) {
        const tree* const values = each.find("values");
        if (each.text_of("operator") != "In" || !values || values->items.size() != 1) return false;
        to.emplace_back(without_source(each.text_of("key")), values->items[0].scalar);
    }
    return true;
}

selector bare(const selector& labels) {
    selector out;
    for (const auto& [key, value] : labels)
        out.emplace_back(without_source(key), value);
    std::ranges::sort(out);
    return out;
}

}  // namespace

policy_document::policy_document(const tree& document) : spec_(document.find("spec")) {
    is_cilium_ =
        document.text_of("kind") == "CiliumNetworkPolicy" && document.text_of("apiVersion").starts_with("cilium.io/");
    if (const tree* const metadata = document.find("metadata")) {
        name_ = metadata->text_of("name");
        pod_namespace_ = metadata->text_of("namespace");
        const tree* const labels = metadata->find("labels");
        is_managed_ = labels && labels->text_of(managed_by_label) == managed_by;
    }
    if (spec_) specs_.push_back(spec_);
    for (const tree& each : items_of(document.find("specs")))
        specs_.push_back(&each);
}

std::string_view policy_document::workload() const {
    std::string_view out = name_;
    if (out.starts_with(policy_name_prefix)) out.remove_prefix(policy_name_prefix.size());
    return out;
}

std::vector<const tree*> policy_document::specs_for(const policy& wanted) const {
    std::vector<const tree*> out;
    std::ranges::copy_if(specs_, std::back_inserter(out), [&](const tree* each) { return selects(*each, wanted); });
    return out;
}

std::optional<selector> selected_labels(const tree& spec, std::string_view pod_namespace) {
    const tree* const found = spec.find("endpointSelector");
    if (!found || !found->is_mapping()) return std::nullopt;
    selector out;
    for (const auto& [name, value] : found->members)
        if (!(name == "matchLabels" ? add_labels(out, value) : name == "matchExpressions" && add_single(out, value)))
            return std::nullopt;
    std::erase(out, std::pair<std::string, std::string>(namespace_label, pod_namespace));
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

bool selects(const tree& spec, const policy& wanted) {
    const std::optional<selector> labels = selected_labels(spec, wanted.pod_namespace);
    if (!labels || !std::ranges::includes(*labels, bare(wanted.endpoint_selector))) return false;
    return labels->size() == wanted.endpoint_selector.size() || std::ranges::includes(wanted.common_labels, *labels);
}

}  // namespace cpg
