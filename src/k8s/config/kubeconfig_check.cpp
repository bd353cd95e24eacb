// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/config/kubeconfig_check.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "base/url.hpp"

namespace cpg::k8s {

namespace {

using messages = std::vector<std::string>;

std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}

void check_readable(const std::string& path, const std::string& what, const std::string& owner, messages& out) {
    if (path.empty()) return;
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor >= 0) {
        ::close(descriptor);
        return;
    }
    out.push_back("unable to read " + what + " " + path + " for " + owner + " due to open " + path + ": " +
                  go_reason(errno));
}

void check_proxy(const std::string& name, const std::string& proxy, messages& out) {
    if (proxy.empty()) return;
    const std::string shown = without_userinfo(proxy);  // a password stands in no message
    const std::string where = "invalid 'proxy-url' " + quoted(shown) + " for cluster " + quoted(name) + ": ";
    const auto mark = shown.find("://");
    const std::string scheme = mark == std::string::npos ? std::string() : lower(shown.substr(0, mark));
    if (scheme != "http" && scheme != "https" && scheme != "socks5") {
        out.push_back(where + "unsupported scheme " + quoted(scheme) + ", must be http, https, or socks5");
    } else if (!parse_url(proxy)) {
        out.push_back(where + "could not parse: not a URL");
    }
}

void check_certificate(const std::string& name, const user_credentials& user, messages& out) {
    if (user.client_certificate.empty()) return;
    if (!user.client_certificate.file.empty() && !user.client_certificate.data.empty())
        out.push_back("client-cert-data and client-cert are both specified for " + name +
                      ". client-cert-data will override.");
    if (!user.client_key.file.empty() && !user.client_key.data.empty())
        out.push_back("client-key-data and client-key are both specified for " + name +
                      "; client-key-data will override");
    if (user.client_key.empty())
        out.push_back("client-key-data or client-key must be specified for " + name +
                      " to use the clientCert authentication method.");
    check_readable(user.client_certificate.file, "client-cert", name, out);
    check_readable(user.client_key.file, "client-key", name, out);
}

void check_exec(const std::string& name, const user_credentials& user, messages& out) {
    if (!user.exec) return;
    const exec_plugin& exec = *user.exec;
    const std::string tail = " must be specified for " + name + " to use exec authentication plugin";
    if (user.provider) out.push_back("authProvider cannot be provided in combination with an exec plugin for " + name);
    if (exec.command.empty()) out.push_back("command" + tail);
    if (exec.api_version.empty()) out.push_back("apiVersion" + tail);
    for (const auto& variable : exec.env)
        if (variable.first.empty()) out.push_back("env variable name" + tail);
    const std::string& mode = exec.interactive_mode;
    if (mode.empty()) {
        out.push_back("interactiveMode" + tail);
    } else if (mode != "Never" && mode != "IfAvailable" && mode != "Always") {
        out.push_back("invalid interactiveMode for " + name + ": " + quoted(mode));
    }
}

}  // namespace

std::vector<std::string> check_cluster(const std::string& name, const kubeconfig_cluster* cluster) {
    if (!cluster) return {empty_cluster_text};
    messages out;
    if (cluster->server.empty())
        out.push_back(name.empty() ? "default cluster has no server defined"
                                   : "no server found for cluster " + quoted(name));
    check_proxy(name, cluster->proxy_url, out);
    if (!cluster->certificate_authority.file.empty() && !cluster->certificate_authority.data.empty())
        out.push_back("certificate-authority-data and certificate-authority are both specified for " + name +
                      ". certificate-authority-data will override.");
    check_readable(cluster->certificate_authority.file, "certificate-authority", name, out);
    return out;
}

std::vector<std::string> check_user(const std::string& name, const user_credentials& user) {
    messages out;
    check_certificate(name, user, out);
    check_exec(name, user, out);
    if (!user.token.empty() && (!user.username.empty() || !user.password.empty()))
        out.push_back("more than one authentication method found for " + name +
                      "; found [token basicAuth], only one is allowed");
    const bool asks =
        !user.impersonate_uid.empty() || !user.impersonate_groups.empty() || !user.impersonate_extra.empty();
    if (asks && user.impersonate.empty())
        out.push_back("requesting uid, groups or user-extra for " + name + " without impersonating a user");
    return out;
}

std::string aggregate(const std::vector<std::string>& all) {
    messages once;
    for (const std::string& message : all)
        if (std::find(once.begin(), once.end(), message) == once.end()) once.push_back(message);
    return once.size() == 1 ? once.front() : "[" + join(once, ", ") + "]";
}

std::string go_reason(int error_number) {
    std::string out = std::strerror(error_number);
    if (!out.empty()) out[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(out[0])));
    return out;
}

}  // namespace cpg::k8s
