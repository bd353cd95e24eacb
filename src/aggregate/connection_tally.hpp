// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which connections were seen, each once, with how often it was let through and how often not. Sums, so the order of
// the flows does not matter; memory goes by distinct connections. One thread at a time.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "request/seen_connections.hpp"

namespace cpg {

class connection_tally {
  public:
    void add(const shown_connection& shown);
    void pass_over(shows_nothing why, std::uint64_t flows) { passed_over_[static_cast<std::size_t>(why)] += flows; }
    /// The names that a DNS answer gives to addresses, for the pod that asked.
    void add_answer(const flow& answer);
    void add(const connection_tally& other);
    seen_connections result() const;

  private:
    struct entry {
        cpg::connection connection;
        std::uint64_t denied = 0;
        std::uint64_t allowed = 0;
        bool proves_default_deny = false;
    };

    const std::shared_ptr<const connection_end>& end_of(const endpoint& end);
    void append_end(const endpoint& end);
    bool has_room_for(const endpoint& end);
    void add_names(const connection_end& client, const std::optional<address>& address,
                   std::span<const std::string_view> names);

    /// By the end of `ends_` that asked.
    using names_by_address = std::map<std::pair<const connection_end*, address>, std::set<std::string>>;

    std::unordered_map<std::string, entry> seen_;
    std::unordered_map<std::string, std::shared_ptr<const connection_end>> ends_;
    names_by_address names_;
    std::array<std::uint64_t, shows_nothing_reasons> passed_over_{};
    std::uint64_t left_out_ = 0;
    std::string key_;  ///< of the flow at hand; kept for its memory
    std::string end_key_;
};

}  // namespace cpg
