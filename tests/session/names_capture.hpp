// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Random captures of names: queries to servers of several kinds, answers, connections of which names are known or not,
// in a cluster whose domain is not the usual one. Pure; any thread.

#include <random>
#include <string>
#include <vector>

namespace cpg::test {

/// Lines with their line breaks.
std::vector<std::string> names_capture(std::size_t flows, std::mt19937& random);

}  // namespace cpg::test
