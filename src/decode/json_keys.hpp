// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The members of Hubble's JSON that cpg reads, by the object that they stand in (hubble's proto names and their
// lowerCamelCase forms). Private to decode_json. Immutable tables; any thread.

#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string_view>

namespace cpg::json {

// clang-format off
/// A member, named by what it means.
enum class member : std::uint8_t {
    ignored,
    // the line
    flow, lost_events, node_status, other_event, envelope_time, envelope_node,
    // a flow
    time, uuid, verdict, drop_reason, drop_reason_desc, ip, l4, source, destination, type, node_name, l7, event_type,
    direction, is_reply, destination_names, denied_by, to_service, aggregate,
    // ip
    source_ip, destination_ip,
    // l4
    tcp, udp, sctp, icmpv4, icmpv6, other_protocol, source_port, destination_port, flags, syn, ack, rst, other_flag,
    icmp_type,
    // an endpoint
    identity, pod_namespace, labels, pod_name, cluster, workloads, workload_name,
    // event_type
    event_number, event_sub_type,
    // l7
    l7_type, http, dns, other_record, http_method, http_url, dns_query, dns_ips,
    // aggregate
    aggregated,
    // a policy in *_denied_by
    policy_name, policy_namespace,
    // lost_events, node_status
    lost_source, lost_number, node_state, node_names, node_message,
};
// clang-format on

/// A set of members.
class member_set {
  public:
    constexpr member_set() = default;
    constexpr member_set(std::initializer_list<member> members) {
        for (const member each : members)
            add(each);
    }

    constexpr void add(member each) { word(each) |= bit(each); }
    constexpr void remove(member each) { word(each) &= ~bit(each); }
    constexpr bool has(member each) const { return words_[index(each) / 64] & bit(each); }
    constexpr bool has_any(const member_set& of) const {
        return (words_[0] & of.words_[0]) != 0 || (words_[1] & of.words_[1]) != 0;
    }

  private:
    static constexpr std::size_t index(member each) { return static_cast<std::size_t>(each); }
    static constexpr std::uint64_t bit(member each) { return std::uint64_t{1} << index(each) % 64; }
    constexpr std::uint64_t& word(member each) { return words_[index(each) / 64]; }

    static_assert(static_cast<std::size_t>(member::node_message) < 128, "the last member");
    std::array<std::uint64_t, 2> words_{};
};

/// The kind of object that is being read; what its keys mean.
enum class scope : std::uint8_t {
    line,
    flow,
    ip,
    l4,
    ports,
    tcp_flags,
    icmp,
    nothing,
    endpoint,
    workload,
    event_type,
    l7,
    http,
    dns,
    policy,
    lost_events,
    node_status,
    aggregate,
};

/// Both of `size` bytes. Keys are short: two loads of each compare most of them, without a call.
inline bool are_same_key(const char* a, const char* b, std::size_t size) {
    const auto word = [](const char* at) {
        std::uint64_t out = 0;
        return std::memcpy(&out, at, sizeof out), out;
    };
    if (size < sizeof(std::uint64_t) || size > 2 * sizeof(std::uint64_t)) return std::memcmp(a, b, size) == 0;
    const std::size_t last = size - sizeof(std::uint64_t);
    return word(a) == word(b) && word(a + last) == word(b + last);
}

/// Maps the keys of one scope to members; a look-up compares about one string. Lines of memory are few: those that a
/// flow needs of all tables stay in the processor's smallest cache beside the text.
class key_table {
  public:
    struct entry {
        std::string_view key;
        json::member member = member::ignored;
    };

    key_table(std::initializer_list<entry> entries) {
        for (const entry& added : entries) {
            std::size_t at = slot_of(added.key);
            while (slots_[at] != 0)
                at = (at + 1) % slots_.size();
            entries_.at(used_) = added;
            slots_[at] = static_cast<std::uint8_t>(++used_);
        }
    }

    json::member find(std::string_view key) const {
        if (key.empty()) return member::ignored;
        for (std::size_t at = slot_of(key); slots_[at] != 0; at = (at + 1) % slots_.size())
            if (const entry& found = entries_[slots_[at] - 1U];
                found.key.size() == key.size() && are_same_key(found.key.data(), key.data(), key.size()))
                return found.member;
        return member::ignored;
    }

  private:
    static std::size_t slot_of(std::string_view key) {
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(key[i]); };
        return (key.size() * 37 + byte(0) * 7 + byte(key.size() / 2) * 131 + byte(key.size() - 1) * 17) % 256;
    }

    std::array<std::uint8_t, 256> slots_{};  ///< the number of an entry, counted from 1; 0: none
    std::array<entry, 48> entries_{};
    std::size_t used_ = 0;
};

const key_table& keys_of(scope scope);

}  // namespace cpg::json
