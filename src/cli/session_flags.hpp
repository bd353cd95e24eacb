// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From flags to the settings of a session, for generate and replay. Reads and touches nothing else; throws usage_error.
// One thread.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/terminal.hpp"
#include "base/timestamp.hpp"
#include "cli/options.hpp"
#include "session/cluster.hpp"
#include "session/session.hpp"

namespace cpg {

/// Of --color.
colour_choice color_of(const parsed_options& options);
log_settings log_settings_of(const parsed_options& options);

/// Also warns of flags that are accepted and add nothing.
session_settings session_settings_of(const parsed_options& options, logger& log);

/// What replay reads: its arguments, or with --loki none. Throws usage_error where there is neither.
const std::vector<std::string>& captures_of(const parsed_options& options);

/// The values of --ignore-protocol, with `|` between them.
std::string_view ignorable_protocols();
/// Of --namespace; none stands for all.
std::set<std::string, std::less<>> namespaces_of(const parsed_options& options);
cluster_flags cluster_flags_of(const parsed_options& options);
/// Where Cilium and its relay run: --kube-namespace, else what hubble has of it, else CILIUM_NAMESPACE, else
/// kube-system.
std::string kube_namespace_of(const parsed_options& options, std::string hubble);
/// With --cluster-dedup, asks the cluster which policies it has. Throws fatal_error.
void use_cluster_dedup(const parsed_options& options, session_settings& settings,
                       std::chrono::steady_clock::time_point until, logger& log);

/// A flag's value as a duration. `positive`: 0 is refused too.
std::chrono::nanoseconds duration_of(const parsed_options& options, std::string_view name, bool positive);
/// A flag's value as a time, nanoseconds since the epoch: RFC 3339, or a duration back from now; nothing without it.
std::optional<std::int64_t> moment_of(const parsed_options& options, std::string_view name);
/// From --since to --until.
time_window window_of(const parsed_options& options);
/// A flag's value as a whole number of at least `least`.
std::size_t count_of(const parsed_options& options, std::string_view name, std::size_t least);

}  // namespace cpg
