// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/endpoint_pool.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace cpg {

namespace {

std::string_view workload_of(const endpoint& endpoint) {
    return endpoint.labels->workload.empty() ? endpoint.workload : std::string_view(endpoint.labels->workload);
}

// A label set that is read anew only makes for a second copy.
std::uint64_t hash_of(const endpoint& endpoint, std::string_view ip) {
    return mixed(mixed(reinterpret_cast<std::uintptr_t>(endpoint.labels), ip), endpoint.pod_name);
}

}  // namespace

bool is_same_end(const sample_endpoint& known, const endpoint& endpoint, std::string_view ip) {
    return known.ip == ip && known.pod == endpoint.pod_name && known.workload == workload_of(endpoint) &&
           known.pod_namespace == namespace_of(endpoint);
}

std::shared_ptr<const sample_endpoint> endpoint_pool::find(const endpoint& endpoint, std::string_view ip) {
    const std::uint64_t hash = hash_of(endpoint, ip);
    const auto [first, last] = ends_.equal_range(hash);
    const auto found =
        std::find_if(first, last, [&](const auto& each) { return is_same_end(*each.second, endpoint, ip); });
    if (found != last) return found->second;
    if (ends_.size() >= sweep_at_) sweep();
    auto made =
        std::make_shared<const sample_endpoint>(sample_endpoint{.pod_namespace = std::string(namespace_of(endpoint)),
                                                                .workload = std::string(workload_of(endpoint)),
                                                                .pod = std::string(endpoint.pod_name),
                                                                .ip = std::string(ip)});
    return ends_.emplace(hash, std::move(made))->second;
}

// Only the pool hands ends out, so one that only the pool has can't be taken meanwhile.
void endpoint_pool::sweep() {
    std::erase_if(ends_, [](const auto& each) { return each.second.use_count() == 1; });
    sweep_at_ = std::max(least_swept, 2 * ends_.size());
}

}  // namespace cpg
