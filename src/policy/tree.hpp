// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A YAML value: data alone. Where it stands in a file is kept beside it (policy/yaml_places.hpp). Values; any thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cpg {

struct tree {
    enum class kind : std::uint8_t { null, scalar, sequence, mapping };
    using member = std::pair<std::string, tree>;

    tree() = default;
    /// A string; it is quoted in YAML where it would read as something else.
    tree(std::string text) : what(kind::scalar), quoted(true), scalar(std::move(text)) {}
    tree(const char* text) : tree(std::string(text)) {}
    static tree boolean(bool value);
    static tree number(unsigned long long value);
    static tree list(std::vector<tree> items);
    static tree map(std::vector<member> members);
    /// The same of members that are moved into it: braces would copy all that is in them.
    template <class... Member>
    static tree of(Member... members) {
        tree out;
        out.what = kind::mapping;
        out.members.reserve(sizeof...(members));
        (out.members.push_back(std::move(members)), ...);
        return out;
    }

    kind what = kind::null;
    bool quoted = false;      ///< a scalar that is a string whatever it looks like
    std::uint32_t place = 0;  ///< its number among the places of the file that it was read from; 0: from none
    std::string scalar;
    std::vector<tree> items;
    std::vector<member> members;  ///< in the file's order

    bool is_mapping() const { return what == kind::mapping; }
    bool is_sequence() const { return what == kind::sequence; }
    bool is_scalar() const { return what == kind::scalar; }
    bool is_null() const { return what == kind::null; }
    /// The member with this key, or null.
    const tree* find(std::string_view key) const;
    /// The text of the scalar member with this key, or nothing.
    std::string_view text_of(std::string_view key) const;
};

/// The items of a list; none for null.
const std::vector<tree>& items_of(const tree* list);

/// Equal as data: kinds, scalars, order and keys; not places. A plain scalar that YAML reads as a string equals the
/// same string in quotes.
bool same_value(const tree& a, const tree& b);
/// The same for two scalars.
bool same_scalar(const tree& a, const tree& b);

/// A label key without `k8s:` and `any:`, which mean the same for pod labels.
std::string_view without_source(std::string_view key);

/// One text for all trees that mean the same to Cilium: members sorted, keys of label maps without `k8s:` and `any:`
/// (cilium:pkg/policy/api/selector.go reads the three alike for pod labels).
std::string canonical(const tree& tree);

}  // namespace cpg
