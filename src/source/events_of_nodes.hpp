// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which flows have come, remembered for each node: a node serves what its ring holds, and as long as more is remembered
// than that, nothing counts twice. Streams may share one, where several servers have the same nodes. Nothing here
// locks: whoever shares it does, once a piece.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "source/seen_events.hpp"

namespace cpg {

class events_of_nodes {
  public:
    /// Lets the processor fetch what insert() will look at.
    void expect(std::uint64_t node, std::uint64_t hash) const;
    /// True for a flow that has not come before; its hash is remembered.
    bool insert(std::uint64_t node, std::uint64_t hash);
    /// 64-bit places that what it remembers takes.
    std::size_t places() const;

  private:
    seen_events& seen_of(std::uint64_t node);
    std::size_t remembered_of_each() const;

    std::unordered_map<std::uint64_t, seen_events> nodes_;
};

struct shared_events {
    std::mutex mutex;
    events_of_nodes seen;
};

}  // namespace cpg
