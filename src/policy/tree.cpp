// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/tree.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

std::string canonical_list(const tree& list) {
    std::string out = "[";
    for (const tree& item : list.items)
        out += canonical(item) + ",";
    return out + "]";
}

std::string canonical_map(const tree& tree, bool label_keys);

// `key` of a matchExpressions entry is a label key as well.
std::string canonical_member(std::string_view key, const tree& value) {
    if (key == "key" && value.is_scalar()) return json_quote(without_source(value.scalar));
    return value.is_mapping() ? canonical_map(value, key == "matchLabels") : canonical(value);
}

std::string canonical_map(const tree& tree, bool label_keys) {
    std::map<std::string_view, std::string> sorted;
    for (const auto& [name, value] : tree.members) {
        const std::string_view key = label_keys ? without_source(name) : std::string_view(name);
        sorted[key] += canonical_member(key, value);
    }
    std::string out = "{";
    for (const auto& [key, value] : sorted) {
        append_json_quoted(out, key);
        out += ":" + value + ",";
    }
    return out + "}";
}

bool is_string(const tree& tree) {
    return tree.quoted || is_plain_string(tree.scalar);
}

}  // namespace

tree tree::boolean(bool value) {
    tree out;
    out.what = kind::scalar;
    out.scalar = value ? "true" : "false";
    return out;
}

tree tree::number(unsigned long long value) {
    tree out(std::to_string(value));
    out.quoted = false;
    return out;
}

tree tree::list(std::vector<tree> items) {
    tree out;
    out.what = kind::sequence;
    out.items = std::move(items);
    return out;
}

tree tree::map(std::vector<member> members) {
    tree out;
    out.what = kind::mapping;
    out.members = std::move(members);
    return out;
}

const tree* tree::find(std::string_view key) const {
    for (const member& candidate : members)
        if (candidate.first == key) return &candidate.second;
    return nullptr;
}

std::string_view tree::text_of(std::string_view key) const {
    const tree* const value = find(key);
    return value && value->is_scalar() ? std::string_view(value->scalar) : std::string_view();
}

const std::vector<tree>& items_of(const tree* list) {
    static const std::vector<tree> none;
    return list ? list->items : none;
}

std::string_view without_source(std::string_view key) {
    for (const std::string_view prefix : {"k8s:", "any:"})
        if (key.starts_with(prefix)) return key.substr(prefix.size());
    return key;
}

bool same_scalar(const tree& a, const tree& b) {
    return a.scalar == b.scalar && is_string(a) == is_string(b);
}

bool same_value(const tree& a, const tree& b) {
    if (a.what != b.what) return false;
    if (a.is_scalar()) return same_scalar(a, b);
    if (!std::ranges::equal(a.items, b.items, same_value)) return false;
    return std::ranges::equal(a.members, b.members, [](const tree::member& x, const tree::member& y) {
        return x.first == y.first && same_value(x.second, y.second);
    });
}

std::string canonical(const tree& node) {
    switch (node.what) {
        case tree::kind::null: return "null";
        case tree::kind::scalar: return json_quote(node.scalar);
        case tree::kind::sequence: return canonical_list(node);
        case tree::kind::mapping: return canonical_map(node, false);
    }
    return {};
}

}  // namespace cpg
