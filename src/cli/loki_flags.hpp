// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From replay's flags and logcli's environment variables to how Loki is asked. Throws usage_error; no secret is a flag.
// One thread.

#include <optional>

#include "cli/options.hpp"
#include "session/loki_source.hpp"

namespace cpg {

/// Nothing without --loki; flags that go with it alone are refused then.
std::optional<loki_settings> loki_settings_of(const parsed_options& options);

}  // namespace cpg
