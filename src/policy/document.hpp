// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A document of a policy file: what it is, what it is called, whose it is, and its specs. Refers to the tree, which
// must outlive it and stay as it is. Values; any thread.

#include <optional>
#include <string_view>
#include <vector>

#include "policy/policy.hpp"
#include "policy/tree.hpp"

namespace cpg {

/// How the names of cpg's policies begin; the workload's follows.
inline constexpr std::string_view policy_name_prefix = "cpg-";

class policy_document {
  public:
    explicit policy_document(const tree& document);

    /// A CiliumNetworkPolicy of any version of cilium.io.
    bool is_cilium() const { return is_cilium_; }
    /// Labelled as cpg's.
    bool is_managed() const { return is_managed_; }
    std::string_view name() const { return name_; }
    std::string_view pod_namespace() const { return pod_namespace_; }
    /// The name without `cpg-`, which another author's need not have.
    std::string_view workload() const;
    /// `spec`, or null.
    const tree* spec() const { return spec_; }
    /// `spec` and the entries of `specs`.
    const std::vector<const tree*>& specs() const& { return specs_; }
    void specs() && = delete;  // a loop over those of a temporary would outlive them
    /// The specs that are the workload's.
    std::vector<const tree*> specs_for(const policy& wanted) const;

  private:
    bool is_cilium_ = false;
    bool is_managed_ = false;
    std::string_view name_;
    std::string_view pod_namespace_;
    const tree* spec_;
    std::vector<const tree*> specs_;
};

/// True when the spec is the workload's: its endpointSelector means the policy's, whichever way it is written, or has
/// further labels that every pod seen of the workload has.
bool selects(const tree& spec, const policy& wanted);
/// The labels that an endpointSelector asks for: bare keys, sorted, without the policy's own namespace, `In` with one
/// value as a label. Nothing when it asks for anything else.
std::optional<selector> selected_labels(const tree& spec, std::string_view pod_namespace);

}  // namespace cpg
