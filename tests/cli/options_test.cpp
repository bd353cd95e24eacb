// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/options.hpp"

#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "cli/check_options.hpp"

namespace cpg {

namespace {

using words = std::vector<std::string>;

parsed_options parse(const words& typed) {
    return parse_options(typed, "cpg");
}

std::string problem(const words& typed) {
    try {
        parse(typed);
    } catch (const usage_error& error) {
        return error.what();
    }
    return "accepted";
}

// What the table says of what is typed.
std::string refusal(const words& typed) {
    try {
        check_options(parse(typed));
    } catch (const usage_error& error) {
        return error.what();
    }
    return "accepted";
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(options_suite)

BOOST_AUTO_TEST_CASE(a_value_stands_behind_an_equals_sign_or_as_the_next_word) {
    BOOST_TEST(parse({"replay", "--output-dir=x", "-"}).text("output-dir") == "x");
    BOOST_TEST(parse({"replay", "--output-dir", "x", "-"}).text("output-dir") == "x");
    BOOST_TEST(parse({"replay", "-o", "x", "-"}).text("output-dir") == "x");
    BOOST_TEST(parse({"replay", "-ox", "-"}).text("output-dir") == "x");
    BOOST_TEST(parse({"replay", "-"}).text("output-dir") == "./policies");
    BOOST_TEST(parse({"replay", "--output-dir=a=b", "-"}).text("output-dir") == "a=b");
}

BOOST_AUTO_TEST_CASE(lists_repeat_and_take_commas) {
    const parsed_options parsed_options = parse({"replay", "-na,b", "--namespace", "c", "-n", "d", "-"});
    BOOST_TEST((parsed_options.list("namespace") == words{"a", "b", "c", "d"}));
    BOOST_TEST(parse({"replay", "-"}).list("namespace").empty());
}

BOOST_AUTO_TEST_CASE(the_last_of_several_values_counts) {
    BOOST_TEST(parse({"replay", "-o", "a", "-o", "b", "-"}).text("output-dir") == "b");
}

BOOST_AUTO_TEST_CASE(global_flags_stand_before_or_behind_the_command) {
    BOOST_TEST(parse({"--json", "replay", "-"}).is_on("json"));
    BOOST_TEST(parse({"replay", "-", "--json"}).is_on("json"));
    BOOST_TEST(parse({"--log-level", "debug", "replay", "-"}).text("log-level") == "debug");
    BOOST_TEST(parse({"--log-level", "debug", "replay", "-"}).command->name == "replay");
}

BOOST_AUTO_TEST_CASE(switches_are_turned_off_by_a_value) {
    BOOST_TEST(!parse({"replay", "--dry-run=false", "-"}).is_on("dry-run"));
    BOOST_TEST(parse({"replay", "--dry-run=true", "-"}).is_on("dry-run"));
    BOOST_TEST(has(problem({"replay", "--dry-run=maybe", "-"}), "--dry-run is true or false"));
}

BOOST_AUTO_TEST_CASE(short_flags_take_their_value_behind_an_equals_sign_too) {
    BOOST_TEST((parse({"replay", "-n=prod", "-"}).list("namespace") == words{"prod"}));
    BOOST_TEST(parse({"replay", "-o=dir", "-"}).text("output-dir") == "dir");
    BOOST_TEST(parse({"replay", "-o=a=b", "-"}).text("output-dir") == "a=b");
    BOOST_TEST(parse({"replay", "-Ao=dir", "-"}).text("output-dir") == "dir");
    BOOST_TEST(parse({"replay", "-Ao=dir", "-"}).is_on("all-namespaces"));
    BOOST_TEST(!parse({"replay", "-A=false", "-"}).is_on("all-namespaces"));
    BOOST_TEST(parse({"replay", "-odir=x", "-"}).text("output-dir") == "dir=x");
    BOOST_TEST(parse({"replay", "-o", "-n=prod", "-"}).text("output-dir") == "-n=prod");
    BOOST_TEST(has(problem({"replay", "-x=y", "-"}), "unknown flag -x"));
}

BOOST_AUTO_TEST_CASE(what_is_near_is_begun_or_misspelt_and_never_one_letter) {
    BOOST_TEST(has(problem({"generate", "--serv"}), "did you mean --server?"));
    BOOST_TEST(has(problem({"replay", "--dry", "-"}), "did you mean --dry-run?"));
    BOOST_TEST(has(problem({"replay", "--tls-c", "-"}), "did you mean --tls-ca-cert-files?"));
    for (const std::string flag : {"-x", "--x", "--bla"})
        BOOST_TEST(!has(problem({"generate", flag}), "did you mean"), flag);
}

BOOST_AUTO_TEST_CASE(errors_point_to_the_help_that_has_the_answer) {
    BOOST_TEST(has(problem({"replay", "--bla", "-"}), "see 'cpg replay --help'"));
    BOOST_TEST(has(problem({"-n", "replay", "generate", "--bla"}), "see 'cpg generate --help'"));
    BOOST_TEST(has(problem({"--bla"}), "see 'cpg --help'"));
}

BOOST_AUTO_TEST_CASE(a_lone_dash_is_an_argument) {
    BOOST_TEST((parse({"replay", "-"}).arguments == words{"-"}));
    BOOST_TEST((parse({"replay", "-A", "-"}).arguments == words{"-"}));
}

BOOST_AUTO_TEST_CASE(words_behind_two_dashes_are_arguments) {
    BOOST_TEST((parse({"replay", "--", "-odd-name.jsonl"}).arguments == words{"-odd-name.jsonl"}));
    BOOST_TEST((parse({"replay", "--", "--dry-run=true"}).arguments == words{"--dry-run=true"}));
}

BOOST_AUTO_TEST_CASE(a_value_may_look_like_a_switch_with_a_value) {
    BOOST_TEST(parse({"replay", "-o", "--dry-run=dir", "-"}).text("output-dir") == "--dry-run=dir");
}

BOOST_AUTO_TEST_CASE(only_flags_of_the_command_are_suggested) {
    BOOST_TEST(has(problem({"generate", "--serve=x"}), "did you mean --server?"));
    BOOST_TEST(!has(problem({"replay", "--serve=x", "-"}), "--server?"));
    BOOST_TEST(has(problem({"--serve=x"}), "did you mean --server?"));
}

BOOST_AUTO_TEST_CASE(hubbles_flags_are_answered_with_what_there_is_here) {
    BOOST_TEST(has(problem({"generate", "--follow"}), "generate follows by itself"));
    BOOST_TEST(has(problem({"generate", "--last", "20"}), "--since"));
    BOOST_TEST(has(problem({"generate", "--input-file=x"}), "cpg replay FILE"));
    BOOST_TEST(!has(problem({"explain", "--follow"}), "generate follows"));
}

BOOST_AUTO_TEST_CASE(what_is_not_in_the_table_is_refused_with_a_suggestion) {
    BOOST_TEST(has(problem({"replay", "--dryrun", "-"}), "--dry-run"));
    BOOST_TEST(has(problem({"replay", "--namespac=x", "-"}), "--namespace"));
    BOOST_TEST(has(problem({"replya", "-"}), "replay"));
    BOOST_TEST(has(problem({"replay", "-x", "-"}), "unknown flag"));
    BOOST_TEST(has(problem({"replay", "--outp", "x", "-"}), "unknown flag"));
    BOOST_TEST(has(problem({"replay", "--no\x1b[31m"}), "unknown flag"));
    BOOST_TEST(!has(problem({"replay", "--no\x1b[31m"}), "\x1b"));
}

BOOST_AUTO_TEST_CASE(a_value_that_is_missing_is_named) {
    BOOST_TEST(has(problem({"replay", "-", "--output-dir"}), "output-dir"));
    BOOST_TEST(has(problem({"replay", "-", "-o"}), "needs a value"));
}

BOOST_AUTO_TEST_CASE(a_flag_of_another_command_is_refused) {
    BOOST_TEST(has(problem({"replay", "--server", "x:1", "-"}), "--server is not a flag of replay"));
    BOOST_TEST(has(problem({"explain", "--dry-run", "a/b"}), "--dry-run is not a flag of explain"));
    BOOST_TEST(has(problem({"generate", "--output", "jsonpb"}), "policies go to --output-dir"));
    BOOST_TEST(has(problem({"generate", "--all"}), "--since 24h takes"));
    BOOST_TEST(!has(problem({"explain", "--all", "a/b"}), "--since 24h takes"));
}

BOOST_AUTO_TEST_CASE(durations_are_read_as_go_prints_them) {
    const auto interval = [](const std::string& text) {
        return duration_of(parse({"replay", "--flush-interval", text, "-"}), "flush-interval");
    };
    using namespace std::chrono_literals;
    BOOST_TEST((interval("300ms") == 300ms));
    BOOST_TEST((interval("1m30s") == 90s));
    BOOST_TEST((interval("2h") == 2h));
    BOOST_TEST((interval("7d") == 168h));
    BOOST_TEST((interval("1d12h") == 36h));
    for (const std::string bad : {"", "0", "0s", "-1s", "5", "5 s", "soon", "1y", "9999999999h", "200000d"})
        BOOST_CHECK_THROW(interval(bad), usage_error);
}

BOOST_AUTO_TEST_CASE(counts_are_whole_numbers_within_bounds) {
    const auto sessions = [](const std::string& text) {
        return count_of(parse({"replay", "--evidence-sessions", text, "-"}), "evidence-sessions");
    };
    BOOST_TEST(sessions("7") == 7u);
    for (const std::string bad : {"", "0", "-1", "1.5", "many", "99999999999999999999"})
        BOOST_CHECK_THROW(sessions(bad), usage_error);
}

BOOST_AUTO_TEST_CASE(values_are_those_of_the_row) {
    BOOST_TEST(refusal({"replay", "-", "--color", "red"}) == "--color is auto, always or never, not \"red\"");
    BOOST_TEST(refusal({"replay", "-", "--color", "Always"}) == "--color is auto, always or never, not \"Always\"");
    BOOST_TEST(refusal({"replay", "-", "--ignore-protocol", "tcp,SCTP"}) == "accepted");
    BOOST_TEST(has(refusal({"replay", "-", "--ignore-protocol", "tcp,http"}), "icmpv6 or sctp, not \"http\""));
    BOOST_TEST(refusal({"replay", "-", "--l7", "--l7-min-flows", "0"}) ==
               "--l7-min-flows is a whole number from 1 to 1000000, not \"0\"");
    BOOST_TEST(has(refusal({"explain", "--port", "65536"}), "from 1 to 65535"));
    BOOST_TEST(has(refusal({"generate", "--timeout", "0s"}), "--timeout: must be greater than 0"));
    BOOST_TEST(has(refusal({"replay", "-", "--since", "yesterday"}), "neither a duration back from now"));
    BOOST_TEST(refusal({"replay", "-", "-o", ""}) == "--output-dir must not be empty");
}

BOOST_AUTO_TEST_CASE(options_exclude_each_other_in_the_words_of_the_row) {
    BOOST_TEST(refusal({"replay", "-", "-A", "-n", "a"}) == "--all-namespaces and --namespace exclude each other");
    BOOST_TEST(refusal({"replay", "-", "-A=false", "-n", "a"}) == "accepted");
    BOOST_TEST(has(refusal({"explain", "--ingress", "--egress"}), "no rule is both"));
    BOOST_TEST(has(refusal({"replay", "-", "--dry-run", "--partial", "x"}), "--dry-run is about policies"));
    BOOST_TEST(has(refusal({"combine", "p", "--no-evidence", "--partial", "x"}), "a part has what it has"));
    BOOST_TEST(refusal({"replay", "-", "--no-evidence", "--partial", "x"}) == "accepted");
    BOOST_TEST(has(refusal({"bootstrap", "--allow-dns", "--ingress-only"}), "--allow-dns is about egress"));
}

BOOST_AUTO_TEST_CASE(options_lack_the_one_that_they_go_with) {
    BOOST_TEST(refusal({"replay", "-", "--no-diff"}) == "--no-diff goes with --dry-run");
    BOOST_TEST(refusal({"replay", "-", "--no-diff", "--dry-run"}) == "accepted");
    BOOST_TEST(refusal({"replay", "-", "--no-diff", "--dry-run=false"}) == "--no-diff goes with --dry-run");
    // Of a live stream they are the relay's, and parts have their own --l7.
    BOOST_TEST(refusal({"replay", "-", "--tls-server-name", "x"}) == "--tls-server-name goes with --loki");
    BOOST_TEST(refusal({"generate", "--tls-server-name", "x"}) == "accepted");
    BOOST_TEST(refusal({"replay", "-", "--l7-collapse-paths"}) == "--l7-collapse-paths goes with --l7");
    BOOST_TEST(refusal({"combine", "p", "--l7-collapse-paths"}) == "accepted");
    BOOST_TEST(has(refusal({"verify", "p", "--evidence-dir", "x"}), "goes with it alone"));
    BOOST_TEST(refusal({"explain", "--evidence-dir", "x"}) == "accepted");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
