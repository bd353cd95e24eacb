// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/merge.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "policy/covers.hpp"
#include "policy/existing_rule.hpp"
#include "policy/rule_tree.hpp"
#include "policy/yaml.hpp"
#include "policy/yaml_editor.hpp"

namespace cpg {

namespace {

bool is_cilium_policy(const tree& document) {
    return document.text_of("kind") == "CiliumNetworkPolicy" && document.text_of("apiVersion").starts_with("cilium.io/");
}

// The part of a document that is this workload's, or null.
const tree* find_spec(const tree& document, const policy& wanted) {
    const tree* const metadata = document.find("metadata");
    const std::string_view where = metadata ? metadata->text_of("namespace") : std::string_view();
    if (!is_cilium_policy(document) || (!where.empty() && where != wanted.pod_namespace)) return nullptr;
    if (const tree* const spec = document.find("spec"); spec && selects(*spec, wanted.endpoint_selector)) return spec;
    const tree* const specs = document.find("specs");
    if (!specs) return nullptr;
    const auto found = std::ranges::find_if(
        specs->items, [&](const tree& spec) { return selects(spec, wanted.endpoint_selector); });
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

class direction_merge {
  public:
    direction_merge(yaml_editor& editor, const tree& spec, direction direction)
        : editor_(editor), spec_(spec), direction_(direction), list_(spec.find(to_string(direction))) {
        if (list_ && !list_->is_sequence() && !list_->is_null())
            throw yaml_error("'" + std::string(to_string(direction)) + "' is not a list");
    }

    void add(const std::vector<rule>& wanted) {
        for (const rule& each : wanted) {
            const rule lacking = what_is_lacking(each);
            add_ports(lacking);
            add_icmps(lacking);
        }
        if (!added_.empty()) write_added();
    }

  private:
    rule what_is_lacking(const rule& wanted) const {
        rule lacking{.peer = wanted.peer, .ports = {}, .l7_ports = {}, .icmps = {}};
        for (const port& each : wanted.ports)
            if (!list_opens_port(list_, direction_, wanted.peer, each)) lacking.ports.insert(each);
        for (const icmp& each : wanted.icmps)
            if (!list_opens_icmp(list_, direction_, wanted.peer, each)) lacking.icmps.insert(each);
        return lacking;
    }

    // The rule of exactly this peer that has the member, to be extended; null when a new rule is due.
    const tree* find_rule(const peer& peer, std::string_view member) const {
        if (!list_) return nullptr;
        const auto found = std::ranges::find_if(list_->items, [&](const tree& rule) {
            const tree* const entries = rule.find(member);
            return has_exactly_peer(rule, direction_, peer) && entries && entries->is_sequence() &&
                   !entries->items.empty();
        });
        return found == list_->items.end() ? nullptr : &*found;
    }

    void add_ports(const rule& lacking) {
        if (lacking.ports.empty()) return;
        const rule ports_only{.peer = lacking.peer, .ports = lacking.ports, .l7_ports = {}, .icmps = {}};
        if (const tree* const target = find_rule(lacking.peer, "toPorts")) {
            extend_ports(editor_, *target, lacking.ports);
            update_comment(*target, ports_only);
        } else {
            add_rule(ports_only);
        }
    }

    void add_icmps(const rule& lacking) {
        if (lacking.icmps.empty()) return;
        const rule icmps_only{.peer = lacking.peer, .ports = {}, .l7_ports = {}, .icmps = lacking.icmps};
        if (const tree* const target = find_rule(lacking.peer, "icmps")) {
            extend_icmps(editor_, *target, lacking.icmps);
            update_comment(*target, icmps_only);
        } else {
            add_rule(icmps_only);
        }
    }

    void update_comment(const tree& target, const rule& added) {
        rule before = read_rule(target, added.peer);
        const std::string old_comment = comment_of(direction_, before);
        before.ports.insert(added.ports.begin(), added.ports.end());
        before.icmps.insert(added.icmps.begin(), added.icmps.end());
        editor_.replace_comment(target, old_comment, comment_of(direction_, before));
    }

    void add_rule(const rule& of) {
        for (tree& item : rule_trees(direction_, of))
            added_.push_back(std::move(item));
    }

    void write_added() {
        const std::string key(to_string(direction_));
        if (!list_) return editor_.add_member(spec_, {key, tree::list(std::move(added_))});
        if (list_->items.empty()) return editor_.fill_member(spec_, key, tree::list(std::move(added_)));
        for (tree& item : added_)
            editor_.insert_item(*list_, list_->items.size(), std::move(item));
    }

    yaml_editor& editor_;
    const tree& spec_;
    direction direction_;
    const tree* list_;
    std::vector<tree> added_;
};

merge_result merge_into(yaml_editor& editor, const tree& spec, const policy& wanted) {
    direction_merge(editor, spec, direction::ingress).add(wanted.ingress);
    direction_merge(editor, spec, direction::egress).add(wanted.egress);
    merge_result out;
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
