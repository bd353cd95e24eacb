// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/merged_sources.hpp"

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <utility>

#include "support/piece.hpp"
#include "support/quiet_log.hpp"

namespace cpg {

namespace {

using names = std::vector<std::string>;

// Gives pieces that carry its name, and ends when it is told to.
class scripted final : public flow_source {
  public:
    scripted(asio::io_context& io, std::string name) : io_(io), name_(std::move(name)) {}

    void start(flow_receiver& receiver) override { receiver_ = &receiver; }
    void request(std::size_t pieces) override {
        credits += pieces;
        asio::post(io_, [this] { give(); });
    }
    void stop() override { end(""); }
    std::uint64_t bytes_read() const override { return 10; }
    bool has_begun() const override { return begun; }

    void offer(std::size_t pieces) {
        offered += pieces;
        asio::post(io_, [this] { give(); });
    }
    void end(std::string problem) {
        asio::post(io_, [this, problem = std::move(problem)] {
            if (!std::exchange(ended, true)) receiver_->on_end({problem});
        });
    }

    std::size_t credits = 0;
    std::size_t offered = 0;
    bool begun = true;
    bool ended = false;

  private:
    // One piece at a time, as a stream does.
    void give() {
        if (credits == 0 || offered == 0 || ended) return;
        --credits;
        --offered;
        asio::post(io_, [this] { give(); });
        receiver_->on_input(test::piece_of([name = name_](decode_cache&, flow_batch& batch) { batch.bytes = name; }));
    }

    asio::io_context& io_;
    const std::string name_;
    flow_receiver* receiver_ = nullptr;
};

class taker final : public flow_receiver {
  public:
    void on_input(piece_ptr piece) override {
        flow_batch batch;
        piece->decode(cache_, batch);
        pieces.push_back(batch.bytes);
    }
    void on_end(source_end end) override { ends.push_back(end.problem); }

    names pieces;
    names ends;

  private:
    label_table table_;
    decode_cache cache_{table_};
};

struct fixture {
    fixture() {
        std::vector<named_source> sources;
        for (const char* name : {"a", "b", "c"}) {
            auto made = std::make_unique<scripted>(io, name);
            each.push_back(made.get());
            sources.push_back({name, std::move(made)});
        }
        merged.emplace(io.get_executor(), std::move(sources), test::quiet_log());
        merged->start(to);
        run();
    }
    void run() {
        io.run();
        io.restart();
    }
    void request(std::size_t pieces) {
        merged->request(pieces);
        run();
    }

    asio::io_context io;
    taker to;
    std::vector<scripted*> each;
    std::optional<merged_sources> merged;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(merged_sources_suite, fixture)

BOOST_AUTO_TEST_CASE(nothing_comes_unasked_and_each_reads_one_piece_ahead) {
    for (scripted* source : each)
        source->offer(5);
    run();
    BOOST_TEST(to.pieces.empty());
    for (const scripted* source : each)
        BOOST_TEST(source->offered == 4u);
    request(2);
    BOOST_TEST(to.pieces.size() == 2u);
}

BOOST_AUTO_TEST_CASE(those_that_have_something_take_turns) {
    for (scripted* source : each)
        source->offer(3);
    run();
    request(9);
    BOOST_TEST(to.pieces == (names{"a", "b", "c", "a", "b", "c", "a", "b", "c"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_with_nothing_to_give_holds_nobody_up) {
    request(4);
    each[1]->offer(4);
    run();
    BOOST_TEST(to.pieces == (names{"b", "b", "b", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_that_fails_ends_alone_and_its_problem_is_the_last_word) {
    request(8);
    each[0]->end("a: refused");
    run();
    BOOST_TEST(to.ends.empty());
    each[1]->offer(1);
    run();
    BOOST_TEST(to.pieces == names{"b"}, boost::test_tools::per_element());
    merged->stop();
    run();
    BOOST_TEST(to.ends == names{"a: refused"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(where_all_fail_the_last_word_names_them) {
    for (scripted* source : each)
        source->end("gone");
    run();
    BOOST_TEST(to.ends == names{"3 of 3 servers were lost: gone; gone; gone"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_last_word_comes_behind_the_last_piece) {
    each[2]->offer(1);
    run();
    merged->stop();
    run();
    BOOST_TEST(to.ends.empty());
    request(1);
    BOOST_TEST(to.pieces == names{"c"}, boost::test_tools::per_element());
    BOOST_TEST(to.ends == names{""}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(it_has_begun_where_one_has_and_bytes_are_added_up) {
    each[0]->begun = each[1]->begun = false;
    BOOST_TEST(merged->has_begun());
    each[2]->begun = false;
    BOOST_TEST(!merged->has_begun());
    BOOST_TEST(merged->bytes_read() == 30u);
    merged->stop();
    run();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
