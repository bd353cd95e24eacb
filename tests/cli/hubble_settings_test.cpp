// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/hubble_settings.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "base/error.hpp"
#include "support/temp_dir.hpp"

namespace cpg {

namespace {

using texts = std::vector<std::string>;

// A home of its own, with nothing of the caller's environment in it.
struct hubble_case {
    test::temp_dir dir;

    hubble_case() {
        for (const char* const name : {"HUBBLE_SERVER", "HUBBLE_TLS", "HUBBLE_TLS_CA_CERT_FILES", "HUBBLE_CONFIG"})
            ::unsetenv(name);
        ::setenv("HOME", dir.path().c_str(), 1);
        ::setenv("XDG_CONFIG_HOME", (dir / "config").c_str(), 1);
    }

    std::string write(const std::string& name, const std::string& text) {
        std::filesystem::create_directories((dir / name).parent_path());
        test::write_text(dir / name, text);
        return (dir / name).string();
    }

    parsed_options options;
    hubble_settings settings(const texts& flags = {}) {
        texts words = {"generate"};
        words.insert(words.end(), flags.begin(), flags.end());
        options = parse_options(words, "cpg");
        return hubble_settings(options);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hubble_settings_suite, hubble_case)

BOOST_AUTO_TEST_CASE(a_flag_wins_over_the_environment_and_that_over_the_file) {
    BOOST_TEST(settings().text("server") == "");
    BOOST_TEST(settings().origin("server") == "");
    const std::string file = write("config/hubble/config.yaml", "server: file:1\ntls: true\n");
    BOOST_TEST(settings().text("server") == "file:1");
    BOOST_TEST(settings().origin("server") == "server in " + file);
    BOOST_TEST(settings().is_on("tls"));
    ::setenv("HUBBLE_SERVER", "environment:1", 1);
    ::setenv("HUBBLE_TLS", "0", 1);
    BOOST_TEST(settings().text("server") == "environment:1");
    BOOST_TEST(settings().origin("server") == "HUBBLE_SERVER");
    BOOST_TEST(!settings().is_on("tls"));
    BOOST_TEST(settings({"--server", "flag:1"}).text("server") == "flag:1");
    BOOST_TEST(settings({"--server", "flag:1"}).origin("server") == "--server");
    BOOST_TEST(settings({"--tls"}).is_on("tls"));
}

BOOST_AUTO_TEST_CASE(the_file_is_the_one_that_is_named_else_the_first_that_is_there) {
    write(".hubble/config.yaml", "server: home:1\n");
    BOOST_TEST(settings().text("server") == "home:1");
    write("config/hubble/config.yaml", "server: config:1\n");
    BOOST_TEST(settings().text("server") == "config:1");
    ::setenv("HUBBLE_CONFIG", write("variable.yaml", "server: variable:1\n").c_str(), 1);
    BOOST_TEST(settings().text("server") == "variable:1");
    const std::string named = write("named.yaml", "server: named:1\n");
    BOOST_TEST(settings({"--config", named}).text("server") == "named:1");
    BOOST_CHECK_THROW(settings({"--config", (dir / "none.yaml").string()}), fatal_error);
}

BOOST_AUTO_TEST_CASE(lists_are_parted_at_white_space_and_commas) {
    ::setenv("HUBBLE_TLS_CA_CERT_FILES", " a.pem b.pem,c.pem ,\td.pem", 1);
    BOOST_TEST((settings().list("tls-ca-cert-files") == texts{"a.pem", "b.pem", "c.pem", "d.pem"}));
    BOOST_TEST(
        (settings({"--tls-ca-cert-files", "a b.pem,c.pem"}).list("tls-ca-cert-files") == texts{"a b.pem", "c.pem"}));
    ::unsetenv("HUBBLE_TLS_CA_CERT_FILES");
    write("config/hubble/config.yaml", "tls-ca-cert-files: [a.pem, b.pem]\n");
    BOOST_TEST((settings().list("tls-ca-cert-files") == texts{"a.pem", "b.pem"}));
}

BOOST_AUTO_TEST_CASE(booleans_are_those_of_go) {
    for (const char* const text : {"1", "t", "T", "true", "TRUE", "True"}) {
        ::setenv("HUBBLE_TLS", text, 1);
        BOOST_TEST(settings().is_on("tls"), text);
    }
    for (const char* const text : {"", "0", "f", "F", "false", "FALSE", "False"}) {
        ::setenv("HUBBLE_TLS", text, 1);
        BOOST_TEST(!settings().is_on("tls"), text);
    }
    ::setenv("HUBBLE_TLS", "yes", 1);
    BOOST_CHECK_EXCEPTION(settings().is_on("tls"), usage_error, [](const usage_error& error) {
        return std::string(error.what()) == "HUBBLE_TLS is true or false, not \"yes\"";
    });
}

BOOST_AUTO_TEST_CASE(a_file_that_can_not_be_read_is_named_and_bounded) {
    const auto problem = [&](const std::string& text) {
        const std::string file = write("bad.yaml", text);
        try {
            settings({"--config", file});
        } catch (const fatal_error& error) {
            BOOST_TEST(std::string(error.what()).find(file) != std::string::npos);
            return std::string(error.what());
        }
        return std::string("none");
    };
    BOOST_TEST(problem("- a\n- b\n").find("not a mapping") != std::string::npos);
    BOOST_TEST(problem("server: [a\n").find("line ") != std::string::npos);
    BOOST_TEST(problem("a: &a [*a]\n") != "none");
    BOOST_TEST(problem("") == "none");
    BOOST_TEST(problem("server: {a: b}\nother: 3\n") == "none");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
