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

/// Of --namespace; none stands for all.
std::set<std::string, std::less<>> namespaces_of(const parsed_options& options);
cluster_flags cluster_flags_of(const parsed_options& options);
/// Where Cilium and its relay run: --kube-namespace, else what hubble has of it, else CILIUM_NAMESPACE, else
/// kube-system.
std::string kube_namespace_of(const parsed_options& options, std::string hubble);
/// From --since to --until.
time_window window_of(const parsed_options& options);
}  // namespace cpg
