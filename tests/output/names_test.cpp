// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Workloads whose selectors have the same plain name: each gets a file of its own, and neither the order of the flows
// nor the flushes decide which is which.

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>

#include "output/writer_case.hpp"
#include "policy/policy_text.hpp"

namespace cpg {

namespace {

using test::wanted;
using test::writer_case;

std::vector<policy> namesakes() {
    return {wanted("app", "cart", {80}), wanted("app.kubernetes.io/name", "cart", {81}), wanted("tier", "cart", {82})};
}

test::files flushed(const std::vector<std::vector<policy>>& flushes) {
    writer_case at;
    at.session(flushes);
    BOOST_TEST(at.faults() == "");
    return at.on_disk();
}

bool selects(const std::string& yaml, const std::string& label) {
    return yaml.find("      " + label + "\n") != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(names_suite)

BOOST_AUTO_TEST_CASE(the_first_selector_in_order_has_the_plain_name_and_the_others_a_hash) {
    const test::files files = flushed({namesakes()});
    BOOST_TEST(files.size() == 3u);
    BOOST_TEST(selects(files.at("cart.yaml"), "app: cart"));
    for (const auto& [name, text] : files)
        BOOST_TEST((name == "cart.yaml" || name.size() == std::string("cart-12345678.yaml").size()), name);
}

BOOST_AUTO_TEST_CASE(the_order_and_the_flushes_do_not_matter) {
    std::vector<policy> all = namesakes();
    const test::files expected = flushed({all});
    std::mt19937 random(3);
    for (int i = 0; i < 10; ++i) {
        std::ranges::shuffle(all, random);
        BOOST_TEST((flushed({all}) == expected));
        BOOST_TEST((flushed({{all[0]}, {all[1]}, {all[2]}}) == expected));
        BOOST_TEST((flushed({{all[0]}, {all[1], all[2]}}) == expected));
        BOOST_TEST((flushed({{all[0], all[1]}, {all[0]}, {all[2]}}) == expected));
    }
}

BOOST_AUTO_TEST_CASE(a_namesake_on_disk_keeps_its_name_for_good) {
    writer_case at;
    at.session({{wanted("tier", "cart", {82})}});
    BOOST_TEST(selects(at.on_disk().at("cart.yaml"), "tier: cart"));
    at.session({{wanted("app", "cart", {80})}});
    const test::files both = at.on_disk();
    BOOST_TEST(both.size() == 2u);
    BOOST_TEST(selects(both.at("cart.yaml"), "tier: cart"));
    at.session({namesakes()});
    BOOST_TEST(selects(at.on_disk().at("cart.yaml"), "tier: cart"));
    BOOST_TEST(at.on_disk().size() == 3u);
    BOOST_TEST(at.faults() == "");
}

BOOST_AUTO_TEST_CASE(a_second_run_in_another_order_changes_nothing) {
    writer_case at;
    at.session({namesakes()});
    const test::files before = at.on_disk();
    std::vector<policy> all = namesakes();
    std::ranges::reverse(all);
    at.session({{all[0]}, {all[1]}, {all[2]}});
    BOOST_TEST((at.on_disk() == before));
}

BOOST_AUTO_TEST_CASE(a_workload_that_moves_to_another_name_leaves_what_a_person_had_there) {
    writer_case at;
    std::string mine = policy_text(wanted("tier", "cart", {82}));
    mine.insert(mine.find("spec:"), "# mine\n");
    test::write_text(at.file("cart.yaml"), mine);
    at.session({{wanted("app", "cart", {80})}, {wanted("tier", "cart", {82})}});
    BOOST_TEST(at.on_disk().at("cart.yaml") == mine);
    BOOST_TEST(at.on_disk().size() == 2u);
}

BOOST_AUTO_TEST_CASE(each_policy_that_was_written_is_told_with_the_name_it_got) {
    writer_case at;
    policy_writer writer(at.settings(), at.log);
    writer.write({wanted("tier", "cart", {82})});
    const auto moved = writer.write({wanted("app", "cart", {80})});
    BOOST_TEST_REQUIRE(moved.size() == 2u);
    for (const written_policy& each : moved) {
        const bool first = each.endpoint_selector == selector{{"app", "cart"}};
        BOOST_TEST((each.workload == "cart") == first);
    }
    BOOST_TEST(writer.written() == 2u);
    BOOST_TEST(at.faults() == "");
}

BOOST_AUTO_TEST_CASE(a_foreign_file_of_the_plain_name_fails_one_policy_and_not_its_namesake) {
    writer_case at;
    test::write_text(at.file("cart.yaml"), "kind: Service\n");
    policy_writer writer(at.settings(), at.log);
    writer.write({wanted("app", "cart", {80}), wanted("tier", "cart", {82})});
    BOOST_TEST(writer.failed() == 1u);
    BOOST_TEST(writer.written() == 1u);
    BOOST_TEST(at.on_disk().at("cart.yaml") == "kind: Service\n");
}

// Whose the plain name is can't be told, so nobody may have it, and no later flush may take a file from its owner.
BOOST_AUTO_TEST_CASE(a_plain_names_file_that_can_not_be_read_fails_all_namesakes_until_it_can) {
    writer_case at;
    std::filesystem::create_directories(at.dir() / "shop");
    std::filesystem::create_symlink("cart.yaml", at.file("cart.yaml"));
    policy_writer writer(at.settings(), at.log);
    for (const written_policy& each : writer.write(namesakes()))
        BOOST_TEST((each.status == write_status::failed && each.workload == "cart"));
    BOOST_TEST(writer.failed() == 3u);
    BOOST_TEST(writer.written() == 0u);
    writer.write({wanted("tier", "cart", {82, 83})});
    BOOST_TEST(writer.failed() == 3u);
    BOOST_TEST(std::distance(std::filesystem::directory_iterator(at.dir() / "shop"),
                             std::filesystem::directory_iterator()) == 1);
    std::filesystem::remove(at.file("cart.yaml"));
    writer.write({});
    BOOST_TEST(writer.failed() == 0u);
    BOOST_TEST(writer.written() == 3u);
    BOOST_TEST((at.on_disk() == flushed({namesakes(), {wanted("tier", "cart", {82, 83})}})));
}

BOOST_AUTO_TEST_CASE(a_file_that_can_not_be_given_back_leaves_every_owner_its_own) {
    writer_case at;
    policy_writer writer(at.settings(), at.log);
    writer.write({wanted("tier", "cart", {82})});
    std::filesystem::rename(at.dir() / "shop", at.dir() / "moved");
    std::filesystem::create_symlink("shop", at.dir() / "shop");
    writer.write({wanted("app", "cart", {80})});
    BOOST_TEST(writer.failed() == 1u);
    std::filesystem::remove(at.dir() / "shop");
    std::filesystem::rename(at.dir() / "moved", at.dir() / "shop");
    writer.write({});
    BOOST_TEST(writer.failed() == 0u);
    BOOST_TEST((at.on_disk() == flushed({{wanted("tier", "cart", {82}), wanted("app", "cart", {80})}})));
}

BOOST_AUTO_TEST_CASE(a_workload_that_moves_away_leaves_what_a_person_made_of_its_file_meanwhile) {
    writer_case at;
    policy_writer writer(at.settings(), at.log);
    writer.write({wanted("tier", "cart", {82})});
    const std::string edited = "# mine now\n" + test::read_text(at.file("cart.yaml"));
    test::write_text(at.file("cart.yaml"), edited);
    writer.write({wanted("app", "cart", {80})});
    BOOST_TEST(test::read_text(at.file("cart.yaml")) == edited);
    BOOST_TEST(writer.failed() == 0u);
    BOOST_TEST(at.on_disk().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_dry_run_names_files_as_a_real_run_does) {
    writer_case at;
    at.session({namesakes()}, true);
    for (const auto& [name, text] : flushed({namesakes()}))
        BOOST_TEST(at.shown.find("/" + name + "\n") != std::string::npos, name);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
