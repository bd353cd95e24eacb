// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Random captures with all that could depend on order: twin events, selectors that share a plain name, peers that share
// labels, more ports than a list holds. Pure; any thread.

#include <random>
#include <string>
#include <vector>

namespace cpg::test {

/// Lines with their line breaks.
std::vector<std::string> random_capture(std::size_t flows, std::mt19937& random);

}  // namespace cpg::test
