// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// As what a policy says what was observed: a connection to an address whose names are known is one to these names, and
// a query for a name of the cluster is one to its DNS server; paths may be collapsed. Pure; any thread.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policy/rule_shape.hpp"
#include "request/name_service.hpp"
#include "request/rule_key.hpp"

namespace cpg {

/// Most names that one address may have to be written by them.
inline constexpr std::size_t most_names_of_a_peer = 10;

class written_keys {
  public:
    /// `keys` are all of the workload: names that it asks for are told from others that its addresses have.
    written_keys(const std::vector<rule_key>& keys, const name_service& names, std::string_view pod_namespace,
                 const rule_shape& shape = {});

    /// The connection by its names, the request by its collapsed path; nothing where the key is written as it is.
    std::optional<rule_key> changed(const rule_key& key) const;
    /// The key of evidence: changed, and queries for names of the cluster as ones to its DNS server.
    rule_key of(const rule_key& key) const;
    /// True for a connection that stays by its address because that has too many names.
    bool has_too_many_names(const rule_key& key) const;

    const name_service& service() const { return service_; }

  private:
    void collapse_paths(const std::vector<rule_key>& keys);
    std::optional<rule_key> by_name(const rule_key& key) const;
    bool may_have_names(const rule_key& key) const;
    bool is_of_cluster(const std::string& name) const;
    void keep_asked(name_list& names) const;
    name_list names_of(const std::string& address) const;

    name_service service_;
    dns_server first_server_;
    std::set<std::string> asked_;
    std::map<rule_key, std::string> collapsed_;  ///< paths
};

}  // namespace cpg
