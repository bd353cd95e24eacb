// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What a rule of a file says of ports, requests and ICMP types, read once from its YAML. Only what is certain counts as
// allowed: a member that cpg does not know makes an entry allow nothing as far as it can tell. Refers to the tree,
// which must outlive it and stay as it is. Values; any thread.

#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "policy/port_set.hpp"
#include "policy/tree.hpp"

namespace cpg {

/// An entry of toPorts.
struct port_rule {
    enum class kind : std::uint8_t {
        plain,  ///< nothing but a list of ports; a list of requests without entries is no filter
        http,   ///< a list of ports and one of requests, and nothing else that restricts
        dns,    ///< the same with names
        other,
    };

    explicit port_rule(const tree& entry);

    /// At L4, or for every DNS name.
    bool is_open() const { return what == kind::plain || every_name; }
    /// True when the request or query is let through on its ports.
    bool allows(const l7_match& match) const;
    /// What its lists name, as far as cpg writes it: whole requests, names, and patterns of a domain.
    std::set<l7_match> requests() const;
    /// The entries of `rules.http` or `rules.dns`; null for the other kinds.
    const tree* matches() const { return matches_; }

    const tree* entry;
    kind what = kind::other;
    port_set ports;
    bool every_name = false;        ///< a list of names with `*` in it
    bool filters_requests = false;  ///< by what is no name; also one that this cpg does not know

  private:
    const tree* matches_ = nullptr;
};

/// True when an entry of `rules.dns` or toFQDNs lets the name through, which is in lower case and has no dot at its
/// end.
bool names(const tree& dns_entry, std::string_view name);

struct file_rule {
    explicit file_rule(const tree& rule);

    /// True when it opens the port for those whom it is for: at L4, or for every DNS name.
    bool opens(const port& port) const { return everything || open_.contains(port); }
    /// True when some entry names the port, with or without a filter behind it: the packet gets through at L4, and a
    /// plain port beside the entry would void its filter.
    bool lets_through(const port& port) const { return everything || through_.contains(port); }
    bool opens(const icmp& icmp) const { return everything || icmps.contains(icmp); }
    /// True when an entry that names the port lets this request or query through.
    bool allows(const port& port, const l7_match& match) const;

    const tree* node;
    bool everything = false;  ///< neither toPorts nor icmps with an entry
    std::vector<port_rule> ports;
    std::set<icmp> icmps;

  private:
    port_set open_;
    port_set through_;
};

}  // namespace cpg
