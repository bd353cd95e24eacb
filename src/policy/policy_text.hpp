// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A whole policy as the text of a file, in as many documents as the API server takes. Pure; any thread.

#include <functional>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "policy/policy.hpp"

namespace cpg {

/// kubectl's client-side apply keeps the object in an annotation of at most this size (apimachinery's
/// totalAnnotationSizeLimitB).
inline constexpr std::size_t most_client_side_bytes = 262'144;
/// A document larger than this becomes several: etcd takes 1.5 MiB an object, and status and managedFields are added.
inline constexpr std::size_t most_document_bytes = 1u << 20;
/// Larger files are neither written nor read.
inline constexpr std::size_t most_policy_bytes = limits::policy_bytes;

/// True for the full name of a policy that another workload has.
using name_check = std::function<bool(std::string_view)>;

/// Ready to be written to a new file. A policy over most_document_bytes is printed as `cpg-<workload>`,
/// `cpg-<workload>-2`, …, each complete in itself; Cilium unites them. A name that is taken is passed over.
std::string policy_text(
    const policy& policy, const name_check& is_taken = [](std::string_view) { return false; },
    std::size_t most_bytes = most_document_bytes);

}  // namespace cpg
