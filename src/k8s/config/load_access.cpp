// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/config/load_access.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "k8s/config/kubeconfig_check.hpp"

namespace cpg::k8s {

namespace {

constexpr std::size_t most_bytes = limits::kubeconfig_bytes;
constexpr const char* prefix = "loading kubeconfig: ";

[[noreturn]] void fail(const std::string& text) {
    throw fatal_error(prefix + text);
}

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string read_all(int descriptor, const std::string& path) {
    std::string out;
    std::array<char, 16384> buffer{};
    for (;;) {
        const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw std::runtime_error("read " + path + ": " + go_reason(errno));
        if (count == 0) return out;
        out.append(buffer.data(), static_cast<std::size_t>(count));
        if (out.size() > most_bytes) throw std::runtime_error("read " + path + ": larger than 16 MiB");
    }
}

// Not base's read_file: a kubeconfig may come through a pipe (`--kubeconfig <(...)`), as kubectl allows.
std::optional<std::string> read_config(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    if (descriptor < 0) throw std::runtime_error("open " + path + ": " + go_reason(errno));
    try {
        std::string out = read_all(descriptor, path);
        ::close(descriptor);
        return out;
    } catch (...) {
        ::close(descriptor);
        throw;
    }
}

std::vector<std::string> files_of(const access_request& request) {
    if (!request.kubeconfig_file.empty()) return {request.kubeconfig_file};
    if (request.kubeconfig_variable.empty()) {
        if (request.home.empty()) return {};
        return {request.home + "/.kube/config"};
    }
    std::vector<std::string> out;
    for (const std::string_view part : split(request.kubeconfig_variable, ':'))
        if (!part.empty() && std::find(out.begin(), out.end(), part) == out.end()) out.emplace_back(part);
    return out;
}

// True when there was a file.
bool add_file(const std::string& path, kubeconfig& merged, std::vector<std::string>& errors) {
    try {
        const auto text = read_config(path);
        if (text) merge_kubeconfig(merged, parse_kubeconfig(*text, path));
        return text.has_value();
    } catch (const std::exception& error) {
        errors.push_back("error loading config file \"" + path + "\": " + error.what());
        return true;
    }
}

struct chosen {
    std::string context;
    const kubeconfig_cluster* cluster = nullptr;
    const user_credentials* user = nullptr;
    kubeconfig_context names;
    std::vector<std::string> errors;
};

template <typename Map>
auto find_or_null(const Map& map, const std::string& name) -> const typename Map::mapped_type* {
    const auto found = map.find(name);
    return found == map.end() ? nullptr : &found->second;
}

chosen choose(const kubeconfig& config, const std::string& asked) {
    chosen out;
    out.context = asked.empty() ? config.current_context : asked;
    const kubeconfig_context* context = find_or_null(config.contexts, out.context);
    if (context) out.names = *context;
    if (!out.context.empty() && !context)
        out.errors.push_back("context was not found for specified context: " + out.context);
    out.user = find_or_null(config.users, out.names.user);
    out.cluster = find_or_null(config.clusters, out.names.cluster);
    const auto add = [&out](const std::vector<std::string>& more) {
        out.errors.insert(out.errors.end(), more.begin(), more.end());
    };
    add(check_user(out.names.user, out.user ? *out.user : user_credentials{}));
    add(check_cluster(out.names.cluster, out.cluster));
    return out;
}

bool is_empty_config(const chosen& choice) {
    return choice.errors.size() == 1 && choice.errors.front() == empty_cluster_text;
}

// A token file that is there says that a pod's service account is mounted.
bool in_cluster(const access_request& request) {
    if (request.service_host.empty() || request.service_port.empty()) return false;
    struct stat state {};
    const std::string token = (request.service_account / "token").string();
    return ::stat(token.c_str(), &state) == 0 && !S_ISDIR(state.st_mode);
}

std::string pod_namespace(const access_request& request) {
    if (!request.pod_namespace.empty()) return request.pod_namespace;
    try {
        const auto text = read_file(request.service_account / "namespace", 4096);
        if (text && !trim(*text).empty()) return std::string(trim(*text));
    } catch (const file_error&) {
        // As client-go: without a readable file the name is "default".
    }
    return "default";
}

cluster_access in_cluster_access(const access_request& request, logger& log) {
    cluster_access out;
    out.server = {.tls = true, .host = request.service_host, .port = request.service_port, .prefix = {}};
    out.server_text = "https://" + join_host_port(request.service_host, request.service_port);
    out.user.token_file = (request.service_account / "token").string();
    out.name_space = pod_namespace(request);
    const std::string ca = (request.service_account / "ca.crt").string();
    if (::access(ca.c_str(), R_OK) == 0) {
        out.certificate_authority.file = ca;
    } else {
        log.warn("cannot read the service account's CA; using the system's certificate authorities",
                 {{"path", ca}, {"reason", go_reason(errno)}});
    }
    return out;
}

cluster_access access_of(const chosen& choice) {
    const kubeconfig_cluster& cluster = *choice.cluster;
    cluster_access out;
    out.context = choice.context;
    out.cluster = choice.names.cluster;
    out.server_text = cluster.server;
    if (choice.user) out.user = *choice.user;
    const auto server = parse_server(cluster.server);
    if (!server) fail("invalid configuration: server of cluster \"" + out.cluster + "\" is not a usable URL");
    out.server = *server;
    out.certificate_authority = cluster.certificate_authority;
    out.tls_server_name = cluster.tls_server_name;
    out.insecure = cluster.insecure;
    out.proxy_url = cluster.proxy_url;
    out.exec_config = cluster.exec_config;
    out.disable_compression = cluster.disable_compression;
    if (!choice.names.name_space.empty()) out.name_space = choice.names.name_space;
    return out;
}

void check_transport(cluster_access& access) {
    if (!access.server.tls) {
        // No secret goes over a connection that anybody can read.
        access.user = user_credentials{};
        access.certificate_authority = {};
        access.insecure = false;
        return;
    }
    if (access.insecure && !access.certificate_authority.empty())
        fail("specifying a root certificates file with the insecure flag is not allowed");
    const auto& provider = access.user.provider;
    if (provider && (provider->name == "gcp" || provider->name == "azure")) {
        const bool gcp = provider->name == "gcp";
        fail("The " + provider->name + " auth plugin has been removed.\nPlease use the \"" +
             (gcp ? "gke-gcloud-auth-plugin" : "kubelogin") + "\" kubectl/client-go credential plugin instead.\nSee " +
             (gcp ? "https://cloud.google.com/blog/products/containers-kubernetes/kubectl-auth-changes-in-gke"
                  : "https://github.com/Azure/kubelogin") +
             " for further details");
    }
    if (provider && provider->name != "oidc") fail("no Auth Provider found for name \"" + provider->name + "\"");
}

std::string no_configuration(const access_request& request, const kubeconfig& config, const chosen& choice) {
    const std::vector<std::string> files = files_of(request);
    const std::string looked =
        files.empty() ? std::string("neither KUBECONFIG nor HOME is set") : "looked at " + join(files, ", ");
    if (!choice.context.empty())
        return "context \"" + choice.context + "\" names a cluster that is not there (" + looked + ")";
    if (config.contexts.empty()) return "there is none: " + looked + ", and this is no pod with a service account";
    std::vector<std::string> names;
    for (const auto& [name, context] : config.contexts)
        names.push_back(name);
    constexpr std::size_t most_named = 10;
    names.resize(std::min(names.size(), most_named));
    return "no current context is set (" + looked + "); choose one with --context: " + join(names, ", ");
}

}  // namespace

access_request access_request::from_environment() {
    access_request out;
    out.kubeconfig_variable = variable("KUBECONFIG");
    out.home = variable("HOME");
    out.service_host = variable("KUBERNETES_SERVICE_HOST");
    out.service_port = variable("KUBERNETES_SERVICE_PORT");
    out.pod_namespace = variable("POD_NAMESPACE");
    return out;
}

kubeconfig load_merged_kubeconfig(const access_request& request, logger& log) {
    kubeconfig merged;
    std::vector<std::string> errors;
    const std::vector<std::string> files = files_of(request);
    const auto found = std::count_if(files.begin(), files.end(),
                                     [&](const std::string& path) { return add_file(path, merged, errors); });
    if (!errors.empty()) fail(aggregate(errors));
    if (found == 0 && !request.kubeconfig_file.empty())
        fail("stat " + request.kubeconfig_file + ": no such file or directory");
    if (found == 0 && !request.kubeconfig_variable.empty() && !files.empty())
        log.warn("Config not found: " + join(files, ", "));
    return merged;
}

cluster_access load_cluster_access(const access_request& request, logger& log) {
    const kubeconfig merged = load_merged_kubeconfig(request, log);
    const chosen choice = choose(merged, request.context);
    if (is_empty_config(choice)) {
        if (in_cluster(request)) return in_cluster_access(request, log);
        fail("invalid configuration: " + no_configuration(request, merged, choice));
    }
    if (!choice.errors.empty()) fail("invalid configuration: " + aggregate(choice.errors));
    cluster_access access = access_of(choice);
    check_transport(access);
    return access;
}

}  // namespace cpg::k8s
