// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// --include-forwarded: rules of what is allowed today, at both ends, in policies that enforce nothing.

#include <boost/test/unit_test.hpp>

#include "e2e/workplace.hpp"
#include "support/flow_line.hpp"

namespace cpg {

namespace {

using test::app_end;
using test::has;
using test::line_of;
using test::run_result;
using test::workplace;

// app=web in shop connects to app=db in data.
std::string trace(const std::string& event = R"({"type":4})", unsigned port = 5432,
                  const std::string& more = R"("is_reply":false,)") {
    return line_of({.verdict = "FORWARDED",
                    .reason = "",
                    .port = port,
                    .destination = app_end("data", "db"),
                    .event = event,
                    .more = more});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(learning)

BOOST_AUTO_TEST_CASE(a_connection_makes_a_policy_at_both_ends_that_only_allows) {
    const workplace at;
    const run_result ran = at.run({"replay", "-", "--include-forwarded", "-A"}, trace());
    BOOST_TEST(ran.exit_code == 0, ran.err);
    BOOST_TEST(has(ran.err, "WARN  --include-forwarded: the policies will allow whatever connects now"));
    BOOST_TEST(has(ran.err, "\"connections_allowed\": 1"));
    BOOST_TEST(at.files()["shop/web.yaml"] == R"(apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  labels:
    app.kubernetes.io/managed-by: cpg
  name: cpg-web
  namespace: shop
spec:
  endpointSelector:
    matchLabels:
      app: web
  enableDefaultDeny:
    egress: false
    ingress: false
  egress:
    # TCP/5432 to app=db in namespace data
    - toEndpoints:
        - matchLabels:
            app: db
            io.kubernetes.pod.namespace: data
      toPorts:
        - ports:
            - port: "5432"
              protocol: TCP
)");
    BOOST_TEST(has(at.files()["data/db.yaml"], "# TCP/5432 from app=web in namespace shop"));
    BOOST_TEST(at.files().size() == 2u);
    BOOST_TEST(has(at.run({"explain", "shop/web"}).out, "FORWARDED"));
    BOOST_TEST(has(at.run({"replay", "-", "--include-forwarded", "-A"}, trace()).err, "\"policies_written\": 0"));
}

BOOST_AUTO_TEST_CASE(only_ends_in_namespaces_that_were_asked_for_get_a_policy_and_one_must_be) {
    const workplace at;
    BOOST_TEST(at.run({"replay", "-", "--include-forwarded", "-n", "data"}, trace()).exit_code == 0);
    BOOST_TEST(at.files().size() == 1u);
    BOOST_TEST(at.files().count("data/db.yaml") == 1u);
    const run_result unasked = at.run({"replay", "-", "--include-forwarded"}, trace());
    BOOST_TEST(unasked.exit_code == 2);
    BOOST_TEST(has(unasked.err, "say for which namespaces with -n"));
}

BOOST_AUTO_TEST_CASE(what_does_not_show_a_connection_makes_nothing_and_that_is_said) {
    const workplace at;
    const std::string no_rules =
        trace(R"({"type":4,"sub_type":5})", 5432, "") + trace(R"({"type":4})", 5432, R"("is_reply":true,)") +
        trace(R"({"type":4})", 5432, R"("is_reply":false,"destination_service":{"name":"db"},)");
    const run_result ran = at.run({"replay", "-", "--include-forwarded", "-A"}, no_rules);
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(at.files().empty());
    BOOST_TEST(has(ran.err, "--include-forwarded set but no flow shows an allowed connection that opens"));
    BOOST_TEST(has(ran.err, "\"flows_not_dropped\": 3"));
    BOOST_TEST(has(at.run({"replay", "-"}, trace()).err, "--include-forwarded makes some of connections"));
}

BOOST_AUTO_TEST_CASE(no_default_deny_is_a_flag_of_its_own_and_may_be_turned_off) {
    const workplace drops;
    BOOST_TEST(drops.run({"replay", "-", "--no-default-deny"}, test::flow_line("x", 80)).exit_code == 0);
    BOOST_TEST(has(drops.files()["shop/cart.yaml"], "  enableDefaultDeny:\n    egress: false\n    ingress: false\n"));
    const workplace off;
    BOOST_TEST(off.run({"replay", "-", "--include-forwarded", "-A", "--no-default-deny=false"}, trace()).exit_code ==
               0);
    BOOST_TEST(!has(off.files()["shop/web.yaml"], "enableDefaultDeny"));
}

BOOST_AUTO_TEST_CASE(a_file_keeps_what_it_says_and_parts_of_a_capture_end_in_the_bytes_of_the_whole) {
    const workplace parts, whole, enforcing;
    const auto run = [](const workplace& at, const std::string& flows) {
        BOOST_TEST(at.run({"replay", "-", "--include-forwarded", "-A"}, flows).exit_code == 0);
    };
    run(parts, trace());
    run(parts, trace(R"({"type":5})", 5433));
    run(whole, trace(R"({"type":5})", 5433) + trace());
    BOOST_TEST((parts.files() == whole.files()));
    BOOST_TEST(parts.run({"replay", "-"}, test::flow_line("x", 80, "db", "data")).exit_code == 0);
    BOOST_TEST(has(parts.files()["data/db.yaml"], "ingress: false"));

    BOOST_TEST(enforcing.run({"replay", "-"}, test::flow_line("x", 80, "web")).exit_code == 0);
    run(enforcing, trace());
    BOOST_TEST(has(enforcing.files()["shop/web.yaml"], "  enableDefaultDeny:\n    egress: false\n  ingress:\n"));
    test::write_text(enforcing / "policies/shop/web.yaml",
                     "# mine\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata:\n  name: mine\n"
                     "spec:\n  endpointSelector:\n    matchLabels:\n      app: web\n  ingress:\n    - fromEntities:\n"
                     "        - host\n");
    const run_result ran = enforcing.run({"replay", "-", "--include-forwarded", "-A"}, trace());
    BOOST_TEST(has(ran.err, "add enableDefaultDeny: {egress: false} to its spec"), ran.err);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
