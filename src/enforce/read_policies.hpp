// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Files of policies as they are given to `kubectl apply`: documents of the three kinds, lists of them, and others that
// are passed over. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "enforce/judged_policy.hpp"
#include "policy/yaml.hpp"

namespace cpg {

struct policy_source {
    std::string file;                 ///< for places
    std::string namespace_of_folder;  ///< of policies that name none; empty: `default`
    std::string_view text;
};

/// Throws yaml_error where the text is no YAML.
std::vector<judged_policy> read_policies(const policy_source& source);

/// The same of text that has been parsed.
std::vector<judged_policy> read_policies(const yaml_file& read, const std::string& file,
                                         const std::string& namespace_of_folder);

// The readers of the kinds. `out` has kind, file, line, namespace and name; the rest is filled in.
void read_cilium_policy(const tree& document, judged_policy& out, reading& reading);
void read_kubernetes_policy(const tree& document, judged_policy& out, reading& reading);

}  // namespace cpg
