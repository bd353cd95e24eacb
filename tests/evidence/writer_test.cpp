// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "evidence/writer.hpp"

#include <boost/test/unit_test.hpp>
#include <sstream>

#include "evidence/file.hpp"
#include "support/evidence_samples.hpp"
#include "support/temp_dir.hpp"

namespace cpg {

using namespace test;

namespace {

const selector api_labels = {{"app", "api"}};
const selector other_labels = {{"app.kubernetes.io/name", "api"}};

struct fixture {
    temp_dir dir;
    logger log{{.level = log_level::error, .json = false, .colour = false, .descriptor = -1}};
    evidence_writer writer{{.folder = dir.path(),
                            .output_dir = "/srv/policies",
                            .limits = {},
                            .cpg_version = "1.0.0",
                            .source = {},
                            .required = false},
                           log};
    evidence_session session = session_at(afternoon_ns, "this");

    static evidence_place written(const selector& labels, const std::string& name, bool failed = false) {
        return {.pod_namespace = "prod", .labels = labels, .workload = name, .policy_failed = failed};
    }
    std::filesystem::path path(const std::string& name) const { return dir / ("prod/" + name + ".json"); }
    std::uint64_t count(const std::string& name) const {
        const auto found = read_evidence(path(name));
        return found ? found->rules.begin()->second.flow_count : 0;
    }
    static workload_rules saw(std::uint64_t count, const selector& labels = api_labels) {
        return {"prod", labels, {{from_frontend(), flows(count, afternoon_ns)}}};
    }
    void write(const std::vector<workload_rules>& taken, const std::vector<evidence_place>& places) {
        writer.write(taken, places, session);
    }
    // What an earlier session left: four flows.
    evidence_document leave_earlier_evidence() const {
        evidence_document before = empty_evidence();
        add_session(before, session_at(afternoon_ns - 1, "earlier"), {{from_frontend(), flows(4, afternoon_ns)}}, {});
        folder to(path("api").parent_path());
        write_evidence(to, "api.json", before);
        return before;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(evidence_writer_suite, fixture)

BOOST_AUTO_TEST_CASE(flushes_do_not_add_up) {
    write({saw(2)}, {written(api_labels, "api")});
    write({saw(5)}, {written(api_labels, "api")});
    const auto found = read_evidence(path("api"));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->policy_name == "cpg-api");
    BOOST_TEST(found->sessions.size() == 1u);
    BOOST_TEST(found->rules.begin()->second.flow_count == 5u);
    BOOST_TEST(found->rules.begin()->second.contributing_sessions.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_session_adds_to_what_was_there) {
    leave_earlier_evidence();
    for (int i = 0; i < 3; ++i)
        write({saw(2)}, {written(api_labels, "api")});
    BOOST_TEST(count("api") == 6u);
}

BOOST_AUTO_TEST_CASE(a_failed_policy_has_no_evidence_until_it_is_written) {
    write({saw(1)}, {written(api_labels, "api", true)});
    BOOST_TEST(!std::filesystem::exists(path("api")));
    write({saw(2)}, {});
    BOOST_TEST(!std::filesystem::exists(path("api")));
    write({saw(2)}, {written(api_labels, "api")});
    BOOST_TEST(count("api") == 2u);
}

BOOST_AUTO_TEST_CASE(a_policy_that_is_new_gets_its_evidence_when_that_is_taken) {
    write({}, {written(api_labels, "api")});
    BOOST_TEST(!std::filesystem::exists(path("api")));
    BOOST_TEST(!writer.lacks_rules());
    write({saw(2)}, {});
    BOOST_TEST(count("api") == 2u);
}

BOOST_AUTO_TEST_CASE(a_policy_that_did_not_grow_keeps_its_name_and_its_evidence_grows) {
    write({saw(1)}, {written(api_labels, "api")});
    session.flows_ingested = 999;
    write({saw(3)}, {});
    BOOST_TEST(count("api") == 3u);
    BOOST_TEST(read_evidence(path("api"))->sessions.back().flows_ingested == 999u);
}

BOOST_AUTO_TEST_CASE(evidence_follows_a_policy_to_its_new_name) {
    write({saw(7, other_labels)}, {written(other_labels, "api")});
    write({saw(1), saw(7, other_labels)}, {written(api_labels, "api"), written(other_labels, "api-0123abcd")});
    BOOST_TEST(count("api") == 1u);
    BOOST_TEST(count("api-0123abcd") == 7u);
    BOOST_TEST(!writer.lacks_rules());
}

BOOST_AUTO_TEST_CASE(a_policy_that_moved_without_its_rules_at_hand_asks_for_them) {
    write({saw(7, other_labels)}, {written(other_labels, "api")});
    BOOST_TEST(!writer.lacks_rules());
    write({saw(1)}, {written(api_labels, "api"), written(other_labels, "api-0123abcd")});
    BOOST_TEST(count("api") == 1u);
    BOOST_TEST(count("api-0123abcd") == 0u);
    BOOST_TEST(writer.lacks_rules());
    write({saw(1), saw(7, other_labels)}, {});
    BOOST_TEST(count("api-0123abcd") == 7u);
    BOOST_TEST(!writer.lacks_rules());
}

BOOST_AUTO_TEST_CASE(a_file_that_a_policy_left_is_as_before) {
    const evidence_document before = leave_earlier_evidence();
    write({saw(7)}, {written(api_labels, "api")});
    BOOST_TEST(count("api") == 11u);
    write({saw(7)}, {written(api_labels, "api-0123abcd")});
    BOOST_TEST((read_evidence(path("api")) == before));
    BOOST_TEST(count("api-0123abcd") == 7u);
    write({saw(7)}, {written(api_labels, "api-4567abcd")});
    BOOST_TEST(!std::filesystem::exists(path("api-0123abcd")));
}

BOOST_AUTO_TEST_CASE(damaged_evidence_is_left_alone_and_counted_once) {
    write_text(path("api"), "{\"schema_version\": 1}");
    for (int i = 0; i < 3; ++i)
        write({saw(1)}, {written(api_labels, "api")});
    BOOST_TEST(read_text(path("api")) == "{\"schema_version\": 1}");
    BOOST_TEST(writer.failed() == 1u);
}

BOOST_AUTO_TEST_CASE(the_output_directory_is_noted_once_a_session_and_only_for_the_user) {
    const std::filesystem::path note = dir / "output-dir";
    write({saw(1)}, {written(api_labels, "api", true)});
    BOOST_TEST(!std::filesystem::exists(note));
    write({saw(1)}, {written(api_labels, "api")});
    BOOST_TEST(read_text(note) == "/srv/policies\n");
    BOOST_TEST((std::filesystem::status(note).permissions() ==
                (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)));
    std::filesystem::remove(note);
    write({saw(2)}, {});
    BOOST_TEST(!std::filesystem::exists(note));
}

BOOST_AUTO_TEST_CASE(a_session_id_is_its_start_and_chance) {
    const std::string id = new_session_id(afternoon_ns + 123'456'789);
    BOOST_TEST(id.substr(0, 21) == "2026-04-24T14:00:00Z-");
    BOOST_TEST(id.size() == 25u);
}

BOOST_AUTO_TEST_CASE(what_could_not_be_written_is_wanted_again_once_its_policy_is_there) {
    write({saw(3)}, {written(api_labels, "api", true)});
    BOOST_TEST(!std::filesystem::exists(path("api")));
    BOOST_TEST(!writer.lacks_rules());
    write({}, {written(api_labels, "api")});
    BOOST_TEST(writer.lacks_rules());
    write({saw(3)}, {});
    BOOST_TEST(!writer.lacks_rules());
    BOOST_TEST(count("api") == 3u);
}

BOOST_AUTO_TEST_CASE(a_file_that_failed_is_whole_when_the_disk_is) {
    std::filesystem::create_directories(path("api"));
    write({saw(3)}, {written(api_labels, "api")});
    BOOST_TEST(writer.failed() == 1u);
    std::filesystem::remove(path("api"));
    write({saw(4)}, {});
    BOOST_TEST(writer.failed() == 0u);
    BOOST_TEST(count("api") == 4u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
