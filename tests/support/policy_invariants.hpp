// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What every policy that cpg writes must obey, checked on the YAML text by a reading of its own: nothing of src/policy
// is used, so a fault there can't hide itself. Pure; any thread.

#include <filesystem>
#include <string>
#include <vector>

namespace cpg::test {

enum class written_by {
    cpg,     ///< cpg alone: only the members that cpg writes
    others,  ///< a person too: other members are left to them, what cpg writes is checked all the same
};

/// What is wrong, a sentence each.
std::vector<std::string> policy_faults(const std::string& yaml, written_by author = written_by::cpg);

/// The faults of every file below an output directory, which must be `<namespace>/<workload>.yaml` and hold the
/// policy of that name; two policies must not share a name. Each sentence begins with the path.
std::vector<std::string> tree_faults(const std::filesystem::path& output_dir, written_by author = written_by::cpg);

/// All in one string, for BOOST_TEST(faults == "").
std::string joined(const std::vector<std::string>& faults);

}  // namespace cpg::test
