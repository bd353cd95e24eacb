// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/endpoint_memo.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <string>

#include "flow/labels.hpp"

namespace cpg {

namespace {

struct memo_case {
    label_table table;
    label_cache labels{table};
    std::deque<label_set> overflow;
    endpoint_memo memo;

    const label_set* labels_of(std::string_view label) { return labels.find(std::array{label}, overflow); }

    // The endpoint whose bytes are its namespace, a colon and its pod's name.
    endpoint read(std::string_view bytes) {
        const std::size_t colon = bytes.find(':');
        endpoint out;
        out.present = true;
        out.identity = 1234;
        out.pod_namespace = bytes.substr(0, colon);
        out.pod_name = bytes.substr(colon + 1);
        out.labels = labels_of("k8s:app=web");
        return out;
    }
    bool knows(std::string_view bytes) const {
        endpoint out;
        return memo.recall(bytes, out);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(endpoint_memo_suite, memo_case)

// Of another flow: the bytes that were remembered may be gone.
BOOST_AUTO_TEST_CASE(what_is_recalled_lies_in_the_bytes_at_hand) {
    std::string first = "shop:web-1";
    memo.remember(first, read(first));
    const std::string second = first;
    first.assign(first.size(), '#');
    endpoint out;
    BOOST_REQUIRE(memo.recall(second, out));
    BOOST_TEST(out.present);
    BOOST_TEST(out.identity == 1234u);
    BOOST_TEST(out.pod_namespace == "shop");
    BOOST_TEST(out.pod_name == "web-1");
    BOOST_TEST(out.workload.empty());
    BOOST_TEST(out.cluster.empty());
    BOOST_TEST(out.labels == labels_of("k8s:app=web"));
    BOOST_TEST((out.pod_name.data() == second.data() + 5));
}

BOOST_AUTO_TEST_CASE(only_the_very_same_bytes_are_known) {
    memo.remember("shop:web-1", read("shop:web-1"));
    for (const char* const other : {"shop:web-2", "shop:web-10", "shop:web-", "hop:web-1", ""})
        BOOST_TEST(!knows(other), other);
}

BOOST_AUTO_TEST_CASE(an_unknown_endpoint_leaves_what_was_there) {
    endpoint out = read("shop:web-1");
    BOOST_TEST(!memo.recall("shop:web-2", out));
    BOOST_TEST(out.pod_name == "web-1");
}

BOOST_AUTO_TEST_CASE(what_can_not_be_given_again_is_not_kept) {
    const std::string_view bytes = "shop:web-1";
    endpoint of_batch = read(bytes);
    const label_set passing;
    of_batch.labels = &passing;
    memo.remember(bytes, of_batch);
    BOOST_TEST(!knows(bytes), "labels of its batch alone");

    endpoint written_anew = read(bytes);
    const std::string elsewhere = "web-1";
    written_anew.pod_name = elsewhere;
    memo.remember(bytes, written_anew);
    BOOST_TEST(!knows(bytes), "text with escapes");

    const std::string huge = "shop:" + std::string(kept_endpoint::most_bytes, 'x');
    memo.remember(huge, read(huge));
    BOOST_TEST(!knows(huge), "too long");
    memo.remember({}, read(":"));
    BOOST_TEST(!knows(""), "empty");
}

// More than there are places: one is forgotten for another, and none is taken for another.
BOOST_AUTO_TEST_CASE(many_endpoints_share_the_places_and_are_never_mixed_up) {
    std::deque<std::string> all;
    for (int i = 0; i < 10'000; ++i) {
        const std::string& bytes = all.emplace_back("ns-" + std::to_string(i % 7) + ":pod-" + std::to_string(i));
        memo.remember(bytes, read(bytes));
        BOOST_TEST_REQUIRE(knows(bytes));
    }
    int known = 0;
    for (const std::string& bytes : all) {
        endpoint out;
        if (!memo.recall(bytes, out)) continue;
        ++known;
        BOOST_TEST_REQUIRE(std::string(out.pod_namespace) + ":" + std::string(out.pod_name) == bytes);
    }
    BOOST_TEST(known > 500);
    BOOST_TEST(known <= 2048);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
