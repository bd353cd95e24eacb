// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/policy_text.hpp"

#include <algorithm>
#include <utility>

#include "base/managed_by.hpp"
#include "base/text.hpp"
#include "policy/rule_tree.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

// The columns in which the rules of a printed policy stand.
constexpr std::size_t rule_column = 4;

struct part {
    std::vector<tree> ingress;
    std::vector<tree> egress;
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

// Never less than the text takes when it is printed: what may be escaped counts as a whole escape sequence.
std::size_t size_bound(std::string_view text) {
    constexpr std::size_t most_of_a_character = 8;
    const auto stays = std::ranges::count_if(text, [](char c) { return is_letter(c) || is_digit(c) || c == '.'; });
    return text.size() + (most_of_a_character - 1) * (text.size() - static_cast<std::size_t>(stays));
}

// With the column, quotes, dash, colon and line break of each value.
std::size_t size_bound(const tree& item) {
    constexpr std::size_t most_around = 64;
    std::size_t out =
        most_around + size_bound(std::string_view(item.scalar)) + size_bound(std::string_view(item.comment));
    for (const tree& each : item.items)
        out += size_bound(each);
    for (const auto& [key, value] : item.members)
        out += size_bound(std::string_view(key)) + size_bound(value);
    return out;
}

// As many documents as the rules take. Few policies need a second one: which don't is told without printing each rule
// for its size, which would take half of the time of a flush.
class parts {
  public:
    explicit parts(std::size_t most_bytes) : most_bytes_(most_bytes) {}

    void add(direction direction, const std::vector<rule>& rules) {
        for (const rule& whole : rules)
            for (const rule& each : printable_rules(whole, most_bytes_))
                for (tree& item : rule_trees(direction, each)) {
                    bound_ += size_bound(item);
                    (direction == direction::ingress ? all_.ingress : all_.egress).push_back(std::move(item));
                }
    }

    std::vector<part> take() {
        if (head_bytes + bound_ <= most_bytes_) {
            if (!all_.ingress.empty() || !all_.egress.empty()) parts_.push_back(std::move(all_));
            return std::move(parts_);
        }
        for (tree& each : all_.ingress)
            add(each).ingress.push_back(std::move(each));
        for (tree& each : all_.egress)
            add(each).egress.push_back(std::move(each));
        return std::move(parts_);
    }

  private:
    // What stands above the rules takes well under a page.
    static constexpr std::size_t head_bytes = 4096;

    // The part that the item goes to.
    part& add(const tree& item) {
        const std::size_t bytes = emit_item(item, rule_column).size();
        if (parts_.empty() || used_ + bytes > most_bytes_) {
            parts_.emplace_back();
            used_ = std::min(head_bytes, most_bytes_ / 2);
        }
        used_ += bytes;
        return parts_.back();
    }

    std::size_t most_bytes_;
    std::size_t used_ = 0;
    std::size_t bound_ = 0;
    part all_;
    std::vector<part> parts_;
};

tree default_deny_tree(const policy& policy) {
    std::vector<tree::member> out;
    if (policy.egress_only_allows) out.emplace_back("egress", tree::boolean(false));
    if (policy.ingress_only_allows) out.emplace_back("ingress", tree::boolean(false));
    return tree::map(std::move(out));
}

std::string document_text(const policy& policy, const std::string& name, part part) {
    std::vector<tree::member> spec = {{"endpointSelector", labels_tree(policy.endpoint_selector)}};
    if (policy.ingress_only_allows || policy.egress_only_allows)
        spec.emplace_back("enableDefaultDeny", default_deny_tree(policy));
    if (!part.ingress.empty()) spec.emplace_back("ingress", tree::list(std::move(part.ingress)));
    if (!part.egress.empty()) spec.emplace_back("egress", tree::list(std::move(part.egress)));
    const tree metadata = tree::map({{"labels", tree::map({{std::string(managed_by_label), std::string(managed_by)}})},
                                     {"name", name},
                                     {"namespace", policy.pod_namespace}});
    return emit_block(tree::map({{"apiVersion", "cilium.io/v2"},
                                 {"kind", "CiliumNetworkPolicy"},
                                 {"metadata", metadata},
                                 {"spec", tree::map(std::move(spec))}}),
                      0);
}

}  // namespace

std::string policy_text(const policy& policy, const name_check& is_taken, std::size_t most_bytes) {
    parts cut(most_bytes);
    cut.add(direction::ingress, policy.ingress);
    cut.add(direction::egress, policy.egress);
    std::string out;
    std::size_t number = 1;
    for (part& each : cut.take()) {
        if (!out.empty()) out += "---\n";
        std::string name = policy.name();
        if (number > 1)
            while (is_taken(name = policy.name() + "-" + std::to_string(number)))
                ++number;
        out += document_text(policy, name, std::move(each));
        ++number;
    }
    return out;
}

}  // namespace cpg
