// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/tunnel/tunnel_machine.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

namespace cpg::k8s {

namespace {

// Runs the machine over a script of events, one letter each, and writes down its steps.
// Events: p pod found, y/n renewed or not, c connected, u 401, f 403, g pod gone, s unscheduled, x anything
// else.
std::string play(transport first, const std::string& events, tunnel_fault expected = tunnel_fault::none) {
    constexpr const char* letters = "RWSC+-";  // in the order of tunnel_step
    tunnel_machine machine(first);
    std::string steps;
    const auto note = [&](tunnel_step step) { steps += letters[static_cast<std::size_t>(step)]; };
    note(machine.start());
    for (const char event : events) {
        switch (event) {
            case 'p': note(machine.on_pod()); break;
            case 'y': note(machine.on_renewed(true)); break;
            case 'n': note(machine.on_renewed(false)); break;
            case 'c': note(machine.on_upgrade(upgrade_outcome::connected)); break;
            case 'u': note(machine.on_upgrade(upgrade_outcome::unauthorized)); break;
            case 'f': note(machine.on_upgrade(upgrade_outcome::forbidden)); break;
            case 'g': note(machine.on_upgrade(upgrade_outcome::pod_gone)); break;
            case 's': note(machine.on_upgrade(upgrade_outcome::pod_unscheduled)); break;
            default: note(machine.on_upgrade(upgrade_outcome::failed)); break;
        }
    }
    BOOST_TEST((machine.fault() == expected), events);
    return steps;
}

constexpr transport ws = transport::websocket;
constexpr transport spdy = transport::spdy;

}  // namespace

BOOST_AUTO_TEST_SUITE(tunnel_machine_suite)

// R resolve pod, W open WebSocket, S open SPDY, C renew credentials, + connected, - give up.
BOOST_AUTO_TEST_CASE(a_websocket_that_works_is_used) {
    BOOST_TEST(play(ws, "pc") == "RW+");
}

BOOST_AUTO_TEST_CASE(a_refused_websocket_is_followed_by_spdy) {
    BOOST_TEST(play(ws, "pfc") == "RWS+");
    BOOST_TEST(play(ws, "pxc") == "RWS+");
}

BOOST_AUTO_TEST_CASE(what_worked_last_time_comes_first) {
    BOOST_TEST(play(spdy, "pc") == "RS+");
    BOOST_TEST(play(spdy, "pxc") == "RSW+");
}

BOOST_AUTO_TEST_CASE(only_two_403_are_a_lack_of_permission) {
    BOOST_TEST(play(ws, "pff", tunnel_fault::forbidden) == "RWS-");
    BOOST_TEST(play(ws, "pfx", tunnel_fault::refused) == "RWS-");
    BOOST_TEST(play(ws, "pxf", tunnel_fault::refused) == "RWS-");
    BOOST_TEST(play(spdy, "pff", tunnel_fault::forbidden) == "RSW-");
}

BOOST_AUTO_TEST_CASE(credentials_are_renewed_once) {
    BOOST_TEST(play(ws, "puyc") == "RWCW+");
    BOOST_TEST(play(ws, "pun", tunnel_fault::unauthorized) == "RWC-");
    BOOST_TEST(play(ws, "puyu", tunnel_fault::unauthorized) == "RWCW-");
    BOOST_TEST(play(ws, "puyfu", tunnel_fault::unauthorized) == "RWCWS-");
    BOOST_TEST(play(ws, "pfuyc") == "RWSCS+");
}

BOOST_AUTO_TEST_CASE(a_pod_that_has_gone_is_looked_up_anew_three_times) {
    BOOST_TEST(play(ws, "pgpc") == "RWRW+");
    BOOST_TEST(play(ws, "pspc") == "RWRW+");
    BOOST_TEST(play(ws, "pgpgpgpg", tunnel_fault::pod_gone) == "RWRWRWRW-");
    BOOST_TEST(play(ws, "pxgpc") == "RWSRS+");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s
