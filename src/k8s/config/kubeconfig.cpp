// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/config/kubeconfig.hpp"

#include <yaml-cpp/yaml.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <stdexcept>

#include "base/base64.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "base/yaml_guard.hpp"

namespace cpg::k8s {

namespace {

// A kubeconfig of a thousand clusters has some ten thousand nodes.
constexpr yaml_limits limits = {.bytes = 16U << 20U, .nodes = 100'000, .depth = 64, .first_document = true};

constexpr std::string_view exec_extension = "client.authentication.k8s.io/exec";

bool is_plain(const YAML::Node& scalar) {
    return scalar.Tag() != "!";  // else it was quoted
}

// Calls for every member, those of merge keys (`<<: *anchor`) at their place, in the order in which Go's decoder sets
// them: of a list of maps the first is set last, and wins.
template <typename Visit>
void for_each_member(const YAML::Node& map, const Visit& visit) {
    if (!map.IsMap()) return;
    for (const auto& entry : map) {
        if (!entry.first.IsScalar()) continue;
        if (!is_plain(entry.first) || entry.first.Scalar() != "<<") {
            visit(entry.first.Scalar(), entry.second);
        } else if (entry.second.IsSequence()) {
            for (std::size_t at = entry.second.size(); at-- > 0;)
                for_each_member(entry.second[at], visit);
        } else {
            for_each_member(entry.second, visit);
        }
    }
}

// yaml-cpp finds the first of two equal keys; Go's decoder keeps the last.
YAML::Node member(const YAML::Node& map, std::string_view name) {
    YAML::Node found(YAML::NodeType::Undefined);
    for_each_member(map, [&](const std::string& key, const YAML::Node& value) {
        if (key == name) found.reset(value);
    });
    return found;
}

std::string text_of(const YAML::Node& map, std::string_view name) {
    const YAML::Node node = member(map, name);
    if (!node.IsDefined() || node.IsNull()) return {};
    if (!node.IsScalar()) throw std::runtime_error("field \"" + std::string(name) + "\" must be a string");
    return node.Scalar();
}

bool flag_of(const YAML::Node& map, std::string_view name) {
    const std::string text = text_of(map, name);
    if (text == "true") return true;
    if (text.empty() || text == "false") return false;
    const YAML::Node node = member(map, name);
    bool flag = false;
    if (is_plain(node) && YAML::convert<bool>::decode(node, flag)) return flag;  // yes, On, y: YAML 1.1, as kubectl
    throw std::runtime_error("field \"" + std::string(name) + "\" must be true or false");
}

std::vector<std::string> texts_of(const YAML::Node& map, std::string_view name) {
    std::vector<std::string> out;
    const YAML::Node node = member(map, name);
    if (!node.IsSequence()) return out;
    for (const auto& entry : node)
        if (entry.IsScalar()) out.push_back(entry.Scalar());
    return out;
}

std::string bytes_of(const YAML::Node& map, std::string_view name) {
    base64_result decoded = base64_decode(text_of(map, name));
    if (!decoded.bad_at) return std::move(decoded.bytes);
    throw std::runtime_error("unable to decode field \"" + std::string(name) +
                             "\": decode base64: illegal base64 data at input byte " + std::to_string(*decoded.bad_at));
}

std::string absolute_path(const std::string& path, const std::filesystem::path& folder) {
    if (path.empty() || path.starts_with('/')) return path;
    return (folder / path).lexically_normal().string();
}

boost::json::value scalar_as_json(const YAML::Node& node) {
    if (!is_plain(node)) return boost::json::value(node.Scalar());
    bool flag = false;
    if (YAML::convert<bool>::decode(node, flag)) return flag;
    std::int64_t whole = 0;
    if (YAML::convert<std::int64_t>::decode(node, whole)) return whole;
    double number = 0;
    if (YAML::convert<double>::decode(node, number)) return number;
    return boost::json::value(node.Scalar());
}

boost::json::value as_json(const YAML::Node& node) {
    if (node.IsScalar()) return scalar_as_json(node);
    if (node.IsSequence()) {
        boost::json::array out;
        for (const auto& entry : node)
            out.push_back(as_json(entry));
        return out;
    }
    if (!node.IsMap()) return nullptr;
    boost::json::object out;
    for_each_member(node, [&out](const std::string& key, const YAML::Node& value) { out[key] = as_json(value); });
    return out;
}

std::string exec_config_of(const YAML::Node& cluster) {
    const YAML::Node extensions = member(cluster, "extensions");
    if (!extensions.IsSequence()) return {};
    for (const auto& entry : extensions)
        if (text_of(entry, "name") == exec_extension) return serialize(as_json(member(entry, "extension")));
    return {};
}

kubeconfig_cluster read_cluster(const YAML::Node& node, const std::filesystem::path& folder) {
    kubeconfig_cluster out;
    out.server = text_of(node, "server");
    out.tls_server_name = text_of(node, "tls-server-name");
    out.insecure = flag_of(node, "insecure-skip-tls-verify");
    out.certificate_authority.file = absolute_path(text_of(node, "certificate-authority"), folder);
    out.certificate_authority.data = bytes_of(node, "certificate-authority-data");
    out.proxy_url = text_of(node, "proxy-url");
    out.disable_compression = flag_of(node, "disable-compression");
    out.exec_config = exec_config_of(node);
    return out;
}

exec_plugin read_exec(const YAML::Node& node, const std::filesystem::path& folder) {
    exec_plugin out;
    out.api_version = text_of(node, "apiVersion");
    out.command = text_of(node, "command");
    // A bare name is looked up in PATH; a path is relative to the kubeconfig that names it.
    if (out.command.find('/') != std::string::npos) out.command = absolute_path(out.command, folder);
    out.args = texts_of(node, "args");
    const YAML::Node env = member(node, "env");
    if (env.IsSequence())
        for (const auto& entry : env)
            out.env.emplace_back(text_of(entry, "name"), text_of(entry, "value"));
    out.install_hint = text_of(node, "installHint");
    out.interactive_mode = text_of(node, "interactiveMode");
    if (out.interactive_mode.empty() && out.api_version == "client.authentication.k8s.io/v1beta1")
        out.interactive_mode = "IfAvailable";
    out.provide_cluster_info = flag_of(node, "provideClusterInfo");
    return out;
}

auth_provider read_provider(const YAML::Node& node) {
    auth_provider out;
    out.name = text_of(node, "name");
    const YAML::Node config = member(node, "config");
    for_each_member(config, [&out](const std::string& key, const YAML::Node& value) {
        if (value.IsScalar()) out.config[key] = value.Scalar();
    });
    return out;
}

void read_impersonation(const YAML::Node& node, user_credentials& out) {
    out.impersonate = text_of(node, "as");
    out.impersonate_uid = text_of(node, "as-uid");
    out.impersonate_groups = texts_of(node, "as-groups");
    const YAML::Node extra = member(node, "as-user-extra");
    for_each_member(
        extra, [&](const std::string& key, const YAML::Node&) { out.impersonate_extra[key] = texts_of(extra, key); });
}

user_credentials read_user(const YAML::Node& node, const std::filesystem::path& folder) {
    user_credentials out;
    out.token = text_of(node, "token");
    out.token_file = absolute_path(text_of(node, "tokenFile"), folder);
    out.username = text_of(node, "username");
    out.password = text_of(node, "password");
    out.client_certificate.file = absolute_path(text_of(node, "client-certificate"), folder);
    out.client_certificate.data = bytes_of(node, "client-certificate-data");
    out.client_key.file = absolute_path(text_of(node, "client-key"), folder);
    out.client_key.data = bytes_of(node, "client-key-data");
    read_impersonation(node, out);
    if (const YAML::Node exec = member(node, "exec"); exec.IsMap()) out.exec = read_exec(exec, folder);
    if (const YAML::Node provider = member(node, "auth-provider"); provider.IsMap())
        out.provider = read_provider(provider);
    return out;
}

kubeconfig_context read_context(const YAML::Node& node, const std::filesystem::path&) {
    return {
        .cluster = text_of(node, "cluster"), .user = text_of(node, "user"), .name_space = text_of(node, "namespace")};
}

struct list_names {
    const char* list;   ///< key of the list in the file
    const char* entry;  ///< key of the value in an entry
    const char* named;  ///< Go's type names, which stand in client-go's message
    const char* internal;
};

template <typename Value, typename Read>
std::map<std::string, Value> read_list(const YAML::Node& root, const list_names& names, Read read) {
    std::map<std::string, Value> out;
    const YAML::Node list = member(root, names.list);
    if (!list.IsDefined() || list.IsNull()) return out;
    if (!list.IsSequence()) throw std::runtime_error("field \"" + std::string(names.list) + "\" must be a list");
    for (const auto& entry : list) {
        const std::string name = text_of(entry, "name");
        if (!out.emplace(name, read(member(entry, names.entry))).second)
            throw std::runtime_error(std::string("error converting *[]") + names.named + " into *map[string]*api." +
                                     names.internal + ": duplicate name \"" + name + "\" in list");
    }
    return out;
}

void check_kind(const YAML::Node& root) {
    const std::string version = text_of(root, "apiVersion");
    const std::string kind = text_of(root, "kind");
    if ((version.empty() || version == "v1") && (kind.empty() || kind == "Config")) return;
    throw std::runtime_error("no kind \"" + (kind.empty() ? "Config" : kind) + "\" is registered for version \"" +
                             (version.empty() ? "v1" : version) + "\"");
}

kubeconfig read_root(const YAML::Node& root, const std::filesystem::path& folder) {
    kubeconfig out;
    if (root.IsNull() || !root.IsDefined()) return out;
    if (!root.IsMap()) throw std::runtime_error("the file is not a kubeconfig: its top level is not a mapping");
    check_kind(root);
    const auto in_folder = [&folder](auto read) {
        return [&folder, read](const YAML::Node& node) { return read(node, folder); };
    };
    out.current_context = text_of(root, "current-context");
    out.clusters = read_list<kubeconfig_cluster>(root, {"clusters", "cluster", "NamedCluster", "Cluster"},
                                                 in_folder(read_cluster));
    out.users = read_list<user_credentials>(root, {"users", "user", "NamedAuthInfo", "AuthInfo"}, in_folder(read_user));
    out.contexts = read_list<kubeconfig_context>(root, {"contexts", "context", "NamedContext", "Context"},
                                                 in_folder(read_context));
    for (auto& [name, user] : out.users)
        user.name = name;
    return out;
}

}  // namespace

kubeconfig parse_kubeconfig(std::string_view text, const std::filesystem::path& file) {
    try {
        check_yaml(text, limits);
        return read_root(YAML::Load(std::string(text)), cpg::absolute_path(file).parent_path());
    } catch (const yaml_refused& error) {
        throw std::runtime_error("yaml: line " + std::to_string(error.line) + ": " + printable(error.what()));
    } catch (const YAML::Exception& error) {
        throw std::runtime_error("yaml: line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
    }
}

void merge_kubeconfig(kubeconfig& into, kubeconfig later) {
    if (into.current_context.empty()) into.current_context = std::move(later.current_context);
    into.clusters.merge(later.clusters);
    into.users.merge(later.users);
    into.contexts.merge(later.contexts);
}

}  // namespace cpg::k8s
