// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/config/load_access.hpp"

#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "support/quiet_log.hpp"
#include "support/temp_dir.hpp"

namespace cpg::k8s {

using test::quiet_log;
using test::temp_dir;
using test::write_text;

namespace {

struct folder : temp_dir {
    access_request request() const {
        access_request out;
        out.kubeconfig_variable = (path() / "config").string();
        out.service_account = path() / "serviceaccount";
        return out;
    }
    cluster_access load(const std::string& text) const {
        write_text(path() / "config", text);
        return load_cluster_access(request(), quiet_log());
    }
};

std::string error_of(const access_request& request) {
    try {
        load_cluster_access(request, quiet_log());
    } catch (const fatal_error& error) {
        return error.what();
    }
    return "no error";
}

// A config whose parts a case replaces.
std::string config(const std::string& cluster, const std::string& user, const std::string& current = "x") {
    return "apiVersion: v1\nkind: Config\ncurrent-context: " + current +
           "\ncontexts:\n- {name: x, context: {cluster: c, user: u, namespace: ns}}\nclusters:\n- {name: c, "
           "cluster: {" +
           cluster + "}}\nusers:\n- {name: u, user: {" + user + "}}\n";
}

const std::string good_server = "server: 'https://api.example:6443'";
const std::string prefix = "loading kubeconfig: invalid configuration: ";
const std::string no_pod = ", and this is no pod with a service account";

void check_text(const std::string& text, const std::string& expected) {
    const folder dir;
    write_text(dir / "config", text);
    BOOST_TEST(error_of(dir.request()) == "loading kubeconfig: " + expected);
}

void check_invalid(const std::string& cluster, const std::string& user, const std::string& expected) {
    check_text(config(cluster, user), "invalid configuration: " + expected);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kubeconfig_suite)

BOOST_AUTO_TEST_CASE(no_file_at_all_is_the_empty_configuration) {
    const folder dir;
    BOOST_TEST(error_of(dir.request()) == prefix + "there is none: looked at " + (dir / "config").string() + no_pod);
    access_request nothing;
    nothing.service_account = dir.path();
    BOOST_TEST(error_of(nothing) == prefix + "there is none: neither KUBECONFIG nor HOME is set" + no_pod);
}

BOOST_AUTO_TEST_CASE(no_current_context_and_an_unknown_cluster_are_told_apart) {
    const folder dir;
    const std::string looked = "(looked at " + (dir / "config").string() + ")";
    write_text(dir / "config", config(good_server, "", "''"));
    BOOST_TEST(error_of(dir.request()) ==
               prefix + "no current context is set " + looked + "; choose one with --context: x");
    write_text(dir / "config", "current-context: x\ncontexts: [{name: x, context: {cluster: other}}]\n");
    BOOST_TEST(error_of(dir.request()) == prefix + "context \"x\" names a cluster that is not there " + looked);
}

BOOST_AUTO_TEST_CASE(a_context_that_names_nothing) {
    check_text(config(good_server, "", "zz"),
               "invalid configuration: [context was not found for specified context: zz, cluster has no "
               "server defined]");
}

BOOST_AUTO_TEST_CASE(a_context_flag_that_names_nothing) {
    const folder dir;
    write_text(dir / "config", config(good_server, ""));
    access_request request = dir.request();
    request.context = "prod";
    BOOST_TEST(error_of(request) ==
               "loading kubeconfig: invalid configuration: [context was not found for specified "
               "context: prod, cluster has no server defined]");
}

BOOST_AUTO_TEST_CASE(wrong_clusters) {
    check_invalid("", "", "no server found for cluster \"c\"");
    check_invalid(good_server + ", certificate-authority: /abs/nope.pem", "",
                  "unable to read certificate-authority /abs/nope.pem for c due to open /abs/nope.pem: no such file or "
                  "directory");
    check_invalid(good_server + ", certificate-authority: /dev/null, certificate-authority-data: eA==", "",
                  "certificate-authority-data and certificate-authority are both specified for c. "
                  "certificate-authority-data will override.");
    check_invalid(good_server + ", proxy-url: 'ftp://x'", "",
                  "invalid 'proxy-url' \"ftp://x\" for cluster \"c\": unsupported scheme \"ftp\", must be "
                  "http, https, or "
                  "socks5");
}

BOOST_AUTO_TEST_CASE(wrong_users) {
    check_invalid(good_server, "client-certificate-data: eA==",
                  "client-key-data or client-key must be specified for u to use the clientCert authentication method.");
    check_invalid(good_server, "token: t, username: a, password: b",
                  "more than one authentication method found for u; found [token basicAuth], only one is allowed");
    check_invalid(good_server, "as-groups: [g]",
                  "requesting uid, groups or user-extra for u without impersonating a user");
    check_invalid(good_server, "exec: {apiVersion: client.authentication.k8s.io/v1beta1}",
                  "command must be specified for u to use exec authentication plugin");
    check_invalid(good_server, "exec: {command: x, interactiveMode: Never}",
                  "apiVersion must be specified for u to use exec authentication plugin");
    check_invalid(good_server, "exec: {command: x, apiVersion: client.authentication.k8s.io/v1}",
                  "interactiveMode must be specified for u to use exec authentication plugin");
    check_invalid(good_server, "auth-provider: {name: oidc}, exec: {command: x, apiVersion: a, interactiveMode: Never}",
                  "authProvider cannot be provided in combination with an exec plugin for u");
}

BOOST_AUTO_TEST_CASE(several_errors_stand_in_brackets) {
    check_invalid("", "token: t, username: a",
                  "[more than one authentication method found for u; found [token basicAuth], only one is allowed, no "
                  "server found for cluster \"c\"]");
}

BOOST_AUTO_TEST_CASE(an_authority_beside_the_insecure_flag) {
    check_text(config(good_server + ", insecure-skip-tls-verify: true, certificate-authority-data: eA==", ""),
               "specifying a root certificates file with the insecure flag is not allowed");
}

BOOST_AUTO_TEST_CASE(removed_auth_providers) {
    check_text(config(good_server, "auth-provider: {name: gcp}"),
               "The gcp auth plugin has been removed.\nPlease use the \"gke-gcloud-auth-plugin\" kubectl/client-go "
               "credential plugin instead.\nSee "
               "https://cloud.google.com/blog/products/containers-kubernetes/kubectl-auth-changes-in-gke for "
               "further "
               "details");
    check_text(config(good_server, "auth-provider: {name: zzz}"), "no Auth Provider found for name \"zzz\"");
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be_read_are_named) {
    const folder dir;
    access_request request = dir.request();
    request.kubeconfig_variable = dir.path().string();
    BOOST_TEST(error_of(request) == "loading kubeconfig: error loading config file \"" + dir.path().string() +
                                        "\": read " + dir.path().string() + ": is a directory");
    request.kubeconfig_file = (dir / "missing").string();
    BOOST_TEST(error_of(request) ==
               "loading kubeconfig: stat " + request.kubeconfig_file + ": no such file or directory");
}

BOOST_AUTO_TEST_CASE(bad_text_is_refused_without_showing_it) {
    const folder dir;
    for (const auto& [text, part] : std::vector<std::pair<std::string, std::string>>{
             {"a: [secret", "yaml: line"},
             {"apiVersion: v2", "no kind \"Config\" is registered for version \"v2\""},
             {"clusters: [{name: c, cluster: {}}, {name: c, cluster: {}}]",
              "error converting *[]NamedCluster into *map[string]*api.Cluster: duplicate name \"c\" in list"},
             {config(good_server, "client-key-data: '!secret'"), "decode base64: illegal base64 data at input byte 0"},
             {"just text secret", "not a mapping"},
             {config("server: [secret]", ""), "field \"server\" must be a string"}}) {
        write_text(dir / "config", text);
        const std::string error = error_of(dir.request());
        BOOST_TEST(error.find("loading kubeconfig: error loading config file \"") == 0U);
        BOOST_TEST(error.find(part) != std::string::npos, error);
        BOOST_TEST(error.find("secret") == std::string::npos, error);
    }
}

BOOST_AUTO_TEST_CASE(a_good_file_is_read_whole) {
    const folder dir;
    const cluster_access access = dir.load(
        config("server: 'https://[fd00::1]/k8s/clusters/c-1/?q', tls-server-name: n, proxy-url: 'socks5://p:1', "
               "certificate-authority-data: \"aGVs\\nbG8=\", disable-compression: true",
               "tokenFile: sub/../token, as: me, as-uid: '7', as-groups: [a, b], as-user-extra: {k: [v, w]}"));
    BOOST_TEST(access.server.host == "fd00::1");
    BOOST_TEST(access.server.port == "443");
    BOOST_TEST(access.server.prefix == "/k8s/clusters/c-1");
    BOOST_TEST(access.tls_server_name == "n");
    BOOST_TEST(access.user.token_file == (dir / "token").string());
    BOOST_TEST(access.user.impersonate_extra.at("k").size() == 2U);
    BOOST_TEST(access.name_space == "ns");
    BOOST_TEST(access.cluster == "c");
}

BOOST_AUTO_TEST_CASE(plain_http_carries_no_credentials) {
    const folder dir;
    for (const char* server : {"server: 'http://h:8080'", "server: 'h:8080', insecure-skip-tls-verify: true"}) {
        const cluster_access access = dir.load(config(server, "token: secret"));
        BOOST_TEST(!access.server.tls);
        BOOST_TEST(access.user.token.empty());
    }
}

BOOST_AUTO_TEST_CASE(an_unknown_user_is_anonymous_and_the_last_of_equal_keys_counts) {
    const folder dir;
    const cluster_access access = dir.load(
        "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: nobody}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://a', server: 'https://b', unknown: 1}}]\n");
    BOOST_TEST(access.server.host == "b");
    BOOST_TEST(access.user.token.empty());
    BOOST_TEST(access.name_space == "default");
}

BOOST_AUTO_TEST_CASE(the_first_file_to_name_an_entry_wins_and_paths_are_relative_to_their_file) {
    const folder dir;
    write_text(dir / "a/config", "clusters: [{name: c, cluster: {server: 'https://first'}}]\n");
    write_text(dir / "b/config",
               "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n"
               "clusters: [{name: c, cluster: {server: 'https://second', tls-server-name: mixed}}]\n"
               "users: [{name: u, user: {exec: {command: ./plugin.sh, apiVersion: "
               "client.authentication.k8s.io/v1beta1}}}]\n");
    access_request request = dir.request();
    request.kubeconfig_variable = "::" + (dir / "a/config").string() + ":" + (dir / "none").string() + ":" +
                                  (dir / "b/config").string() + ":" + (dir / "a/config").string();
    const cluster_access access = load_cluster_access(request, quiet_log());
    BOOST_TEST(access.server.host == "first");
    BOOST_TEST(access.tls_server_name.empty());
    BOOST_TEST(access.user.exec->command == (dir / "b/plugin.sh").string());
    BOOST_TEST(access.user.exec->interactive_mode == "IfAvailable");
}

BOOST_AUTO_TEST_CASE(inside_a_pod_the_service_account_is_used) {
    const folder dir;
    write_text(dir / "serviceaccount/token", "t");
    write_text(dir / "serviceaccount/ca.crt", "pem");
    write_text(dir / "serviceaccount/namespace", " mine\n");
    access_request request = dir.request();
    request.service_host = "fd00::1";
    request.service_port = "443";
    const cluster_access access = load_cluster_access(request, quiet_log());
    BOOST_TEST(access.server_text == "https://[fd00::1]:443");
    BOOST_TEST(access.name_space == "mine");
    BOOST_TEST(access.certificate_authority.file == (dir / "serviceaccount/ca.crt").string());
    BOOST_TEST(access.user.token_file == (dir / "serviceaccount/token").string());
    write_text(dir / "config", config(good_server, ""));
    BOOST_TEST(load_cluster_access(request, quiet_log()).server.host == "api.example");
}

BOOST_AUTO_TEST_CASE(text_without_an_end_is_refused_before_it_is_walked) {
    const auto with_extension = [](const std::string& extension) {
        return config(
            good_server + ", extensions: [{name: client.authentication.k8s.io/exec, extension: " + extension + "}]",
            "");
    };
    const auto problem = [](const std::string& text) {
        const folder dir;
        write_text(dir / "config", text);
        const std::string error = error_of(dir.request());
        return error.substr(error.find("yaml: "));
    };
    BOOST_TEST(problem(with_extension("&x [*x ]")) == "yaml: line 7: an alias inside of what it stands for");
    BOOST_TEST(problem(",") == "yaml: line 1: a character that begins no value");
    std::string bomb = "a0: &a0 x\n";
    for (int level = 1; level < 30; ++level)
        bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [*a" + std::to_string(level - 1) +
                " , *a" + std::to_string(level - 1) + " , *a" + std::to_string(level - 1) + " ]\n";
    BOOST_TEST(problem(bomb + "clusters: *a29\n").ends_with("more than 100000 nodes"));
    BOOST_TEST(problem(with_extension(std::string(200, '[') + std::string(200, ']'))).ends_with("nested too deeply"));
}

BOOST_AUTO_TEST_CASE(the_password_of_a_proxy_stands_in_no_message) {
    const auto proxy = [](const std::string& url) { return good_server + ", proxy-url: '" + url + "'"; };
    check_invalid(
        proxy("ftp://me:secret@h"), "",
        "invalid 'proxy-url' \"ftp://h\" for cluster \"c\": unsupported scheme \"ftp\", must be http, https, or "
        "socks5");
    check_invalid(
        proxy("me:secret@h:80"), "",
        "invalid 'proxy-url' \"h:80\" for cluster \"c\": unsupported scheme \"\", must be http, https, or socks5");
    check_invalid(proxy("http://me:sec/ret@h:x"), "",
                  "invalid 'proxy-url' \"http://h:x\" for cluster \"c\": could not parse: not a URL");
}

BOOST_AUTO_TEST_CASE(booleans_are_those_of_yaml_1_1) {
    const folder dir;
    for (const char* text : {"true", "True", "TRUE", "yes", "Yes", "on", "ON", "y", "Y"})
        BOOST_TEST(dir.load(config(good_server + ", insecure-skip-tls-verify: " + text, "")).insecure, text);
    for (const char* text : {"false", "False", "FALSE", "no", "No", "off", "OFF", "n", "N", "~"})
        BOOST_TEST(!dir.load(config(good_server + ", insecure-skip-tls-verify: " + text, "")).insecure, text);
    for (const char* text : {"'yes'", "tRUE", "1"})
        BOOST_CHECK_THROW(dir.load(config(good_server + ", insecure-skip-tls-verify: " + text, "")), fatal_error);
}

BOOST_AUTO_TEST_CASE(merge_keys_bring_in_what_they_name) {
    const folder dir;
    const std::string text = "x: &x {server: 'https://a.example', tls-server-name: a}\ny: &y {tls-server-name: b}\n";
    const cluster_access one = dir.load(text + config("<<: *x , tls-server-name: c", "token: t"));
    BOOST_TEST(one.server.host == "a.example");
    BOOST_TEST(one.tls_server_name == "c");
    BOOST_TEST(dir.load(text + config("<<: [*y , *x ]", "token: t")).tls_server_name == "b");
    BOOST_TEST(dir.load(text + config(good_server + ", '<<': *x", "token: t")).tls_server_name.empty());
}

BOOST_AUTO_TEST_CASE(only_the_first_document_counts) {
    const folder dir;
    BOOST_TEST(dir.load(config(good_server, "token: t") + "---\nany: thing\n").user.token == "t");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s
