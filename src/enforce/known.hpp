// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Answers that may be open, and why they are: what a capture or a file does not tell is never guessed. Values; any
// thread.

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace cpg {

/// Ordered: the least of several is what all of them make together, the greatest what any of them does.
enum class known : std::uint8_t { no, maybe, yes };

constexpr known all_of(known a, known b) {
    return std::min(a, b);
}
constexpr known any_of(known a, known b) {
    return std::max(a, b);
}
constexpr known known_of(bool is) {
    return is ? known::yes : known::no;
}

/// The closed list of what keeps a verdict open.
enum class open_question : std::uint8_t {
    none,
    named_port,        ///< a port by name: the pod's containers tell the number
    to_services,       ///< what stands behind a Service
    cidr_group,        ///< a CiliumCIDRGroup
    groups,            ///< toGroups, fromGroups: a cloud's security groups
    nodes,             ///< toNodes, fromNodes: an option of the agent, and labels of nodes
    names,             ///< toFQDNs, and which names the address has is not known
    labels,            ///< the flow does not show the labels of an end
    namespace_labels,  ///< a selector by labels of the namespace, of which the flow shows none
    label_source,      ///< a selector by labels of a source that flows do not show in full
    address,           ///< an end outside the cluster without an address
    no_pod,            ///< the policies of a node, a health endpoint or a proxy are not judged
    local_host,        ///< allow-localhost, an option of the agent, lets the pod's own node in
    authentication,    ///< mutual authentication comes before the first packet
    tls,               ///< TLS interception or server names
    listener,          ///< an Envoy listener of its own
    headers,           ///< headers are not kept
    host,              ///< the record has no host
    l7_protocol,       ///< Kafka or a parser of the proxy, or records of another protocol than the rule's
    regex_size,        ///< Envoy may refuse the expression
    contradiction,     ///< two rules for one peer and port that Cilium can't unite: it keeps what it had
    unclear_file,      ///< whether Cilium takes the policy
};
inline constexpr std::size_t open_questions = 22;

/// `named_port`, …
std::string_view to_string(open_question question);
/// For people: `a port is given by name`.
std::string_view describe(open_question question);

/// An answer with what keeps it open.
struct finding {
    known is = known::no;
    open_question why = open_question::none;

    constexpr bool operator==(const finding&) const = default;
};

constexpr finding open(open_question why) {
    return {known::maybe, why};
}
constexpr finding found(bool is) {
    return {known_of(is), open_question::none};
}
constexpr finding all_of(finding a, finding b) {
    return b.is < a.is ? b : a;
}
constexpr finding any_of(finding a, finding b) {
    return b.is > a.is ? b : a;
}

}  // namespace cpg
