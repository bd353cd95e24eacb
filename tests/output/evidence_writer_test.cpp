// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/evidence_writer.hpp"

#include <boost/test/unit_test.hpp>
#include <sstream>

#include "output/evidence_file.hpp"
#include "output/evidence_samples.hpp"
#include "support/temp_dir.hpp"

namespace cpg {

using namespace test;
using namespace std::chrono_literals;

namespace {

const selector api_labels = {{"app", "api"}};
const selector other_labels = {{"app.kubernetes.io/name", "api"}};

struct fixture {
    temp_dir dir;
    logger log{{.level = log_level::error, .json = false, .colour = false, .descriptor = -1}};
    evidence_writer writer{
        {.folder = dir.path(), .limits = {}, .cpg_version = "1.0.0", .source = {}, .required = false}, log};
    evidence_session session = session_at(afternoon_ns, "this");
    evidence_writer::clock::time_point now = evidence_writer::clock::time_point(1h);

    static written_policy written(const selector& labels, const std::string& name,
                                  write_status status = write_status::written) {
        policy made;
        made.pod_namespace = "prod";
        made.workload = name;
        made.endpoint_selector = labels;
        return {made, status};
    }
    std::filesystem::path path(const std::string& name) const { return dir / ("prod/" + name + ".json"); }
    std::uint64_t count(const std::string& name) const {
        const auto found = read_evidence(path(name));
        return found ? found->rules.begin()->second.flow_count : 0;
    }
    void saw(std::uint64_t count, const selector& labels = api_labels) {
        writer.take("prod", labels, {{from_frontend(), flows(count, afternoon_ns)}});
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(evidence_writer_suite, fixture)

BOOST_AUTO_TEST_CASE(flushes_do_not_add_up) {
    saw(2);
    writer.write({written(api_labels, "api")}, session, false, now);
    saw(5);
    writer.write({written(api_labels, "api", write_status::unchanged)}, session, true, now);
    const auto of = read_evidence(path("api"));
    BOOST_REQUIRE(of.has_value());
    BOOST_TEST(of->policy_name == "cpg-api");
    BOOST_TEST(of->sessions.size() == 1u);
    BOOST_TEST(of->rules.begin()->second.flow_count == 5u);
    BOOST_TEST(of->rules.begin()->second.contributing_sessions.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_session_adds_to_what_was_there) {
    evidence before = empty_evidence();
    add_session(before, session_at(afternoon_ns - 1, "earlier"), {{from_frontend(), flows(4, afternoon_ns)}}, {});
    write_evidence(path("api"), before);
    for (int i = 0; i < 3; ++i) {
        saw(2);
        writer.write({written(api_labels, "api")}, session, i == 2, now);
    }
    BOOST_TEST(count("api") == 6u);
}

BOOST_AUTO_TEST_CASE(a_failed_policy_has_no_evidence_until_it_is_written) {
    saw(1);
    writer.write({written(api_labels, "api", write_status::failed)}, session, false, now);
    BOOST_TEST(!std::filesystem::exists(path("api")));
    saw(2);
    writer.write({}, session, true, now);
    BOOST_TEST(!std::filesystem::exists(path("api")));
    writer.write({written(api_labels, "api")}, session, false, now);
    BOOST_TEST(count("api") == 2u);
}

BOOST_AUTO_TEST_CASE(counts_alone_are_written_now_and_then_and_at_the_end) {
    saw(1);
    writer.write({written(api_labels, "api")}, session, false, now);
    saw(2);
    writer.write({}, session, false, now + 29s);
    BOOST_TEST(count("api") == 1u);
    writer.write({}, session, false, now + 30s);
    BOOST_TEST(count("api") == 2u);
    saw(3);
    writer.write({}, session, true, now + 31s);
    BOOST_TEST(count("api") == 3u);
}

BOOST_AUTO_TEST_CASE(at_the_end_every_file_of_the_session_has_its_last_record) {
    saw(1);
    writer.write({written(api_labels, "api")}, session, false, now);
    session.flows_ingested = 999;
    writer.write({}, session, true, now);
    BOOST_TEST(read_evidence(path("api"))->sessions.back().flows_ingested == 999u);
}

BOOST_AUTO_TEST_CASE(evidence_follows_a_policy_to_its_new_name) {
    saw(7, other_labels);
    writer.write({written(other_labels, "api")}, session, false, now);
    saw(1);
    writer.write({written(api_labels, "api"), written(other_labels, "api-0123abcd")}, session, false, now);
    BOOST_TEST(count("api") == 1u);
    BOOST_TEST(count("api-0123abcd") == 7u);
}

BOOST_AUTO_TEST_CASE(a_file_that_a_policy_left_is_as_before) {
    evidence before = empty_evidence();
    add_session(before, session_at(afternoon_ns - 1, "earlier"), {{from_frontend(), flows(4, afternoon_ns)}}, {});
    write_evidence(path("api"), before);
    saw(7);
    writer.write({written(api_labels, "api")}, session, false, now);
    writer.write({written(api_labels, "api-0123abcd")}, session, false, now);
    BOOST_TEST((read_evidence(path("api")) == before));
    BOOST_TEST(count("api-0123abcd") == 7u);
    writer.write({written(api_labels, "api-4567abcd")}, session, false, now);
    BOOST_TEST(!std::filesystem::exists(path("api-0123abcd")));
}

BOOST_AUTO_TEST_CASE(damaged_evidence_is_left_alone_and_counted_once) {
    write_text(path("api"), "{\"schema_version\": 1}");
    for (int i = 0; i < 3; ++i) {
        saw(1);
        writer.write({written(api_labels, "api")}, session, false, now);
    }
    BOOST_TEST(read_text(path("api")) == "{\"schema_version\": 1}");
    BOOST_TEST(writer.failed() == 1u);
}

BOOST_AUTO_TEST_CASE(a_session_id_is_its_start_and_chance) {
    const std::string id = new_session_id(afternoon_ns + 123'456'789);
    BOOST_TEST(id.substr(0, 21) == "2026-04-24T14:00:00Z-");
    BOOST_TEST(id.size() == 25u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
