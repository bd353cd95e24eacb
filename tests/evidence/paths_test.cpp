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

BOOST_AUTO_TEST_CASE(a_folder_names_its_output_directory_unless_it_has_another_name) {
    const test::temp_dir dir;
    const fs::path folder = evidence_folder(dir.path(), "/srv/policies");
    BOOST_TEST(!output_dir_of(folder).has_value());
    test::write_text(output_dir_path(folder), "/srv/policies\n");
    BOOST_TEST(output_dir_of(folder).value() == "/srv/policies");
    test::write_text(output_dir_path(dir / "0123456789ab"), "/srv/policies\n");
    BOOST_TEST(!output_dir_of(dir / "0123456789ab").has_value());
    test::write_text(output_dir_path(folder), "/srv/pol");
    BOOST_TEST(!output_dir_of(folder).has_value());
}

BOOST_AUTO_TEST_CASE(policies_are_listed_by_names_that_they_can_have) {
    const test::temp_dir dir;
    const fs::path folder = dir / "0123456789ab";
    for (const char* each : {"prod/web.json", "prod/api.v2.json", "dev/api.json", "prod/A\x1b.json", "a b/x.json",
                             "prod/api.json.tmp", "cluster-health.json"})
        test::write_text(folder / each, "{}");
    const std::vector<evidence_name> expected = {{"dev", "api"}, {"prod", "api.v2"}, {"prod", "web"}};
    BOOST_TEST((policies_in(folder) == expected));
    BOOST_TEST(policies_in(dir.path()).empty());
    test::write_text(dir / "00000000000a/cluster-health.json", "{}");
    test::write_text(dir / "prod/api.json", "{}");
    BOOST_TEST((evidence_folders(dir.path()) == std::vector<fs::path>{folder}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
