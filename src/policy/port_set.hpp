// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The ports that a policy names: numbers, ranges, `ANY`, and port 0, which is every port. Looked up in the time of a
// search, however many there are. A value; any thread.

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "policy/policy.hpp"
#include "policy/port_entry.hpp"
#include "policy/tree.hpp"

namespace cpg {

class port_set {
  public:
    port_set() = default;
    /// Of the `ports` of an entry of toPorts; none where it has none. What is no port names none.
    explicit port_set(const tree* list);

    /// Named ports are no numbers: only the pods know which they have.
    bool contains(const port& port) const;
    bool has_names() const { return has_names_; }
    /// True when the number is listed on its own, for whatever protocols. Of a set that was read.
    bool lists_number(std::uint16_t number) const;
    void add(const port_set& other);

    /// The ports that are listed for one protocol, each of a range too: what cpg itself may have written.
    std::set<port> listed() const;
    bool has_ranges() const;

  private:
    using ranges = std::map<std::uint16_t, std::uint16_t>;  ///< by their first ports; none touches another

    void add(const port_entry& entry);
    static void add(ranges& to, std::uint16_t first, std::uint16_t last);
    const ranges* ranges_of(l4_protocol protocol) const;

    std::array<ranges, 3> by_protocol_;  ///< TCP, UDP, SCTP
    std::vector<port_entry> entries_;    ///< of a list
    bool has_names_ = false;
};

/// The one port that an entry names in cpg's own form: a number for one protocol. Nothing for any other.
std::optional<port> read_port(const tree& entry);
std::optional<icmp> read_icmp(const tree& field);

}  // namespace cpg
