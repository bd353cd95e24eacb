// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "evidence/paths.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "support/temp_dir.hpp"

namespace cpg {

namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(evidence_paths_suite)

BOOST_AUTO_TEST_CASE(the_folder_is_named_after_the_cleaned_absolute_path) {
    // printf %s /repo/policies | sha256sum
    const fs::path folder = evidence_folder("/e", "/repo/policies");
    BOOST_TEST(folder == "/e/46ee257779c0");
    for (const char* same : {"/repo/policies/", "/repo/./policies", "/repo/x/../policies", "//repo//policies//"})
        BOOST_TEST(evidence_folder("/e", same) == folder);
    BOOST_TEST(evidence_folder("/e", "/repo/policies2") != folder);
}

BOOST_AUTO_TEST_CASE(a_relative_output_dir_is_the_one_below_the_current_folder) {
    BOOST_TEST(evidence_folder("/e", "policies") == evidence_folder("/e", fs::current_path() / "policies"));
    BOOST_TEST(cleaned("/").string() == "/");
}

BOOST_AUTO_TEST_CASE(files_lie_by_namespace_and_workload) {
    BOOST_TEST(evidence_path("/e/0123456789ab", "prod", "api.v2") == "/e/0123456789ab/prod/api.v2.json");
    BOOST_TEST(cluster_health_path("/e/0123456789ab") == "/e/0123456789ab/cluster-health.json");
}

BOOST_AUTO_TEST_CASE(the_cache_folder_decides_the_default) {
    ::setenv("HOME", "/home/x", 1);
    ::setenv("XDG_CACHE_HOME", "/cache", 1);
    BOOST_TEST(default_evidence_dir().value() == "/cache/cpg/evidence");
    ::setenv("XDG_CACHE_HOME", "relative", 1);
#ifndef __APPLE__
    BOOST_TEST(default_evidence_dir().value() == "/home/x/.cache/cpg/evidence");
#endif
    ::unsetenv("XDG_CACHE_HOME");
}

BOOST_AUTO_TEST_CASE(evidence_of_any_output_dir_is_found) {
    const test::temp_dir dir;
    BOOST_TEST(find_evidence(dir.path(), "prod", "api").empty());
    test::write_text(dir / "0123456789ab/prod/api.json", "{}");
    test::write_text(dir / "prod/api.json", "{}");
    test::write_text(dir / "0123456789ab/prod/web.json", "{}");
    BOOST_TEST(find_evidence(dir.path(), "prod", "api").size() == 2u);
    BOOST_TEST(find_evidence(dir / "none", "prod", "api").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
