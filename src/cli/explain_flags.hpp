// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// From the flags of explain to what is asked. Each throws usage_error, and reads nothing but clock and environment. One
// thread.

#include <string>

#include "cli/options.hpp"
#include "report/explain_target.hpp"
#include "report/rule_filter.hpp"

namespace cpg {

rule_filter filter_of(const parsed_options& options);
/// `text`, `json` or `yaml`.
std::string format_of(const parsed_options& options);
explain_query query_of(const parsed_options& options);

}  // namespace cpg
