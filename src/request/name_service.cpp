// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "request/name_service.hpp"

#include <algorithm>

#include "base/keep_first.hpp"
#include "base/limits.hpp"

namespace cpg {

name_service united(const name_service& a, const name_service& b) {
    const name_service& better = b.by < a.by ? b : a;
    name_service out{.servers = better.servers,
                     .by = better.by,
                     .domains = a.domains,
                     .queried = a.queried || b.queried,
                     .addresses = a.addresses,
                     .server_labels = a.server_labels};
    if (a.by == b.by) out.servers.insert(b.servers.begin(), b.servers.end());
    keep_first(out.servers, limits::dns_servers);
    for (const auto& [domain, labels] : b.domains)
        out.domains[domain] = std::max(out.domains[domain], labels);
    out.server_labels.insert(b.server_labels.begin(), b.server_labels.end());
    for (const auto& [address, names] : b.addresses)
        out.addresses[address].insert(names.begin(), names.end());
    return out;
}

}  // namespace cpg
