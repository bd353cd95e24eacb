// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Remembers the newest events of one node by their hash, in two tables: when the younger one holds as many as are
// to be remembered, it becomes the elder and the elder is forgotten. So it knows between once and twice as many as
// it was asked to, in bounded memory, without a list of what came when. Pure; one thread at a time.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cpg {

class seen_events {
  public:
    /// True for a hash that is not remembered, which it now is. `most` is how many are to be remembered at least.
    bool insert(std::uint64_t hash, std::size_t most);
    /// Lets the processor fetch what insert() will look at.
    void expect(std::uint64_t hash) const;
    /// Of 64-bit places, both tables together.
    std::size_t places() const { return younger_.places.size() + elder_.places.size(); }

  private:
    // Open addressing, at most half full; 0 is a free place.
    struct table {
        std::vector<std::uint64_t> places;
        std::size_t used = 0;

        void expect(std::uint64_t hash) const;
        bool contains(std::uint64_t hash) const;
        void insert(std::uint64_t hash);
        void grow();
    };

    table younger_;
    table elder_;
};

}  // namespace cpg
