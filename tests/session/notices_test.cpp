// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/notices.hpp"

#include <boost/test/unit_test.hpp>

#include "support/quiet_log.hpp"

namespace cpg {

namespace {

using names = std::set<std::string>;

void say(notices& to, const char* state, const std::vector<std::string>& nodes) {
    flow_batch batch;
    batch.nodes.push_back({.state = state, .nodes = nodes, .message = {}});
    to.on_batch(batch);
}

void see_flow_of(notices& to, std::string_view node) {
    flow_batch batch;
    batch.flows.emplace_back().node_name = node;
    to.on_batch(batch);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(notices_suite)

// Relay says when it loses a node, and nothing when it has it again.
BOOST_AUTO_TEST_CASE(a_node_of_which_a_flow_comes_is_available) {
    notices told(test::quiet_log());
    say(told, "NODE_UNAVAILABLE", {"eu/a", "eu/b"});
    say(told, "NODE_ERROR", {"eu/c"});
    BOOST_TEST((told.unavailable_nodes() == names{"eu/a", "eu/b", "eu/c"}));
    see_flow_of(told, "eu/d");
    see_flow_of(told, "eu/c");
    BOOST_TEST((told.unavailable_nodes() == names{"eu/a", "eu/b"}));
    say(told, "NODE_CONNECTED", {"eu/a"});
    BOOST_TEST((told.unavailable_nodes() == names{"eu/b"}));
    see_flow_of(told, "eu/b");
    say(told, "NODE_ERROR", {"eu/b"});
    BOOST_TEST((told.unavailable_nodes() == names{"eu/b"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
