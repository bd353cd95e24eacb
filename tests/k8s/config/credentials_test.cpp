// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/config/credentials.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <system_error>

#include "base/error.hpp"
#include "support/patience.hpp"
#include "support/quiet_log.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

namespace cpg::k8s {

using test::quiet_log;
using test::temp_dir;
using test::write_text;

namespace {

using namespace std::chrono_literals;

const std::string v1 = "client.authentication.k8s.io/v1";

struct plugin_case {
    temp_dir dir;
    asio::io_context context;
    cluster_access access;

    plugin_case() {
        access.user.exec = exec_plugin{};
        access.user.exec->api_version = v1;
        access.user.exec->interactive_mode = "Never";
        access.user.exec->command = (dir / "plugin").string();
        access.server_text = "https://127.0.0.1:16443";
    }

    void script(const std::string& body) const {
        write_text(dir / "plugin", "#!/bin/sh\necho run >> " + (dir / "runs").string() + "\n" + body);
        std::filesystem::permissions(dir / "plugin", std::filesystem::perms::owner_all);
    }
    void answers(const std::string& status) const {
        script("cat <<'END'\n{\"kind\":\"ExecCredential\",\"apiVersion\":\"" + v1 + "\"" + status + "}\nEND\n");
    }
    std::size_t runs() const { return test::read_text(dir / "runs").size() / 4; }

