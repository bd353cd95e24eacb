// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The cluster's domain, told from the names that pods ask for: a resolver tries `<name>.<namespace>.svc.<domain>`
// first (resolv.conf's search list, as the kubelet writes it). Names are lower-case without a trailing dot. Pure; any
// thread.

#include <optional>
#include <string>
#include <string_view>

namespace cpg {

/// Where nothing tells another one.
inline constexpr std::string_view usual_cluster_domain = "cluster.local";

/// The domain that a name asked for by a pod of this namespace shows; nothing for other names.
std::optional<std::string> cluster_domain_in(std::string_view name, std::string_view pod_namespace);
/// True for a name with at least one label more than the domain.
bool is_below(std::string_view name, std::string_view domain);
/// Labels of a name.
std::size_t label_count(std::string_view name);

}  // namespace cpg
