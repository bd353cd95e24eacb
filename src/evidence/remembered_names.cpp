// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "evidence/remembered_names.hpp"

#include "evidence/file.hpp"
#include "evidence/paths.hpp"

namespace cpg {

namespace {

address_names names_in(const evidence_document& document) {
    address_names out;
    for (const auto& [key, rule] : document.rules)
        for (const std::string& address : rule.addresses)
            out[address].insert(rule.what.peer.names);
    return out;
}

address_names names_at(const std::filesystem::path& path) {
    try {
        const auto document = read_evidence(path);
        return document ? names_in(*document) : address_names{};
    } catch (const evidence_error&) {
        return {};
    }
}

}  // namespace

const address_names& remembered_names::of(const std::string& pod_namespace, const std::string& workload) {
    const auto [at, is_new] = known_.try_emplace({pod_namespace, workload});
    if (is_new) at->second = names_at(evidence_path(folder_, pod_namespace, workload));
    return at->second;
}

}  // namespace cpg
