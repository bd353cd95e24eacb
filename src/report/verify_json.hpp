// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A verification for programs: JSON, YAML, and annotations of GitHub's workflows. Pure; any thread.

#include <string>

#include "report/verify_report.hpp"

namespace cpg {

std::string verify_json(const verify_report& report);
std::string verify_yaml(const verify_report& report);
/// `::error file=…,line=…::…` for each connection that breaks or stays denied, and for each policy that is refused.
std::string verify_annotations(const verify_report& report);

}  // namespace cpg
