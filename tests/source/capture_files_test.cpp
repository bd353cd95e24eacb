// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/capture_files.hpp"

#include <asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <vector>

#include "support/temp_dir.hpp"

namespace cpg {

namespace {

class lines_of final : public flow_receiver {
  public:
    void on_input(piece_ptr piece) override {
        flow_batch batch;
        piece->decode(cache_, batch);
        lines += batch.lines;
    }
    void on_end(source_end end) override {
        ++ends;
        problem = end.problem;
    }

    std::uint64_t lines = 0;
    int ends = 0;
    std::string problem;

  private:
    label_table table_;
    decode_cache cache_{table_};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(capture_files_suite)

BOOST_AUTO_TEST_CASE(whole_lines_that_were_read_before_a_stop_are_used_and_half_of_one_is_not) {
    const test::temp_dir dir;
    test::write_text(dir / "capture", "{}\n{}\n{}\n{\"half");
    asio::io_context io;
    lines_of receiver;
    const auto source = std::make_unique<capture_files>(list_inputs(std::vector{(dir / "capture").string()}),
                                                        io.get_executor(), io.get_executor());
    source->start(receiver);
    source->request(4);
    while (source->bytes_read() == 0)
        BOOST_REQUIRE(io.run_one() == 1u);
    BOOST_TEST(receiver.lines == 0u);
    source->stop();
    io.run();
    BOOST_TEST(receiver.lines == 3u);
    BOOST_TEST(receiver.ends == 1);
    BOOST_TEST(receiver.problem == "");
}

BOOST_AUTO_TEST_CASE(progress_is_over_all_files_and_a_piece_comes_only_when_asked_for) {
    const test::temp_dir dir;
    std::vector<std::string> paths;
    for (const char* name : {"a", "b", "c", "d"}) {
        test::write_text(dir / name, "{}\n");
        paths.push_back((dir / name).string());
    }
    asio::io_context io;
    lines_of receiver;
    const auto source = std::make_unique<capture_files>(list_inputs(paths), io.get_executor(), io.get_executor());
    source->start(receiver);
    for (std::uint64_t piece = 1; piece <= 4; ++piece) {
        source->request(1);
        io.run();
        io.restart();
        BOOST_TEST(receiver.lines == piece);
        BOOST_TEST(source->progress() <= 0.25 * static_cast<double>(piece));
        BOOST_TEST(source->progress() > 0.25 * static_cast<double>(piece) - 0.26);
    }
    source->request(1);
    io.run();
    BOOST_TEST(receiver.ends == 1);
    BOOST_TEST(source->progress() == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
