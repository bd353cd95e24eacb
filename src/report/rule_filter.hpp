// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which rules of a policy a person asks about. Pure; any thread.

#include <optional>
#include <string>
#include <utility>

#include "evidence/document.hpp"
#include "flow/address.hpp"

namespace cpg {

/// A rule matches when it matches every part that is set. An L7 part leaves out rules without L7.
struct rule_filter {
    std::optional<cpg::direction> direction;
    std::optional<std::uint16_t> port;  ///< never an ICMP type
    std::optional<std::pair<std::string, std::string>> peer_label;
    std::optional<cidr> peer_cidr;           ///< the peer's lies in it
    std::optional<std::int64_t> since_ns;    ///< last seen then or later
    std::optional<std::string> http_method;  ///< in any case
    std::optional<std::string> http_path;    ///< a path that the rule allows, or the stored pattern
    std::optional<std::string> dns_name;

    bool matches(const evidence_rule& rule) const;
    /// Nothing is asked but perhaps the direction.
    bool is_direction_only() const;
};

bool is_icmp(const rule_key& key);

/// The raw path of an anchored pattern, and whether it allows a query: `^/a\.b(\?.*)?$` is `/a.b`, true.
std::pair<std::string, bool> raw_path_of(std::string_view pattern);

}  // namespace cpg
