// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/policy_text.hpp"

#include <algorithm>
#include <utility>

#include "base/managed_by.hpp"
#include "policy/rule_tree.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

// The columns in which the rules of a printed policy stand.
constexpr std::size_t rule_column = 4;

// The rules of one document, as they are printed.
struct part {
    std::string ingress;
    std::string egress;
};

// Addresses in numbers that print well below a document's size.
std::vector<rule> printable_rules(const rule& whole, std::size_t most_bytes) {
    constexpr std::size_t address_bytes = 64;
    const std::size_t most_names = std::max<std::size_t>(1, most_bytes / 4 / address_bytes);
    if (whole.peer.names.size() <= most_names) return {whole};
    std::vector<rule> out;
    for (std::size_t at = 0; at < whole.peer.names.size(); at += most_names) {
        const auto first = whole.peer.names.begin() + static_cast<std::ptrdiff_t>(at);
        const auto count = std::min(most_names, whole.peer.names.size() - at);
        rule& some = out.emplace_back(rule{.peer = {.kind = whole.peer.kind, .labels = {}, .name = {}, .names = {}},
                                           .ports = whole.ports,
                                           .l7_ports = whole.l7_ports,
                                           .icmps = whole.icmps});
        some.peer.names = {first, first + static_cast<std::ptrdiff_t>(count)};
    }
    return out;
}

class parts {
  public:
    explicit parts(std::size_t most_bytes) : most_bytes_(most_bytes) {}

    void add(direction direction, const std::vector<rule>& rules) {
        for (const rule& whole : rules)
            for (const rule& each : printable_rules(whole, most_bytes_))
                for (const printed_item& item : rule_trees(direction, each))
                    add(direction, emit_item(item.value, rule_column, item.comment));
    }

    const std::vector<part>& all() const { return parts_; }

  private:
    void add(direction direction, const std::string& item) {
        // What stands above the rules takes well under a page.
        constexpr std::size_t head_bytes = 4096;
        if (parts_.empty() || used_ + item.size() > most_bytes_) {
            parts_.emplace_back();
            used_ = std::min(head_bytes, most_bytes_ / 2);
        }
        used_ += item.size();
        part& last = parts_.back();
        (direction == direction::ingress ? last.ingress : last.egress) += item;
    }

    std::size_t most_bytes_;
    std::size_t used_ = 0;
    std::vector<part> parts_;
};

tree default_deny_tree(const policy& policy) {
    std::vector<tree::member> out;
    if (policy.egress_only_allows) out.emplace_back("egress", tree::boolean(false));
    if (policy.ingress_only_allows) out.emplace_back("ingress", tree::boolean(false));
    return tree::map(std::move(out));
}

std::string document_text(const policy& policy, const std::string& name, const part& part) {
    std::vector<tree::member> spec = {{"endpointSelector", labels_tree(policy.endpoint_selector)}};
    if (policy.ingress_only_allows || policy.egress_only_allows)
        spec.emplace_back("enableDefaultDeny", default_deny_tree(policy));
    const tree metadata = tree::map({{"labels", tree::map({{std::string(managed_by_label), std::string(managed_by)}})},
                                     {"name", name},
                                     {"namespace", policy.pod_namespace}});
    std::string out = emit_block(tree::map({{"apiVersion", "cilium.io/v2"},
                                            {"kind", "CiliumNetworkPolicy"},
                                            {"metadata", metadata},
                                            {"spec", tree::map(std::move(spec))}}),
                                 0);
    // The last members of the spec.
    if (!part.ingress.empty()) out.append("  ingress:\n").append(part.ingress);
    if (!part.egress.empty()) out.append("  egress:\n").append(part.egress);
    return out;
}

}  // namespace

std::string policy_text(const policy& policy, const name_check& is_taken, std::size_t most_bytes) {
    parts cut(most_bytes);
    cut.add(direction::ingress, policy.ingress);
    cut.add(direction::egress, policy.egress);
    std::string out;
    std::size_t number = 1;
    for (const part& each : cut.all()) {
        if (!out.empty()) out += "---\n";
        std::string name = policy.name();
        if (number > 1)
            while (is_taken(name = policy.name() + "-" + std::to_string(number)))
                ++number;
        out += document_text(policy, name, each);
        ++number;
    }
    return out;
}

}  // namespace cpg
