// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/cluster_domain.hpp"

#include <algorithm>

namespace cpg {

namespace {

// A domain behind a search list that was put behind another name has `svc` in it.
bool is_domain(std::string_view text) {
    return !text.empty() && !text.starts_with("svc.") && text.find(".svc.") == std::string_view::npos;
}

// What stands behind the last `.<namespace>.svc.`; a name of the cluster to which the list was added has it twice.
std::optional<std::string> behind(std::string_view name, std::string_view pod_namespace) {
    const std::string mark = "." + std::string(pod_namespace) + ".svc.";
    const std::size_t at = name.rfind(mark);
    if (at == 0 || at == std::string_view::npos) return std::nullopt;
    const std::string_view domain = name.substr(at + mark.size());
    return is_domain(domain) ? std::optional<std::string>(domain) : std::nullopt;
}

}  // namespace

// An address of another cluster may have a `svc` in it, too: only the pod's own namespace, and the service that every
// cluster has, tell.
std::optional<std::string> cluster_domain_in(std::string_view name, std::string_view pod_namespace) {
    if (auto found = behind(name, pod_namespace)) return found;
    constexpr std::string_view known = "kubernetes.default.svc.";
    if (!name.starts_with(known) || !is_domain(name.substr(known.size()))) return std::nullopt;
    return std::string(name.substr(known.size()));
}

bool is_below(std::string_view name, std::string_view domain) {
    return name.size() > domain.size() + 1 && name.ends_with(domain) && name[name.size() - domain.size() - 1] == '.';
}

std::size_t label_count(std::string_view name) {
    return name.empty() ? 0 : 1 + static_cast<std::size_t>(std::ranges::count(name, '.'));
}

}  // namespace cpg
