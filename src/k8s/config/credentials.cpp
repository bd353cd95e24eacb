// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/config/credentials.hpp"

#include <unistd.h>

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <system_error>

#include "base/base64.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "k8s/config/child_process.hpp"
#include "k8s/config/kubeconfig_check.hpp"
#include "k8s/config/pem.hpp"

namespace cpg::k8s {

namespace {

constexpr std::size_t most_plugin_output = limits::plugin_output_bytes;
constexpr auto plugin_time = std::chrono::seconds(60);
// client-go caches a token file for a minute and reads it ten seconds early.
constexpr auto token_file_time = std::chrono::seconds(50);

[[noreturn]] void fail(const std::string& text) {
    throw fatal_error("getting credentials: " + text);
}

bool is_interactive(const exec_plugin& plugin) {
    const bool terminal = ::isatty(0) == 1;
    if (plugin.interactive_mode == "Always" && !terminal)
        fail("exec plugin cannot support interactive mode: standard input is not a terminal");
    return plugin.interactive_mode != "Never" && terminal;
}

// Ours, then the plugin's own, later ones in place of earlier ones of the same name.
std::vector<std::string> plugin_environment(const exec_plugin& plugin, const std::string& info) {
    std::vector<std::string> out;
    const auto set = [&out](const std::string& name, const std::string& value) {
        std::erase_if(out, [&](const std::string& old) { return old.starts_with(name + "="); });
        out.push_back(name + "=" + value);
    };
    for (char** entry = environ; *entry; ++entry)
        out.emplace_back(*entry);
    for (const auto& [name, value] : plugin.env)
        set(name, value);
    set("KUBERNETES_EXEC_INFO", info);
    return out;
}

std::string not_found_text(const exec_plugin& plugin) {
    std::string out = "exec: executable " + plugin.command +
                      " not found: the kubeconfig's user needs this credential plugin; install it, or see that PATH "
                      "has its folder";
    if (!plugin.install_hint.empty()) out += "; the kubeconfig says: " + printable(trim(plugin.install_hint));
    return out;
}

void check_result(const exec_plugin& plugin, const child_result& result) {
    const std::string who = "exec: executable " + plugin.command;
    if (result.too_much) fail(who + " printed more than 1 MiB");
    if (result.timed_out) fail(who + " did not finish in time and was stopped");
    if (result.exit_code != 0) fail(who + " failed with exit code " + std::to_string(result.exit_code));
}

std::string own_ca(const cluster_access& access) {
    const file_or_data& ca = access.certificate_authority;
    if (!ca.data.empty() || ca.file.empty()) return ca.data;
    return read_pem(ca, "certificate-authority");
}

}  // namespace

credentials::credentials(const asio::any_io_executor& executor, const cluster_access& access, logger& log)
    : executor_(executor), access_(access), log_(log), plugin_ended_(executor) {
    plugin_ended_.expires_at(steady_time::max());
}

// As client-go: a user that has something else to show needs no plugin.
bool credentials::uses_plugin() const {
    const user_credentials& user = access_.user;
    return user.exec && user.token.empty() && user.token_file.empty() && user.username.empty() &&
           user.client_certificate.empty();
}

asio::awaitable<identity> credentials::get(steady_time until) {
    const user_credentials& user = access_.user;
    identity out;
    std::string token = user.token;
    if (!user.token_file.empty()) token = token_from_file();
    if (user.provider) token = token_from_provider();
    if (!user.client_certificate.empty()) {
        out.certificate = read_pem(user.client_certificate, "client-certificate");
        out.key = read_pem(user.client_key, "client-key");
    }
    if (uses_plugin()) {
        co_await run_plugin(until);
        token = plugin_.token;
        out.certificate = plugin_.certificate;
        out.key = plugin_.key;
    }
    if (!token.empty()) {
        out.headers.emplace_back("Authorization", "Bearer " + token);
    } else if (!user.username.empty() || !user.password.empty()) {
        out.headers.emplace_back("Authorization", "Basic " + base64_encode(user.username + ":" + user.password));
    }
    add_impersonation(out);
    out.generation = generation_;
    co_return out;
}

bool credentials::refuse(const identity& refused) {
    const bool renewable = uses_plugin() || !access_.user.token_file.empty();
    if (!renewable || refused.generation != generation_) return renewable;
    ++generation_;
    plugin_valid_ = false;
    file_token_until_ = {};
    return true;
}

void credentials::add_impersonation(identity& out) const {
    const user_credentials& user = access_.user;
    if (user.impersonate.empty()) return;
    out.headers.emplace_back("Impersonate-User", user.impersonate);
    if (!user.impersonate_uid.empty()) out.headers.emplace_back("Impersonate-Uid", user.impersonate_uid);
    for (const std::string& group : user.impersonate_groups)
        out.headers.emplace_back("Impersonate-Group", group);
    for (const auto& [name, values] : user.impersonate_extra)
        for (const std::string& value : values)
            out.headers.emplace_back("Impersonate-Extra-" + percent_encode(name), value);
}

const std::string& credentials::token_from_file() {
    const auto now = std::chrono::steady_clock::now();
    if (now < file_token_until_) return file_token_;
    const std::string& path = access_.user.token_file;
    std::string problem;
    try {
        const auto text = read_file(path, 1U << 20U);
        if (text && !trim(*text).empty()) {
            file_token_ = trim(*text);
            file_token_until_ = now + token_file_time;
            return file_token_;
        }
        problem = text ? "read empty token from file \"" + path + "\""
                       : "failed to read token file \"" + path + "\": open " + path + ": no such file or directory";
    } catch (const file_error& error) {
        problem = "failed to read token file \"" + path + "\": " + error.what();
    }
    if (file_token_.empty()) file_token_ = access_.user.token;  // as client-go
    if (file_token_.empty()) fail(problem);
    log_.warn("cannot read the token file; using the token known before", {{"reason", problem}});
    file_token_until_ = now + token_file_time;
    return file_token_;
}

std::string credentials::token_from_provider() const {
    const auto found = access_.user.provider->config.find("id-token");
    const std::string token = found == access_.user.provider->config.end() ? "" : found->second;
    const auto expiry = token_expiry(token);
    if (expiry && now_in_seconds() < *expiry) return token;
    fail("the id-token of auth provider \"oidc\" " +
         std::string(token.empty() ? "is missing"
                     : expiry      ? "has expired"
                                   : "cannot be read") +
         "; cpg does not renew it: run any kubectl command, which does, or use an exec credential plugin");
}

asio::awaitable<void> credentials::run_plugin(steady_time until) {
    while (plugin_runs_) {
        asio::error_code woken;
        co_await plugin_ended_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    if (plugin_valid_ && (!plugin_.expires || now_in_seconds() <= *plugin_.expires)) co_return;
    struct running {
        credentials& self;
        ~running() {
            self.plugin_runs_ = false;
            self.plugin_ended_.cancel();
        }
    };
    plugin_runs_ = true;
    const running guard{*this};
    plugin_ = co_await ask_plugin(*access_.user.exec, until);
    plugin_valid_ = true;
}

asio::awaitable<plugin_answer> credentials::ask_plugin(const exec_plugin& plugin, steady_time until) {
    if (plugin.api_version != "client.authentication.k8s.io/v1" &&
        plugin.api_version != "client.authentication.k8s.io/v1beta1")
        fail("exec plugin: invalid apiVersion \"" + plugin.api_version + "\"");
    const bool interactive = is_interactive(plugin);
    child_request request;
    request.command = plugin.command;
    request.args = plugin.args;
    request.env = plugin_environment(plugin, exec_info(access_, plugin, own_ca(access_), interactive));
    request.inherit_stdin = interactive;
    request.most_output = most_plugin_output;
    request.until = std::min(until, std::chrono::steady_clock::now() + plugin_time);
    child_result result;
    try {
        result = co_await run_child(std::move(request));
    } catch (const std::system_error& error) {
        if (error.code().category() != std::generic_category()) throw;
        const int code = error.code().value();
        if (code == ENOENT || code == EACCES || code == ENOTDIR) fail(not_found_text(plugin));
        fail("exec: " + plugin.command + ": " + go_reason(code));
    }
    check_result(plugin, result);
    try {
        co_return parse_plugin_output(result.output, plugin.api_version);
    } catch (const std::runtime_error& error) {
        fail(error.what());
    }
}

}  // namespace cpg::k8s
