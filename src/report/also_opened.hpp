// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What the rule of a policy opens beside that for which there is evidence: pods that share the labels it asks for,
// prefixes, ranges of ports, whole groups of peers. Only what is certain counts. Pure; any thread.

#include <map>
#include <string>
#include <vector>

#include "evidence/document.hpp"
#include "evidence/known_pods.hpp"
#include "policy/yaml.hpp"

namespace cpg {

/// In the order in which they are shown.
enum class opened_kind : std::uint8_t {
    peer_pods,     ///< pods that the rule's peer takes in
    subject_pods,  ///< pods that the policy selects
    peers,         ///< all of a prefix, of an entity, everybody
    ports,         ///< all of a range or of a protocol
};
/// `peer_pods`, …
std::string_view to_string(opened_kind kind);

struct also_opened {
    opened_kind kind = opened_kind::peers;
    std::string what;             ///< `203.0.113.0/24`, `TCP/8000-8010`, or the labels of a pod
    std::string pod_namespace{};  ///< of pods

    auto operator<=>(const also_opened&) const = default;
};

/// By the key of the evidence's rule; sorted, each once.
using opened_by_rule = std::map<std::string, std::vector<also_opened>>;

/// `policies` are the documents of the policy's file. Nothing of pods for rules whose pods are not known, or are too
/// many to be known all.
opened_by_rule also_opened_by(const yaml_file& policies, const evidence_document& evidence, const known_pods& pods);

/// `pods app=web,tier=front of shop, which it takes in as well`, for people.
std::string describe(const also_opened& opened, direction direction);

}  // namespace cpg