    identity get(credentials& who, std::chrono::milliseconds time = 10s) {
        identity out;
        std::exception_ptr failed;
        asio::co_spawn(context, who.get(std::chrono::steady_clock::now() + time),
                       [&](std::exception_ptr e, identity i) {
                           failed = e;
                           out = std::move(i);
                       });
        context.restart();
        context.run();
        if (failed) std::rethrow_exception(failed);
        return out;
    }
    std::string error_of(std::chrono::milliseconds time = 10s) {
        credentials who(context.get_executor(), access, quiet_log());
        try {
            get(who, time);
        } catch (const fatal_error& error) {
            return error.what();
        }
        return "no error";
    }
};

std::string header(const identity& who, const std::string& name) {
    std::string out;
    for (const auto& [key, value] : who.headers)
        if (key == name) out += value + ";";
    return out;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(credentials_suite, plugin_case)

BOOST_AUTO_TEST_CASE(a_good_plugin_runs_once_and_its_token_is_kept) {
    answers(R"(,"status":{"token":"abc"})");
    credentials who(context.get_executor(), access, quiet_log());
    BOOST_TEST(header(get(who), "Authorization") == "Bearer abc;");
    BOOST_TEST(header(get(who), "Authorization") == "Bearer abc;");
    BOOST_TEST(runs() == 1U);
}

BOOST_AUTO_TEST_CASE(a_refused_token_is_asked_for_once_more) {
    answers(R"(,"status":{"token":"abc"})");
    credentials who(context.get_executor(), access, quiet_log());
    const identity first = get(who);
    BOOST_TEST(who.refuse(first));
    BOOST_TEST(who.refuse(first));  // a second request with the same token
    get(who);
    BOOST_TEST(runs() == 2U);
}

BOOST_AUTO_TEST_CASE(an_expired_token_is_asked_for_again) {
    answers(R"(,"status":{"token":"abc","expirationTimestamp":"2020-01-02T03:04:05Z"})");
    credentials who(context.get_executor(), access, quiet_log());
    get(who);
    get(who);
    BOOST_TEST(runs() == 2U);
    answers(R"(,"status":{"token":"abc","expirationTimestamp":"2999-01-02T03:04:05.5+01:00"})");
    get(who);
    get(who);
    BOOST_TEST(runs() == 3U);
}

BOOST_AUTO_TEST_CASE(two_requests_at_once_share_one_run) {
    answers(R"(,"status":{"token":"abc"})");
    credentials who(context.get_executor(), access, quiet_log());
    int done = 0;
    for (int i = 0; i < 2; ++i)
        asio::co_spawn(context, who.get(std::chrono::steady_clock::now() + 10s),
                       [&](const std::exception_ptr& failed, const identity&) { done += failed ? 0 : 1; });
    context.run();
    BOOST_TEST(done == 2);
    BOOST_TEST(runs() == 1U);
}

BOOST_AUTO_TEST_CASE(what_the_plugin_is_told) {
    access.user.exec->provide_cluster_info = true;
    access.user.exec->env = {{"KEY", "its own"}};
    access.user.exec->args = {"one two", "three"};
    access.certificate_authority.data = "pem";
    access.exec_config = R"({"audience":"abc"})";
    script("printf '%s|%s|%s' \"$KUBERNETES_EXEC_INFO\" \"$KEY\" \"$1\" > \"$(dirname \"$0\")/told\"; exit 3\n");
    BOOST_TEST(error_of() ==
               "getting credentials: exec: executable " + access.user.exec->command + " failed with exit code 3");
    BOOST_TEST(test::read_text(dir / "told") ==
               R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"cluster":{"server":)"
               R"("https://127.0.0.1:16443","certificate-authority-data":"cGVt","config":{"audience":"abc"}},)"
               R"("interactive":false}})"
               "\n|its own|one two");
}

BOOST_AUTO_TEST_CASE(bad_answers_are_explained_and_never_shown) {
    const auto says = [this](const std::string& status) {
        answers(status);
        return error_of();
    };
    BOOST_TEST(says("") == "getting credentials: exec plugin didn't return a status field");
    BOOST_TEST(says(R"(,"status":{})") == "getting credentials: exec plugin didn't return a token or cert/key pair");
    BOOST_TEST(says(R"(,"status":{"clientKeyData":"secret"})") ==
               "getting credentials: exec plugin returned only certificate or key, not both");
    script("echo garbage secret\n");
    BOOST_TEST(error_of().find("getting credentials: decoding stdout: ") == 0U);
    BOOST_TEST(error_of().find("secret") == std::string::npos);
    access.user.exec->api_version = "client.authentication.k8s.io/v1beta1";
    BOOST_TEST(says(R"(,"status":{"token":"x"})") ==
               "getting credentials: exec plugin is configured to use API version "
               "client.authentication.k8s.io/v1beta1, "
               "plugin returned version client.authentication.k8s.io/v1");
    access.user.exec->api_version = "client.authentication.k8s.io/v1alpha1";
    BOOST_TEST(error_of() ==
               "getting credentials: exec plugin: invalid apiVersion \"client.authentication.k8s.io/v1alpha1\"");
}

BOOST_AUTO_TEST_CASE(a_slow_plugin_is_stopped_with_its_children) {
    script("sleep 3000 & sleep 3000\n");
    const auto start = std::chrono::steady_clock::now();
    BOOST_TEST(error_of(300ms).find("did not finish in time and was stopped") != std::string::npos);
    BOOST_TEST((std::chrono::steady_clock::now() - start < test::patient(10s)));
}

BOOST_AUTO_TEST_CASE(a_plugin_that_prints_without_end_is_stopped) {
    script("exec cat /dev/zero\n");
    BOOST_TEST(error_of().find("printed more than 1 MiB") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_plugin_that_is_not_installed_comes_with_its_hint) {
    access.user.exec->command = "cpg-no-such-plugin";
    access.user.exec->install_hint = "install it";
    const std::string error = error_of();
    BOOST_TEST(error.starts_with("getting credentials: exec: executable cpg-no-such-plugin not found: "), error);
    BOOST_TEST(error.ends_with("; the kubeconfig says: install it"), error);
    BOOST_TEST(error.find('\n') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_interactive_plugin_needs_a_terminal) {
    access.user.exec->interactive_mode = "Always";
    if (::isatty(0)) return;
    BOOST_TEST(error_of() ==
               "getting credentials: exec plugin cannot support interactive mode: standard input is not a terminal");
}

BOOST_AUTO_TEST_CASE(cancelling_kills_the_plugin) {
    script("exec sleep 3000\n");
    credentials who(context.get_executor(), access, quiet_log());
    asio::cancellation_signal stop;
    std::exception_ptr failed;
    asio::co_spawn(
        context, who.get(std::chrono::steady_clock::now() + test::patient(60s)),
        asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e, const identity&) { failed = e; }));
    BOOST_REQUIRE(test::run_until(context, [&] { return runs() == 1U; }));
    stop.emit(asio::cancellation_type::terminal);
    BOOST_REQUIRE(test::run_dry(context));
    BOOST_CHECK_THROW(std::rethrow_exception(failed), std::system_error);
}

BOOST_AUTO_TEST_CASE(a_user_with_a_token_needs_no_plugin) {
    access.user.exec->command = "cpg-no-such-plugin";
    access.user.token = "t";
    credentials who(context.get_executor(), access, quiet_log());
    BOOST_TEST(header(get(who), "Authorization") == "Bearer t;");
}

BOOST_AUTO_TEST_CASE(a_token_file_wins_and_is_read_again_after_a_401) {
    access.user.exec.reset();
    access.user.token_file = (dir / "token").string();
    BOOST_TEST(error_of().find("failed to read token file") != std::string::npos);
    write_text(dir / "token", " \n");
    BOOST_TEST(error_of() == "getting credentials: read empty token from file \"" + access.user.token_file + "\"");
    access.user.token = "t";
    credentials fallen_back(context.get_executor(), access, quiet_log());
    BOOST_TEST(header(get(fallen_back), "Authorization") == "Bearer t;");
    write_text(dir / "token", "one\n");
    credentials who(context.get_executor(), access, quiet_log());
    const identity first = get(who);
    BOOST_TEST(header(first, "Authorization") == "Bearer one;");
    write_text(dir / "token", "two\n");
    BOOST_TEST(header(get(who), "Authorization") == "Bearer one;");
    BOOST_TEST(who.refuse(first));
    BOOST_TEST(header(get(who), "Authorization") == "Bearer two;");
}

BOOST_AUTO_TEST_CASE(basic_and_impersonation_headers) {
    access.user = user_credentials{};
    access.user.username = "a";
    access.user.password = "b";
    access.user.impersonate = "me";
    access.user.impersonate_groups = {"g1", "g2"};
    access.user.impersonate_extra = {{"k/y", {"v"}}};
    credentials who(context.get_executor(), access, quiet_log());
    const identity as = get(who);
    BOOST_TEST(header(as, "Authorization") == "Basic YTpi;");
    BOOST_TEST(header(as, "Impersonate-Group") == "g1;g2;");
    BOOST_TEST(header(as, "Impersonate-Extra-k%2Fy") == "v;");
    BOOST_TEST(!who.refuse(as));
}

BOOST_AUTO_TEST_CASE(an_oidc_token_is_used_while_it_is_valid) {
    access.user = user_credentials{};
    // {"exp":1} and {"exp":32503680000}
    access.user.provider = auth_provider{"oidc", {{"id-token", "e30.eyJleHAiOjF9.x"}}};
    BOOST_TEST(error_of().find("the id-token of auth provider \"oidc\" has expired") != std::string::npos);
    access.user.provider->config["id-token"] = "e30.eyJleHAiOjMyNTAzNjgwMDAwfQ.x";
    credentials who(context.get_executor(), access, quiet_log());
    BOOST_TEST(header(get(who), "Authorization") == "Bearer e30.eyJleHAiOjMyNTAzNjgwMDAwfQ.x;");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s
