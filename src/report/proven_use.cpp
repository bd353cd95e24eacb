// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/proven_use.hpp"

#include <array>
#include <memory>

#include "base/text.hpp"
#include "enforce/decide.hpp"
#include "evidence/file.hpp"
#include "evidence/paths.hpp"
#include "flow/address.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

connection_end end_of(const peer& peer, const std::string& pod_namespace) {
    connection_end out;
    if (peer.kind == peer_kind::entity) out.labels = {"reserved:" + peer.name};
    if (peer.kind == peer_kind::cidr || peer.kind == peer_kind::fqdn) out.labels = {"reserved:world"};
    if (peer.kind != peer_kind::endpoint) return out;
    out.pod_namespace = pod_namespace;
    for (const auto& [key, value] : peer.labels) {
        const std::string bare(key.substr(key.starts_with("k8s:") ? 4 : 0));
        if (bare == namespace_label) out.pod_namespace = value;
        if (bare == cluster_label) out.cluster = value;
        out.labels.push_back("k8s:" + bare + "=" + value);
    }
    return out;
}

std::string without_prefix(const std::string& name) {
    constexpr std::string_view prefix = "cpg-";
    return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

}  // namespace

bool is_for(const judged_policy& policy, const judged_rule& rule, const evidence_rule& seen) {
    const rule_key& what = seen.what;
    if (rule.denies || rule.direction != what.direction) return false;
    connection asked{.direction = what.direction,
                     .subject = {},
                     .peer = std::make_shared<const connection_end>(end_of(what.peer, policy.pod_namespace)),
                     .address = {},
                     .protocol = what.protocol,
                     .port = what.port,
                     .request = {}};
    if (what.peer.kind == peer_kind::cidr)
        if (const auto prefix = parse_cidr(what.peer.name)) asked.address = prefix->address;
    const identity who(*asked.peer, asked.peer->cluster, asked.address);
    const learned_names names = {.taught = what.peer.names, .elsewhere = {}, .none_known = false};
    return match({&policy, &rule, found(true)}, asked, who, names).both.is != known::no;
}

const evidence_document* proven_use::of(const judged_policy& policy) {
    const auto [at, is_new] = found_.try_emplace(&policy);
    if (is_new) at->second = find(policy);
    return at->second ? &*at->second : nullptr;
}

std::optional<evidence_document> proven_use::find(const judged_policy& policy) const {
    const fs::path file = cleaned(policy.file);
    const std::array names = {without_prefix(policy.name), file.stem().string()};
    if (!evidence_dir_ || !is_dns_label(policy.pod_namespace)) return std::nullopt;
    const fs::path folder = evidence_folder(*evidence_dir_, file.parent_path().parent_path());
    for (const std::string& each : names) {
        try {
            if (!is_dns_subdomain(each)) continue;
            if (auto found = read_evidence(evidence_path(folder, policy.pod_namespace, each))) return found;
        } catch (const evidence_error&) {
            // Explain says what is wrong with it; here it tells nothing.
            continue;
        }
    }
    return std::nullopt;
}

}  // namespace cpg
