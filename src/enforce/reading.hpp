// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Reading a policy's YAML as the API server and the agent do: the kind of each value is checked, and what either of
// them would refuse is noted with its line. One thread at a time.

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/tree.hpp"
#include "policy/yaml_places.hpp"

namespace cpg {

/// What is wrong with a file, and where.
struct policy_fault {
    std::size_t line = 0;  ///< from 1; 0 where it is not known
    std::string text;

    auto operator<=>(const policy_fault&) const = default;
};

class reading {
  public:
    /// `places` are those of the file, and outlive this; `line`: from 1, of what has no place of its own.
    reading(const yaml_places& places, std::size_t line) : places_(places), line_(line) {}

    /// The API server or the agent does not take the policy.
    void refuse(const tree& at, std::string why);
    /// Whether they do is not certain.
    void doubt(const tree& at, std::string why);
    /// Taken, and yet not what was meant.
    void remark(const tree& at, std::string why);

    const std::vector<policy_fault>& refusals() const { return refusals_; }
    const std::vector<policy_fault>& doubts() const { return doubts_; }
    const std::vector<policy_fault>& remarks() const { return remarks_; }
    std::size_t line_of(const tree& at) const;

    /// Remarks on members with other names.
    void expect_members(const tree& object, std::initializer_list<std::string_view> names);
    /// Null where the member is not there, or is refused for not being a mapping.
    const tree* mapping_in(const tree& object, std::string_view name);
    /// Null likewise; an empty list is a list.
    const std::vector<tree>* list_in(const tree& object, std::string_view name);
    std::optional<std::string> string_in(const tree& object, std::string_view name);
    std::optional<long long> integer_in(const tree& object, std::string_view name);
    std::optional<bool> boolean_in(const tree& object, std::string_view name);
    /// The item of a list as a string; nothing when it is refused.
    std::optional<std::string> string_of(const tree& value, std::string_view what);
    bool is_mapping(const tree& value, std::string_view what);

  private:
    const tree* value_in(const tree& object, std::string_view name);

    const yaml_places& places_;
    std::size_t line_;
    std::vector<policy_fault> refusals_;
    std::vector<policy_fault> doubts_;
    std::vector<policy_fault> remarks_;
};

/// What a plain scalar is to the reader of kubectl, which is one of YAML 1.1.
enum class scalar_kind { text, integer, boolean, other, unclear };
scalar_kind kind_of_scalar(const tree& value);

}  // namespace cpg
