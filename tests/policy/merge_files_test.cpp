// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Every `CASE.before.yaml` of tests/data/merge is merged with `CASE.incoming.yaml` (or default.incoming.yaml) and must
// give `CASE.after.yaml`, byte for byte, or be refused for the reason in `CASE.refused.txt`.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "policy/merge.hpp"
#include "policy/own_policy.hpp"
#include "policy/read_policy.hpp"
#include "policy/yaml.hpp"
#include "support/allowed.hpp"
#include "support/data.hpp"
#include "support/policy_invariants.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> cases() {
    constexpr std::string_view ending = ".before.yaml";
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(test::data_path("merge"))) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(ending)) out.push_back(name.substr(0, name.size() - ending.size()));
    }
    std::ranges::sort(out);
    return out;
}

bool exists(const std::string& name) {
    return fs::exists(fs::path(TEST_DATA) / "merge" / name);
}

policy incoming(const std::string& name) {
    const std::string own = name + ".incoming.yaml";
    const std::string text = test::data_text("merge/" + (exists(own) ? own : "default.incoming.yaml"));
    const std::optional<policy> printed = read_own_policy(text, parse_yaml(text));
    policy out = printed ? *printed : test::read_policy(text);
    // Of the pods that the cases are about.
    out.common_labels = {{"app", "cart"}, {"app.kubernetes.io/instance", "shop"}, {"tier", "web"}};
    return out;
}

void check_refused(const std::string& name, const merge_result& merged) {
    BOOST_TEST((merged.status == merge_status::refused));
    const std::string reason(trim(test::data_text("merge/" + name + ".refused.txt")));
    BOOST_TEST(merged.problem.find(reason) != std::string::npos, "refused with: " << merged.problem);
}

void check_merged(const std::string& name, const std::string& before, const merge_result& merged) {
    BOOST_TEST_REQUIRE((merged.status != merge_status::refused), merged.problem);
    const std::string after = merged.status == merge_status::changed ? merged.text : before;
    BOOST_TEST(after == test::data_text("merge/" + name + ".after.yaml"));
    BOOST_TEST(test::lost_facts(test::allowed_facts(before), test::allowed_facts(after)) == "");
    BOOST_TEST(test::voided_filters(test::allowed_facts(before), test::allowed_facts(after)) == "");
    BOOST_TEST(test::joined(test::policy_faults(after, test::written_by::others)) == "");
    BOOST_TEST((merge_policy(after, incoming(name)).status == merge_status::unchanged));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(merge_files_suite)

BOOST_DATA_TEST_CASE(a_merge_gives_exactly_the_expected_file, boost::unit_test::data::make(cases()), name) {
    const std::string before = test::data_text("merge/" + name + ".before.yaml");
    const merge_result merged = merge_policy(before, incoming(name));
    if (exists(name + ".refused.txt"))
        check_refused(name, merged);
    else
        check_merged(name, before, merged);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
