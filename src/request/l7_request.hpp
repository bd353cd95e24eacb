// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What an L7 record says that a rule may say too: the method and raw path of an HTTP request, the name of a DNS query.
// Never the host, the headers, user information or the query's text, which carry secrets. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "request/rule_key.hpp"

namespace cpg {

/// A request's path as Envoy compares it: raw, percent-encoding kept.
struct http_target {
    std::string_view path;  ///< begins with '/'; never empty
    bool has_query = false;
};

/// From Hubble's url, `scheme://authority/path?query#fragment` or a bare path. Nothing for a target that is no path
/// (`*`, an authority), for bytes that no path has on the wire, or above 8 KiB.
std::optional<http_target> http_target_of(std::string_view url);

/// RE2, anchored: `^/api/v1/users$`, and with a query `^/api/v1/users(\?.*)?$`. The leading `^` keeps the program
/// within Envoy's limit of 100 whatever the length (cilium#41314).
std::string path_pattern(const http_target& http_target);

/// True for a method that may stand in a rule: a token of letters, digits, '-' and '_'.
bool is_http_method(std::string_view text);

/// Lower-case without the trailing dot; nothing for a name that Cilium refuses (cilium:pkg/policy/api/fqdn.go).
std::optional<std::string> dns_name_of(std::string_view query);

/// The names that fit, sorted, each once.
std::vector<std::string> dns_names_of(std::span<const std::string_view> names);

}  // namespace cpg
