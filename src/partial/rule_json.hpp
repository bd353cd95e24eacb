// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Rules and the parts that they are made of, as the lines of a part have them. What is read could have come from flows:
// anything else is a part_error. Any thread.

#include <boost/json/value.hpp>

#include "partial/json_in.hpp"
#include "partial/json_out.hpp"
#include "request/dns_server.hpp"
#include "request/rule_key.hpp"

namespace cpg {

void append(json_out& to, const peer& peer);
peer read_peer(const boost::json::value& from);

void append(json_out& to, const dns_server& server);
dns_server read_server(const boost::json::value& from);

void append(json_out& to, const dns_server_place& place);
dns_server_place read_server_place(const boost::json::value& from);

/// Members of the list that is being written: direction, peer, protocol, port, request.
void append_members(json_out& to, const rule_key& key);
inline constexpr std::size_t rule_key_members = 5;
/// From the first of a list's members on.
rule_key read_rule_key(const boost::json::array& from);

/// Throws part_error for a name that is no address. The text is that of host_cidr().
std::string read_host_cidr(std::string_view text);
/// Labels of a pod, sorted, each key once.
selector read_selector(const boost::json::value& from, std::string_view what);
/// Empty, or the name of a cluster.
std::string read_cluster(const boost::json::value& from);

}  // namespace cpg
