// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The merge of kubeconfigs against kubectl's own: `kubectl config view --raw` of the same files says the
// same. Exits 77 where there is no kubectl.
#define BOOST_TEST_NO_MAIN
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>

#include "base/base64.hpp"
#include "base/error.hpp"
#include "k8s/config/json.hpp"
#include "k8s/config/load_access.hpp"
#include "support/quiet_log.hpp"
#include "support/temp_dir.hpp"

namespace cpg::k8s {

using test::temp_dir;
using test::write_text;

namespace {

struct spoken {
    int status = -1;
    std::string text;
};

spoken kubectl(const std::string& arguments) {
    spoken out;
    FILE* pipe = ::popen(("kubectl " + arguments + " 2>&1").c_str(), "r");
    if (!pipe) return out;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
        out.text += static_cast<char>(c);
    out.status = ::pclose(pipe);
    return out;
}

std::string line(const std::string& kind, const std::string& name, std::initializer_list<std::string> values) {
    std::string out = kind + " " + name;
    for (const std::string& value : values)
        out += "|" + value;
    return out + "\n";
}

// The same summary of both merges.
std::string summary(const kubeconfig& merged) {
    std::string out = "current " + merged.current_context + "\n";
    for (const auto& [name, cluster] : merged.clusters)
        out +=
            line("cluster", name,
                 {cluster.server, cluster.tls_server_name, cluster.certificate_authority.file,
                  base64_encode(cluster.certificate_authority.data), cluster.proxy_url, cluster.insecure ? "1" : "0"});
    for (const auto& [name, context] : merged.contexts)
        out += line("context", name, {context.cluster, context.user, context.name_space});
    for (const auto& [name, user] : merged.users)
        out +=
            line("user", name,
                 {user.token, user.token_file, user.username, user.client_certificate.file,
                  base64_encode(user.client_certificate.data), base64_encode(user.client_key.data),
                  user.exec ? user.exec->command : "", user.exec ? user.exec->interactive_mode : "", user.impersonate});
    return out;
}

std::string summary(const boost::json::value& view) {
    std::string out = "current " + json_text(view, {"current-context"}) + "\n";
    const auto each = [&](const char* list, const char* entry, auto write) {
        std::map<std::string, std::string> lines;
        if (const auto* items = json_list(view, {list}))
            for (const auto& item : *items)
                if (const auto* value = json_at(item, {entry})) lines[json_text(item, {"name"})] = write(item, *value);
        for (const auto& [name, text] : lines)
            out += text;
    };
    each("clusters", "cluster", [](const auto& item, const auto& c) {
        const auto* insecure = json_at(c, {"insecure-skip-tls-verify"});
        return line("cluster", json_text(item, {"name"}),
                    {json_text(c, {"server"}), json_text(c, {"tls-server-name"}),
                     json_text(c, {"certificate-authority"}), json_text(c, {"certificate-authority-data"}),
                     json_text(c, {"proxy-url"}), insecure && insecure->is_bool() && insecure->get_bool() ? "1" : "0"});
    });
    each("contexts", "context", [](const auto& item, const auto& c) {
        return line("context", json_text(item, {"name"}),
                    {json_text(c, {"cluster"}), json_text(c, {"user"}), json_text(c, {"namespace"})});
    });
    each("users", "user", [](const auto& item, const auto& u) {
        return line("user", json_text(item, {"name"}),
                    {json_text(u, {"token"}), json_text(u, {"tokenFile"}), json_text(u, {"username"}),
                     json_text(u, {"client-certificate"}), json_text(u, {"client-certificate-data"}),
                     json_text(u, {"client-key-data"}), json_text(u, {"exec", "command"}),
                     json_text(u, {"exec", "interactiveMode"}), json_text(u, {"as"})});
    });
    return out;
}

struct files : temp_dir {
    std::string variable;

