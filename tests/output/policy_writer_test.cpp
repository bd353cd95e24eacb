// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/policy_writer.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "output/writer_case.hpp"
#include "policy/policy_text.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;
using test::wanted;
using test::writer_case;

/// Changes with every rewrite of a file: rename gives it another inode.
std::pair<ino_t, std::int64_t> mark_of(const fs::path& path) {
    struct stat status {};
    BOOST_TEST_REQUIRE(::stat(path.c_str(), &status) == 0);
    return {status.st_ino, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(policy_writer_suite)

BOOST_AUTO_TEST_CASE(a_new_policy_is_written_below_its_namespace) {
    writer_case at;
    const auto result = at.session({{wanted("app", "cart", {80})}});
    BOOST_TEST_REQUIRE(result.size() == 1u);
    BOOST_TEST((result[0].status == write_status::written));
    BOOST_TEST(test::read_text(at.file("cart.yaml")) == policy_text(wanted("app", "cart", {80})));
    BOOST_TEST(at.faults() == "");
}

BOOST_AUTO_TEST_CASE(a_file_that_has_it_all_is_not_touched) {
    writer_case at;
    at.session({{wanted("app", "cart", {80, 81})}});
    const auto before = mark_of(at.file("cart.yaml"));
    policy_writer writer(at.settings(), at.log);
    writer.write({wanted("app", "cart", {80})});
    writer.write({wanted("app", "cart", {80, 81})});
    BOOST_TEST((mark_of(at.file("cart.yaml")) == before));
    BOOST_TEST(writer.written() == 0u);
    BOOST_TEST(writer.unchanged() == 1u);
}

BOOST_AUTO_TEST_CASE(a_flush_without_news_writes_nothing_and_the_file_counts_once) {
    writer_case at;
    policy_writer writer(at.settings(), at.log);
    writer.write({wanted("app", "cart", {80})});
    const auto before = mark_of(at.file("cart.yaml"));
    writer.write({wanted("app", "cart", {80})});
    BOOST_TEST((mark_of(at.file("cart.yaml")) == before));
    writer.write({wanted("app", "cart", {80, 81})});
    BOOST_TEST((mark_of(at.file("cart.yaml")) != before));
    BOOST_TEST(writer.written() == 1u);
    BOOST_TEST(writer.unchanged() == 0u);
}

BOOST_AUTO_TEST_CASE(many_flushes_leave_the_bytes_of_one) {
    writer_case once;
    once.session({{wanted("app", "cart", {1, 2, 3})}});
    writer_case thrice;
    thrice.session({{wanted("app", "cart", {3})}, {wanted("app", "cart", {2, 3})}, {wanted("app", "cart", {1, 2, 3})}});
    BOOST_TEST((once.on_disk() == thrice.on_disk()));
}

BOOST_AUTO_TEST_CASE(what_a_person_edits_while_a_session_runs_is_kept) {
    writer_case at;
    policy_writer writer(at.settings(), at.log);
    writer.write({wanted("app", "cart", {80})});
    std::string edited = test::read_text(at.file("cart.yaml"));
    edited.insert(edited.find("  ingress:"), "  # by hand\n");
    test::write_text(at.file("cart.yaml"), edited);
    writer.write({wanted("app", "cart", {80, 81})});
    const std::string after = test::read_text(at.file("cart.yaml"));
    BOOST_TEST(after.find("  # by hand\n") != std::string::npos);
    BOOST_TEST(after.find("\"81\"") != std::string::npos);
    BOOST_TEST(at.faults() == "");
}

BOOST_AUTO_TEST_CASE(a_file_deleted_while_a_session_runs_is_written_whole_again) {
    writer_case at;
    policy_writer writer(at.settings(), at.log);
    writer.write({wanted("app", "cart", {80})});
    fs::remove(at.file("cart.yaml"));
    writer.write({wanted("app", "cart", {80, 81})});
    BOOST_TEST(test::read_text(at.file("cart.yaml")) == policy_text(wanted("app", "cart", {80, 81})));
}

BOOST_AUTO_TEST_CASE(one_failed_policy_does_not_hold_up_the_others) {
    writer_case at;
    test::write_text(at.file("cart.yaml"), "not yaml: [\n");
    policy_writer writer(at.settings(), at.log);
    writer.write({wanted("app", "cart", {80}), wanted("app", "basket", {80})});
    BOOST_TEST(writer.failed() == 1u);
    BOOST_TEST(writer.written() == 1u);
    BOOST_TEST(test::read_text(at.file("cart.yaml")) == "not yaml: [\n");
}

BOOST_AUTO_TEST_CASE(a_policy_that_failed_is_tried_again_at_the_next_flush_without_being_asked) {
    writer_case at;
    test::write_text(at.file("cart.yaml"), "not yaml: [\n");
    policy_writer writer(at.settings(), at.log);
    writer.write({wanted("app", "cart", {80})});
    BOOST_TEST((writer.write({})[0].status == write_status::failed));
    fs::remove(at.file("cart.yaml"));
    BOOST_TEST((writer.write({})[0].status == write_status::written));
    BOOST_TEST(writer.failed() == 0u);
    BOOST_TEST(writer.written() == 1u);
    BOOST_TEST(writer.write({}).empty());
}

// The cluster is asked between reading and writing, a moment like any other.
BOOST_AUTO_TEST_CASE(an_edit_between_reading_and_writing_is_merged_too) {
    for (const bool is_new : {true, false}) {
        writer_case at;
        if (!is_new) at.session({{wanted("app", "cart", {80})}});
        std::string edited = policy_text(wanted("app", "cart", {82}));
        edited.insert(edited.find("  ingress:"), "  # by hand\n");
        int edits = 1;
        writer_settings settings = at.settings();
        settings.in_cluster = [&](const policy&) {
            if (edits-- > 0) test::write_text(at.file("cart.yaml"), edited);
            return false;
        };
        policy_writer writer(settings, at.log);
        writer.write({wanted("app", "cart", {81})});
        BOOST_TEST(writer.written() == 1u);
        const std::string after = test::read_text(at.file("cart.yaml"));
        BOOST_TEST(after.find("  # by hand\n") != std::string::npos);
        BOOST_TEST(after.find("\"82\"") != std::string::npos);
        BOOST_TEST(after.find("\"81\"") != std::string::npos);
        BOOST_TEST(at.faults() == "");
    }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_always_being_changed_fails_and_is_left_alone) {
    writer_case at;
    writer_settings settings = at.settings();
    int edits = 0;
    settings.in_cluster = [&](const policy&) {
        test::write_text(at.file("cart.yaml"),
                         policy_text(wanted("app", "cart", {static_cast<std::uint16_t>(1000 + ++edits)})));
        return false;
    };
    policy_writer writer(settings, at.log);
    writer.write({wanted("app", "cart", {80})});
    BOOST_TEST(writer.failed() == 1u);
    BOOST_TEST(edits == 4);  // beside the others, and three times by itself
}

BOOST_AUTO_TEST_CASE(an_output_folder_that_was_removed_is_missed) {
    writer_case at;
    policy_writer writer(at.settings(), at.log);
    writer.write({wanted("app", "cart", {80})});
    BOOST_TEST(writer.output_is_in_place());
    fs::remove_all(at.dir());
    BOOST_TEST(!writer.output_is_in_place());
}

BOOST_AUTO_TEST_CASE(links_out_of_the_output_folder_are_refused) {
    writer_case at;
    fs::create_directories(at.beside("elsewhere"));
    fs::create_directories(at.dir());
    fs::create_symlink(at.beside("elsewhere"), at.dir() / "shop");
    BOOST_TEST((at.session({{wanted("app", "cart", {80})}})[0].status == write_status::failed));
    BOOST_TEST(fs::is_empty(at.beside("elsewhere")));
}

BOOST_AUTO_TEST_CASE(a_link_to_another_file_inside_is_followed_and_stays_a_link) {
    writer_case at;
    fs::create_directories(at.dir() / "shop");
    test::write_text(at.file("real.yaml"), policy_text(wanted("app", "cart", {80})));
    fs::create_symlink(at.file("real.yaml"), at.file("cart.yaml"));
    at.session({{wanted("app", "cart", {81})}});
    BOOST_TEST(fs::is_symlink(at.file("cart.yaml")));
    BOOST_TEST(test::read_text(at.file("real.yaml")).find("\"81\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_output_folder_itself_may_be_a_link) {
    writer_case at;
    fs::create_directories(at.beside("real"));
    fs::create_symlink(at.beside("real"), at.dir());
    BOOST_TEST((at.session({{wanted("app", "cart", {80})}})[0].status == write_status::written));
    BOOST_TEST(fs::exists(at.beside("real") / "shop/cart.yaml"));
}

BOOST_AUTO_TEST_CASE(a_dry_run_writes_nothing_and_shows_exactly_what_a_real_run_does) {
    writer_case at;
    at.session({{wanted("app", "cart", {80})}});
    const test::files before = at.on_disk();
    at.session({{wanted("app", "cart", {81}), wanted("app", "basket", {1})}}, true);
    BOOST_TEST((at.on_disk() == before));
    BOOST_TEST(at.shown.find("+            - port: \"81\"") != std::string::npos);
    BOOST_TEST(at.shown.find("\n-    # TCP/80 from app=frontend\n+    # TCP/80, TCP/81 from app=frontend\n") !=
                   std::string::npos,
               at.shown);
    BOOST_TEST(at.shown.find("-            - port") == std::string::npos);
    BOOST_TEST(at.shown.find("--- /dev/null") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_policy_that_the_cluster_has_is_skipped) {
    writer_case at;
    writer_settings settings = at.settings();
    settings.in_cluster = [](const policy& policy) { return policy.workload == "cart"; };
    policy_writer writer(settings, at.log);
    const auto result = writer.write({wanted("app", "cart", {80}), wanted("app", "basket", {80})});
    BOOST_TEST((at.on_disk().size() == 1u));
    BOOST_TEST(writer.written() == 1u);
    BOOST_TEST(writer.unchanged() == 1u);
}

BOOST_AUTO_TEST_CASE(a_policy_is_found_by_its_name_in_whatever_file_of_the_namespace_it_stands) {
    writer_case at;
    const std::string mine = "# the shop\n" + policy_text(wanted("app", "cart", {80}));
    test::write_text(at.file("all-policies.yml"), mine);
    at.session({{wanted("app", "cart", {80, 81})}});
    BOOST_TEST(!std::filesystem::exists(at.file("cart.yaml")));
    BOOST_TEST(test::read_text(at.file("all-policies.yml")) ==
               "# the shop\n" + policy_text(wanted("app", "cart", {80, 81})));
}

BOOST_AUTO_TEST_CASE(the_file_of_its_own_name_comes_before_one_that_merely_names_the_policy) {
    writer_case at;
    test::write_text(at.file("all-policies.yml"), policy_text(wanted("app", "cart", {80})));
    test::write_text(at.file("cart.yaml"), policy_text(wanted("app", "cart", {80})));
    at.session({{wanted("app", "cart", {81})}});
    BOOST_TEST(test::read_text(at.file("all-policies.yml")) == policy_text(wanted("app", "cart", {80})));
    BOOST_TEST(test::read_text(at.file("cart.yaml")) == policy_text(wanted("app", "cart", {80, 81})));
}

BOOST_AUTO_TEST_CASE(a_file_that_can_not_be_read_does_not_stand_in_the_way_of_a_policy_elsewhere) {
    writer_case at;
    test::write_text(at.file("broken.yaml"), "cpg-cart: [\n");
    at.session({{wanted("app", "cart", {80})}});
    BOOST_TEST(test::read_text(at.file("cart.yaml")) == policy_text(wanted("app", "cart", {80})));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
