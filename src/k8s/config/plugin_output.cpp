// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/config/plugin_output.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <ctime>
#include <stdexcept>

#include "base/base64.hpp"
#include "k8s/config/json.hpp"

namespace cpg::k8s {

namespace {

boost::json::value parse_or_fail(std::string_view text) {
    boost::system::error_code error;
    boost::json::value out = boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
    if (error) throw std::runtime_error("decoding stdout: the plugin printed no JSON object: " + error.message());
    if (!out.is_object()) throw std::runtime_error("decoding stdout: the plugin printed no JSON object");
    return out;
}

boost::json::object cluster_info(const cluster_access& access, std::string_view ca) {
    boost::json::object out;
    out["server"] = access.server_text;
    if (!access.tls_server_name.empty()) out["tls-server-name"] = access.tls_server_name;
    if (access.insecure) out["insecure-skip-tls-verify"] = true;
    if (!ca.empty()) out["certificate-authority-data"] = base64_encode(ca);
    if (!access.proxy_url.empty()) out["proxy-url"] = access.proxy_url;
    if (access.disable_compression) out["disable-compression"] = true;
    out["config"] = access.exec_config.empty() ? boost::json::value(nullptr) : boost::json::parse(access.exec_config);
    return out;
}

}  // namespace

plugin_answer parse_plugin_output(std::string_view output, const std::string& api_version) {
    const boost::json::value root = parse_or_fail(output);
    const std::string kind = json_text(root, {"kind"});
    if (kind != "ExecCredential")
        throw std::runtime_error("decoding stdout: no kind \"ExecCredential\" in what the plugin printed");
    const std::string version = json_text(root, {"apiVersion"});
    if (version != api_version)
        throw std::runtime_error("exec plugin is configured to use API version " + api_version +
                                 ", plugin returned version " + version);
    const boost::json::value* status = json_at(root, {"status"});
    if (!status || !status->is_object()) throw std::runtime_error("exec plugin didn't return a status field");
    plugin_answer out;
    out.token = json_text(*status, {"token"});
    out.certificate = json_text(*status, {"clientCertificateData"});
    out.key = json_text(*status, {"clientKeyData"});
    if (out.token.empty() && out.certificate.empty() && out.key.empty())
        throw std::runtime_error("exec plugin didn't return a token or cert/key pair");
    if (out.certificate.empty() != out.key.empty())
        throw std::runtime_error("exec plugin returned only certificate or key, not both");
    const std::string expires = json_text(*status, {"expirationTimestamp"});
    if (expires.empty()) return out;
    out.expires = parse_time(expires);
    if (!out.expires) throw std::runtime_error("decoding stdout: expirationTimestamp is not an RFC 3339 time");
    return out;
}

std::string exec_info(const cluster_access& access, const exec_plugin& plugin, std::string_view ca, bool interactive) {
    boost::json::object spec;
    if (plugin.provide_cluster_info) spec["cluster"] = cluster_info(access, ca);
    spec["interactive"] = interactive;
    boost::json::object root;
    root["kind"] = "ExecCredential";
    root["apiVersion"] = plugin.api_version;
    root["spec"] = std::move(spec);
    return boost::json::serialize(root) + "\n";
}

std::chrono::sys_seconds now_in_seconds() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::optional<std::chrono::sys_seconds> parse_time(const std::string& text) {
    std::tm parts{};
    int used = 0;
    const int fields = std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon,
                                   &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &used);
    if (fields != 6) return std::nullopt;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    std::string zone = text.substr(static_cast<std::size_t>(used));
    if (zone.starts_with('.')) zone = zone.substr(std::min(zone.find_first_not_of("0123456789", 1), zone.size()));
    int hours = 0;
    int minutes = 0;
    char sign = '+';
    if (zone != "Z" && (zone.size() != 6 || std::sscanf(zone.c_str(), "%c%2d:%2d", &sign, &hours, &minutes) != 3))
        return std::nullopt;
    const std::chrono::sys_seconds time{std::chrono::seconds(::timegm(&parts))};
    const auto offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return sign == '-' ? time + offset : time - offset;
}

std::optional<std::chrono::sys_seconds> token_expiry(std::string_view token) {
    const auto first = token.find('.');
    const auto second = token.find('.', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
    std::string claims(token.substr(first + 1, second - first - 1));
    std::replace(claims.begin(), claims.end(), '-', '+');
    std::replace(claims.begin(), claims.end(), '_', '/');
    claims.append((4 - claims.size() % 4) % 4, '=');
    boost::system::error_code error;
    const boost::json::value root = boost::json::parse(base64_decode(claims).bytes, error);
    const boost::json::value* expiry = error ? nullptr : json_at(root, {"exp"});
    if (!expiry || !expiry->is_number()) return std::nullopt;
    const auto seconds = expiry->to_number<std::int64_t>(error);
    if (error) return std::nullopt;
    return std::chrono::sys_seconds{std::chrono::seconds(seconds)};
}

}  // namespace cpg::k8s
