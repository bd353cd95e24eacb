// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/known.hpp"

#include <array>
#include <cstddef>

namespace cpg {

namespace {

struct question_text {
    std::string_view name;
    std::string_view text;
};

constexpr std::array<question_text, open_questions> texts = {{
    {"none", "nothing is open"},
    {"named_port", "a rule gives its port by name, and the number stands in the pod's containers"},
    {"to_services", "a rule names a Service, and what stands behind it is not in the capture"},
    {"cidr_group", "a rule names a CIDR group, whose prefixes stand in another object"},
    {"groups", "a rule names security groups of a cloud"},
    {"nodes", "a rule selects nodes by their labels"},
    {"names", "a rule is by name, and which names the address has is not known"},
    {"labels", "the flow does not show the labels of both ends"},
    {"namespace_labels", "a rule selects by labels of the namespace, and the flow shows none"},
    {"label_source", "a rule selects by labels of a source that flows do not show in full"},
    {"address", "the flow has no address for an end outside of the cluster"},
    {"no_pod", "the end that a policy would be for is no pod"},
    {"local_host", "the pod's own node is let in or not by the agent's allow-localhost"},
    {"authentication", "a rule asks for mutual authentication"},
    {"tls", "a rule intercepts TLS or goes by server names"},
    {"listener", "a rule hands the connection to an Envoy listener"},
    {"headers", "a rule goes by HTTP headers, which cpg does not keep"},
    {"host", "a rule goes by the HTTP host, which the record lacks"},
    {"l7_protocol", "a rule filters by a protocol that the record is not of, or that cpg does not read"},
    {"regex_size", "an expression is larger than Envoy takes by default"},
    {"contradiction", "rules for the same peer and port contradict each other, so the agent can't resolve them"},
    {"unclear_file", "whether Cilium takes the policy is not certain"},
}};

}  // namespace

std::string_view to_string(open_question question) {
    return texts[static_cast<std::size_t>(question)].name;
}

std::string_view describe(open_question question) {
    return texts[static_cast<std::size_t>(question)].text;
}

}  // namespace cpg
