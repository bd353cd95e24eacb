// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A verification for people: by subject, worst first, and the totals. Pure; any thread.

#include <string>

#include "report/verify_report.hpp"

namespace cpg {

struct verify_style {
    bool colour = false;
    bool all = false;                  ///< also what is allowed
    std::size_t most_of_subject = 20;  ///< connections to show of one subject and effect
};

std::string verify_text(const verify_report& report, const verify_style& style);

}  // namespace cpg