    void add(const std::string& name, const std::string& text) {
        write_text(path() / name, text);
        variable += (variable.empty() ? "" : ":") + (path() / name).string();
    }
    access_request request() const {
        access_request out;
        out.kubeconfig_variable = variable;
        return out;
    }
    // kubectl and this program agree on the merge.
    void compare() const {
        ::setenv("KUBECONFIG", variable.c_str(), 1);
        const spoken said = kubectl("config view --raw -o json");
        BOOST_REQUIRE_MESSAGE(said.status == 0, said.text);
        BOOST_TEST(summary(load_merged_kubeconfig(request(), test::quiet_log())) ==
                   summary(boost::json::parse(said.text)));
    }
    // The same with the files that entries name read into them.
    void compare_flattened() const {
        ::setenv("KUBECONFIG", variable.c_str(), 1);
        const spoken said = kubectl("config view --raw --flatten -o json");
        BOOST_REQUIRE_MESSAGE(said.status == 0, said.text);
        kubeconfig merged = load_merged_kubeconfig(request(), test::quiet_log());
        for (auto& [name, cluster] : merged.clusters)
            cluster.certificate_authority = {.file = {}, .data = test::read_text(cluster.certificate_authority.file)};
        for (auto& [name, user] : merged.users)
            user.client_certificate = {.file = {}, .data = test::read_text(user.client_certificate.file)};
        BOOST_TEST(summary(merged) == summary(boost::json::parse(said.text)));
    }
    // Both refuse, with this part in what they say.
    void both_refuse(const std::string& part) const {
        ::setenv("KUBECONFIG", variable.c_str(), 1);
        const spoken said = kubectl("config view --raw -o json");
        BOOST_TEST(said.status != 0);
        BOOST_TEST(said.text.find(part) != std::string::npos, said.text);
        try {
            load_merged_kubeconfig(request(), test::quiet_log());
            BOOST_ERROR("taken: " + part);
        } catch (const fatal_error& error) {
            BOOST_TEST(std::string(error.what()).find(part) != std::string::npos, error.what());
        }
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(kubectl_oracle_suite, files)

BOOST_AUTO_TEST_CASE(one_file_with_every_kind_of_entry) {
    add("config",
        "apiVersion: v1\nkind: Config\ncurrent-context: x\n"
        "clusters:\n- name: c\n  cluster: {server: 'https://a', tls-server-name: t, proxy-url: 'http://p', "
        "certificate-authority-data: cGVt}\n- name: d\n  cluster: {server: 'https://b', "
        "insecure-skip-tls-verify: true}\n"
        "contexts:\n- {name: x, context: {cluster: c, user: u, namespace: ns}}\n"
        "users:\n- {name: u, user: {token: t, as: me}}\n- {name: v, user: {client-key-data: a2V5}}\n"
        "- {name: e, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws}}}\n");
    compare();
}

BOOST_AUTO_TEST_CASE(the_first_entry_wins_whole_and_the_first_current_context_too) {
    add("a", "clusters: [{name: c, cluster: {server: 'https://first'}}]\ncurrent-context: ''\n");
    add("b",
        "clusters: [{name: c, cluster: {server: 'https://second', tls-server-name: t}}, {name: d, cluster: "
        "{server: 'https://d'}}]\ncurrent-context: b\n");
    add("c", "current-context: c\nusers: [{name: u, user: {username: a, password: b}}]\n");
    compare();
}

BOOST_AUTO_TEST_CASE(relative_paths_belong_to_their_file) {
    write_text(path() / "deep/ca.pem", "the authority");
    write_text(path() / "crt", "the certificate");
    add("first", "current-context: x\n");
    add("deep/config",
        "clusters: [{name: c, cluster: {server: 'https://a', certificate-authority: ../deep/./ca.pem}}]\n"
        "users: [{name: u, user: {client-certificate: ../crt, client-key-data: eA==}}]\n");
    compare_flattened();
}

BOOST_AUTO_TEST_CASE(empty_and_missing_files_json_and_unknown_fields) {
    add("empty", "");
    variable += "::" + (path() / "missing").string();
    add("json",
        R"({"kind":"Config","apiVersion":"v1","strange":1,"clusters":[{"name":"j","cluster":{"server":"s"}}]})");
    add("twice", "clusters: [{name: k, cluster: {server: a, server: b}}]\n");
    compare();
}

BOOST_AUTO_TEST_CASE(what_kubectl_refuses_is_refused) {
    add("duplicate", "clusters: [{name: c, cluster: {}}, {name: c, cluster: {}}]\n");
    both_refuse("duplicate name \"c\" in list");
}

BOOST_AUTO_TEST_CASE(a_folder_in_place_of_a_file) {
    variable = path().string();
    both_refuse("error loading config file \"" + path().string() + "\": read " + path().string() + ": is a directory");
}

BOOST_AUTO_TEST_CASE(another_version) {
    add("v2", "apiVersion: v2\nkind: Config\n");
    both_refuse("no kind \"Config\" is registered for version \"v2\"");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg::k8s

int main(int argc, char** argv) {
    if (cpg::k8s::kubectl("version --client").status != 0) {
        std::fprintf(stderr, "skipped: no kubectl (package kubernetes-client)\n");
        return 77;
    }
    return boost::unit_test::unit_test_main([] { return true; }, argc, argv);
}
