// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A connection, or a request of one, as its flows show it: what a policy is asked about. It owns its text, so it
// outlives the batches that it was seen in; the ends are shared. Values; any thread.

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flow/address.hpp"
#include "flow/flow.hpp"
#include "request/rule_key.hpp"

namespace cpg {

struct connection_end {
    std::vector<std::string> labels;  ///< as Hubble printed them; of the identity's number where it printed none
    std::string pod_namespace;        ///< empty: not known, or no pod
    std::string cluster;              ///< empty: not known
    std::string name;                 ///< of the workload, or by which an address was named; may be empty
    reserved_identity reserved = reserved_identity::none;
    bool has_labels = true;    ///< false: a pod whose labels no flow shows
    bool more_labels = false;  ///< stands for all that have these labels, and perhaps others

    auto operator<=>(const connection_end&) const = default;
};

/// What was asked for on a connection, by an L7 record.
struct connection_request {
    l7_kind kind = l7_kind::none;
    std::string method;  ///< http
    std::string target;  ///< http: raw path and query; dns: the name, lower-case, no trailing dot
    std::string host;    ///< http: the authority of the URL; empty where the record has none

    auto operator<=>(const connection_request&) const = default;
};

struct connection {
    /// The policies of the subject are asked in this direction.
    cpg::direction direction = cpg::direction::unknown;
    std::shared_ptr<const connection_end> subject;
    std::shared_ptr<const connection_end> peer;
    std::optional<cpg::address> address;  ///< of a peer outside the cluster
    l4_protocol protocol = l4_protocol::none;
    std::uint16_t port = 0;  ///< for ICMP the type
    connection_request request;
};

/// By what the ends say, not by where they lie.
std::strong_ordering operator<=>(const connection& a, const connection& b);
inline bool operator==(const connection& a, const connection& b) {
    return (a <=> b) == 0;
}

/// `production/api`, `entity host`, `203.0.113.7`, for people.
std::string name_of_end(const connection_end& end, const std::optional<address>& address = std::nullopt);
/// `TCP/5432`, `ICMPv4 type 8`, with the request behind it.
std::string name_of_port(const connection& connection);

/// `shop/web to shop/db TCP/5432`, from who opens it to who is asked, with the request.
std::string sentence_of(const connection& connection);

}  // namespace cpg
