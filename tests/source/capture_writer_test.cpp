// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/capture_writer.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "observer/observer.pb.h"
#include "support/temp_dir.hpp"

namespace cpg {

namespace {

std::string message(const std::string& uuid) {
    observer::GetFlowsResponse out;
    out.mutable_flow()->set_uuid(uuid);
    return out.SerializeAsString();
}

// As the gate leaves it: with the flows that did not come before.
void keep(flow_batch& batch, std::initializer_list<std::string_view> uuids) {
    for (const std::string_view uuid : uuids)
        batch.flows.emplace_back().uuid = uuid;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(capture_writer_suite)

BOOST_AUTO_TEST_CASE(a_flow_that_comes_twice_is_written_once) {
    const test::temp_dir dir;
    const std::string a = message("a");
    const std::string b = message("b");
    const std::string without = message("");
    capture_writer out((dir / "capture").string());
    flow_batch first;
    keep(first, {"a", "", ""});
    out.write(std::vector<std::string_view>{a, a, without, without}, first);
    flow_batch second;
    keep(second, {"b"});
    out.write(std::vector<std::string_view>{a, b}, second);
    BOOST_TEST(out.finish() == "");
    BOOST_TEST(out.lines() == 4u);
    BOOST_TEST(test::read_text(dir / "capture") ==
               "{\"flow\":{\"uuid\":\"a\"}}\n{\"flow\":{}}\n{\"flow\":{}}\n{\"flow\":{\"uuid\":\"b\"}}\n");
}

BOOST_AUTO_TEST_CASE(what_can_not_be_written_is_no_silent_loss) {
    const test::temp_dir dir;
    capture_writer out((dir / "capture").string());
    const std::string good = message("a");
    flow_batch batch;
    keep(batch, {"a"});
    out.write(std::vector<std::string_view>{good, "no message"}, batch);
    BOOST_TEST(out.lines() == 1u);
    BOOST_TEST(out.finish().ends_with("is not whole: 1 messages can't be written as JSON, for they are damaged"));
}

// So little that all of it is written when the file is closed.
BOOST_AUTO_TEST_CASE(a_disk_that_is_full_at_the_end_is_told) {
    for (const char* name : {"capture", "capture.gz"}) {
        const test::temp_dir dir;
        std::filesystem::create_symlink("/dev/full", dir / name);
        capture_writer out((dir / name).string());
        flow_batch batch;
        keep(batch, {"a"});
        const std::string flow = message("a");
        out.write(std::vector<std::string_view>{flow}, batch);
        BOOST_TEST(out.finish().ends_with(": No space left on device"), name);
        BOOST_TEST(out.finish().ends_with(": No space left on device"), name);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
