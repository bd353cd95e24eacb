// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Decode caches for whoever decodes at the moment: as many as threads do, and the one that was used last, which is
// still in the processor's cache, is the next. Any thread; a lock is taken twice a piece.

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "decode/decode_cache.hpp"

namespace cpg {

class cache_pool {
  public:
    /// The table must outlive this object and every flow decoded with a cache of it.
    explicit cache_pool(label_table& table) : table_(table) {}

    /// Calls `decode` with a cache that nobody else has meanwhile.
    template <class Decode>
    void with_one(Decode decode) {
        std::unique_ptr<decode_cache> taken = take();
        decode(*taken);
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(taken));
    }

  private:
    std::unique_ptr<decode_cache> take() {
        {
            const std::lock_guard lock(mutex_);
            if (!free_.empty()) {
                auto out = std::move(free_.back());
                free_.pop_back();
                return out;
            }
        }
        return std::make_unique<decode_cache>(table_);
    }

    label_table& table_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<decode_cache>> free_;
};

}  // namespace cpg
