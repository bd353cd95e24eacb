// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Whether evidence of earlier runs uses a rule of a policy: what a capture of today does not show may have been asked
// for before. Reads evidence, writes nothing. One thread at a time.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "enforce/judged_policy.hpp"
#include "evidence/document.hpp"

namespace cpg {

/// True where the rule lets in, or may let in, what the evidence is of.
bool is_for(const judged_policy& policy, const judged_rule& rule, const evidence_rule& seen);

class proven_use {
  public:
    /// Without a folder there is no evidence.
    explicit proven_use(std::optional<std::filesystem::path> evidence_dir) : evidence_dir_(std::move(evidence_dir)) {}

    /// The evidence of the policy, found by its file as explain finds it; null where there is none that can be read.
    const evidence_document* of(const judged_policy& policy);

  private:
    std::optional<evidence_document> find(const judged_policy& policy) const;

    const std::optional<std::filesystem::path> evidence_dir_;
    std::map<const judged_policy*, std::optional<evidence_document>> found_;
};

}  // namespace cpg
