// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_options.hpp"

#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "source/relay_request.hpp"

namespace cpg {

BOOST_AUTO_TEST_SUITE(relay_options_suite)

BOOST_AUTO_TEST_CASE(address_forms) {
    BOOST_TEST(parse_relay_address("localhost:4245").target == "dns:///localhost:4245");
    BOOST_TEST(parse_relay_address("[::1]:80").target == "dns:///[::1]:80");
    BOOST_TEST(!parse_relay_address("relay:80").tls);
    BOOST_TEST(parse_relay_address("tls://relay.example:443").tls);
    BOOST_TEST(parse_relay_address("tls://relay.example:443").target == "dns:///relay.example:443");
    BOOST_TEST(parse_relay_address("tls://relay.example:443").shown == "tls://relay.example:443");
    BOOST_TEST(parse_relay_address("unix:///run/hubble.sock").target == "unix:/run/hubble.sock");
    BOOST_TEST(parse_relay_address("unix-abstract:x").tunnel);
}

BOOST_AUTO_TEST_CASE(addresses_that_are_refused_say_why) {
    for (const auto& [text, why] :
         std::vector<std::pair<std::string, std::string>>{{"", "empty"},
                                                          {"localhost", "localhost:4245"},
                                                          {":4245", "host is missing"},
                                                          {"localhost:", "no port"},
                                                          {"localhost:http", "no port"},
                                                          {"localhost:65536", "no port"},
                                                          {"localhost:0", "no port"},
                                                          {"::1:4245", "brackets"},
                                                          {"[::1]", "port is missing"},
                                                          {"http://relay:80", "tls://host:port"},
                                                          {"relay:80/path", "host:port"},
                                                          {"re lay:80", "host:port"},
                                                          {"user:secret@relay:80", "before the @"},
                                                          {"tls://user:secret@relay:80", "before the @"},
                                                          {"http://user:secret@relay:80", "before the @"},
                                                          {"unix://socket", "absolute"},
                                                          {"unix:///" + std::string(200, 'x'), "107"}})
        BOOST_CHECK_EXCEPTION(parse_relay_address(text), usage_error, [&](const usage_error& error) {
            BOOST_TEST_INFO(error.what());
            BOOST_TEST(std::string(error.what()).find("secret") == std::string::npos);
            return std::string(error.what()).find(why) != std::string::npos;
        });
}

BOOST_AUTO_TEST_CASE(settings_that_do_not_fit_together) {
    relay_options options;
    options.address = parse_relay_address("localhost:1");
    check_relay_options(options);
    options.tls.server_name = "x";
    check_relay_options(options);  // of the environment, where it serves other servers too
    options.tls.by_flags = true;
    BOOST_CHECK_THROW(check_relay_options(options), usage_error);
    options.tls.enabled = true;
    check_relay_options(options);
    options.tls.client_cert_file = "x";
    BOOST_CHECK_THROW(check_relay_options(options), usage_error);
    options.tls.client_key_file = "y";
    check_relay_options(options);
    options.timeout = nanoseconds(0);
    BOOST_CHECK_THROW(check_relay_options(options), usage_error);
}

BOOST_AUTO_TEST_CASE(the_request_is_for_what_was_dropped) {
    const auto all = flows_request({}, {}, std::nullopt);
    BOOST_TEST(all.follow());
    BOOST_TEST(!all.has_since());
    BOOST_TEST(all.whitelist_size() == 1);
    BOOST_TEST(all.whitelist(0).verdict(0) == ::flow::DROPPED);
    BOOST_TEST(all.whitelist(0).verdict_size() == 1);
    const auto audited = flows_request({}, {.audit = true}, std::nullopt);
    BOOST_REQUIRE(audited.whitelist(0).verdict_size() == 2);
    BOOST_TEST(audited.whitelist(0).verdict(1) == ::flow::AUDIT);
    const std::vector<std::string> namespaces = {"a", "b"};
    const auto some = flows_request(namespaces, {}, 5'000'000'007);
    BOOST_TEST(some.since().seconds() == 5);
    BOOST_TEST(some.since().nanos() == 7);
    BOOST_TEST(some.whitelist_size() == 2);
    BOOST_TEST(some.whitelist(0).source_pod(1) == "b/");
    BOOST_TEST(some.whitelist(0).destination_pod_size() == 0);
    BOOST_TEST(some.whitelist(1).destination_pod(0) == "a/");
    BOOST_TEST(some.whitelist(1).verdict(0) == ::flow::DROPPED);
}

BOOST_AUTO_TEST_CASE(with_l7_it_is_for_requests_that_were_let_through_as_well) {
    const auto all = flows_request({}, {.l7 = true}, std::nullopt);
    BOOST_REQUIRE(all.whitelist_size() == 2);
    BOOST_TEST(all.whitelist(1).verdict_size() == 0);
    BOOST_TEST(all.whitelist(1).event_type(0).type() == 129);
    BOOST_REQUIRE(all.whitelist(1).reply_size() == 1);
    BOOST_TEST(!all.whitelist(1).reply(0));
    const std::vector<std::string> namespaces = {"a", "b"};
    const auto some = flows_request(namespaces, {.l7 = true}, std::nullopt);
    BOOST_REQUIRE(some.whitelist_size() == 4);
    BOOST_TEST(some.whitelist(2).source_pod(1) == "b/");
    BOOST_TEST(some.whitelist(3).destination_pod(0) == "a/");
    BOOST_TEST(some.whitelist(3).event_type(0).type() == 129);
}

BOOST_AUTO_TEST_CASE(with_forwarded_it_is_for_events_of_allowed_connections_behind_translation_as_well) {
    const auto all = flows_request({}, {.forwarded = true}, std::nullopt);
    BOOST_REQUIRE(all.whitelist_size() == 2);
    const ::flow::FlowFilter& asked = all.whitelist(1);
    BOOST_REQUIRE(asked.verdict_size() == 2);
    BOOST_TEST(asked.verdict(0) == ::flow::FORWARDED);
    BOOST_TEST(asked.verdict(1) == ::flow::REDIRECTED);
    std::string types;
    for (const auto& each : asked.event_type())
        types += std::to_string(each.type()) +
                 (each.match_sub_type() ? "." + std::to_string(each.sub_type()) : std::string()) + " ";
    BOOST_TEST(types == "4.0 4.2 4.3 4.4 4.11 5 ");
    BOOST_REQUIRE(asked.reply_size() == 1);
    BOOST_TEST(!asked.reply(0));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
