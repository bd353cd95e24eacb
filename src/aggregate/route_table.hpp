// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Where a flow goes, told from what it points to: no text is compared or built for a flow of a known kind, and a
// look-up touches one line of memory. A cache: what it has forgotten is found again the long way. One thread at a time.

#include <cstdint>
#include <vector>

#include "aggregate/workload.hpp"
#include "flow/address.hpp"
#include "flow/flow.hpp"
#include "request/rule_key.hpp"

namespace cpg {

struct route_key {
    const label_set* subject = nullptr;
    const label_set* peer = nullptr;
    cpg::address address;
    std::uint64_t cluster = 0;  ///< hash of the subject's, where its labels do not tell it
    cpg::direction direction{};
    peer_kind kind{};
    reserved_identity entity{};
    l4_protocol protocol{};
    std::uint16_t port = 0;

    bool operator==(const route_key&) const = default;
};

struct route {
    workload* target = nullptr;
    rule_state* rule = nullptr;
};

class route_table {
  public:
    /// Beyond this many the table starts anew; it costs time, never a flow.
    static constexpr std::size_t most_routes = 1u << 16;

    /// Lets the processor fetch what operator[] will look at.
    void expect(const route_key& key) const;
    /// The place of the key: its route, or one without target, to be filled in before the next call.
    route& operator[](const route_key& key);

  private:
    struct slot {
        route_key key;
        route to;  ///< without target: a free place
    };

    slot& slot_of(const route_key& key);
    void resize(std::size_t slots);

    std::vector<slot> slots_ = std::vector<slot>(256);  ///< a power of two, at most half full
    std::size_t used_ = 0;
};

}  // namespace cpg
