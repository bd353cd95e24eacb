// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/verify_report.hpp"

#include <algorithm>

namespace cpg {

bool verify_report::is_clean() const {
    return verification.is_clean() && std::ranges::none_of(policies->all(), &judged_policy::is_refused);
}

}  // namespace cpg
