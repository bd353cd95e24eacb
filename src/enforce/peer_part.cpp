// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/peer_part.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cpg {

namespace {

struct matching {
    const identity& who;
    const learned_names& names;

    finding operator()(const label_selector& selector) const { return selector.matches(who); }

    finding operator()(const prefix_peer& peer) const {
        if (who.is_nobody_known()) return open(open_question::labels);
        if (!who.is_world()) return found(false);
        if (!who.address()) return open(open_question::address);
        const cidr host{.address = *who.address(), .prefix_bits = who.address()->v6 ? 128U : 32U};
        const auto holds = [&](const cidr& prefix) { return contains(prefix, host); };
        return found(holds(peer.prefix) && std::ranges::none_of(peer.except, holds));
    }

    finding operator()(const name_pattern& pattern) const {
        if (who.is_nobody_known()) return open(open_question::labels);
        if (!who.is_world()) return found(false);
        if (names.none_known) return open(open_question::names);
        const auto is_it = [&](const std::string& name) { return pattern.matches(name); };
        if (std::ranges::any_of(names.taught, is_it)) return found(true);
        return std::ranges::any_of(names.elsewhere, is_it) ? open(open_question::names) : found(false);
    }

    finding operator()(const open_peer& peer) const {
        return (who.is_world() ? peer.world : peer.others) ? open(peer.why) : found(false);
    }
};

std::string text_of(const cidr& prefix) {
    const std::string host = host_cidr(prefix.address);
    return host.substr(0, host.find('/')) + "/" + std::to_string(prefix.prefix_bits);
}

struct keying {
    std::string operator()(const label_selector& selector) const { return selector.text(); }
    std::string operator()(const prefix_peer& peer) const {
        std::string out = text_of(peer.prefix);
        for (const cidr& each : peer.except)
            out += "-" + text_of(each);
        return out;
    }
    std::string operator()(const name_pattern& pattern) const { return "name " + lower(pattern.text()); }
    std::string operator()(const open_peer& peer) const { return "open " + std::string(to_string(peer.why)); }
};

}  // namespace

finding matches(const peer_part& part, const identity& who, const learned_names& names) {
    return std::visit(matching{who, names}, part.who);
}

std::string key_of(const peer_part& part) {
    return std::visit(keying{}, part.who);
}

}  // namespace cpg
