// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "aggregate/connection_tally.hpp"

#include <algorithm>
#include <cstring>

#include "base/keep_first.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "request/l7_request.hpp"

namespace cpg {

namespace {

template <class Number>
void append_number(std::string& to, Number number) {
    std::array<char, sizeof number> bytes;
    std::memcpy(bytes.data(), &number, sizeof number);
    to.append(bytes.data(), bytes.size());
}

void append_text(std::string& to, std::string_view text) {
    append_number(to, static_cast<std::uint32_t>(text.size()));
    to += text;
}

// cilium:pkg/identity/numericidentity.go; a field mask has cut the labels.
std::vector<std::string> labels_of_number(reserved_identity reserved) {
    if (reserved == reserved_identity::kube_apiserver) return {"reserved:kube-apiserver", "reserved:remote-node"};
    return {"reserved:" + std::string(to_string(reserved))};
}

connection_end read_end(const endpoint& end) {
    connection_end out{.labels = {end.labels->raw.begin(), end.labels->raw.end()},
                       .pod_namespace = std::string(namespace_of(end)),
                       .cluster = std::string(cluster_of(end)),
                       .name = end.labels->workload,
                       .reserved = end.labels->reserved};
    if (out.labels.empty() && !(end.identity == 0 && !out.pod_namespace.empty()))
        out.reserved = reserved_identity_of_number(end.identity);
    if (out.labels.empty() && out.reserved != reserved_identity::none) out.labels = labels_of_number(out.reserved);
    out.has_labels = !out.labels.empty() && out.reserved != reserved_identity::unknown;
    std::ranges::sort(out.labels);
    return out;
}

// Host and target of an HTTP record's URL; a record without a scheme has no host.
void read_url(std::string_view url, connection_request& to) {
    url = url.substr(0, url.find('#'));
    if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) {
        url.remove_prefix(scheme + 3);
        const std::size_t end = std::min(url.find_first_of("/?"), url.size());
        const std::string_view authority = url.substr(0, end);
        to.host = authority.substr(authority.rfind('@') + 1);
        url.remove_prefix(end);
    }
    to.target = url.starts_with('/') ? std::string(url) : "/" + std::string(url);
}

connection_request request_of(const flow& flow) {
    connection_request out;
    if (flow.l7 == l7_record::http) {
        out.kind = l7_kind::http;
        out.method = flow.http_method;
        read_url(flow.http_url, out);
    } else if (flow.l7 == l7_record::dns) {
        out.kind = l7_kind::dns;
        out.target =
            lower(flow.dns_query.ends_with('.') ? flow.dns_query.substr(0, flow.dns_query.size() - 1) : flow.dns_query);
    }
    return out;
}

void append_request(std::string& to, const flow& flow) {
    to += static_cast<char>(flow.l7);
    if (flow.l7 == l7_record::http) {
        append_text(to, flow.http_method);
        append_text(to, flow.http_url);
    } else if (flow.l7 == l7_record::dns) {
        append_text(to, flow.dns_query);
    }
}

}  // namespace

// The address of a kept label set is its key: it lives as long as the session.
void connection_tally::append_end(const endpoint& end) {
    end_key_.clear();
    if (end.labels->kept) {
        end_key_ += 'k';
        append_number(end_key_, end.labels);
    } else {
        end_key_ += 'l';
        for (const std::string_view each : end.labels->raw)
            append_text(end_key_, each);
    }
    append_text(end_key_, end.pod_namespace);
    append_text(end_key_, end.cluster);
    if (end.labels->raw.empty()) append_number(end_key_, end.identity);
}

const std::shared_ptr<const connection_end>& connection_tally::end_of(const endpoint& end) {
    append_end(end);
    auto& known = ends_[end_key_];
    if (!known) known = std::make_shared<const connection_end>(read_end(end));
    return known;
}

bool connection_tally::has_room_for(const endpoint& end) {
    if (ends_.size() < limits::connections) return true;
    append_end(end);
    return ends_.contains(end_key_);
}

void connection_tally::add(const shown_connection& shown) {
    const flow& flow = *shown.flow;
    if (!has_room_for(*shown.subject) || !has_room_for(*shown.peer)) {
        left_out_ += flow.count();
        return;
    }
    key_.clear();
    key_ += static_cast<char>(shown.direction);
    key_ += static_cast<char>(flow.protocol);
    append_number(key_, shown.port);
    const auto& subject = end_of(*shown.subject);
    append_text(key_, end_key_);
    const auto& peer = end_of(*shown.peer);
    append_text(key_, end_key_);
    const bool world = peer->reserved == reserved_identity::world;
    if (world) append_text(key_, shown.peer_ip);
    append_request(key_, flow);

    auto found = seen_.find(key_);
    if (found == seen_.end()) {
        if (seen_.size() >= limits::connections) {
            left_out_ += flow.count();
            return;
        }
        found = seen_.try_emplace(key_).first;
        found->second.connection = {.direction = shown.direction,
                                    .subject = subject,
                                    .peer = peer,
                                    .address = world ? parse_address(shown.peer_ip) : std::nullopt,
                                    .protocol = flow.protocol,
                                    .port = shown.port,
                                    .request = request_of(flow)};
    }
    entry& at = found->second;
    (shown.denied ? at.denied : at.allowed) += flow.count();
    at.proves_default_deny = at.proves_default_deny || shown.proves_default_deny;
    if (world && shown.direction == direction::egress)
        add_names(*subject, at.connection.address, flow.destination_names);
}

void connection_tally::add_names(const connection_end& client, const std::optional<address>& address,
                                 std::span<const std::string_view> names) {
    if (!address || names.empty()) return;
    if (names_.size() >= limits::connections && !names_.contains({&client, *address})) return;
    std::set<std::string>& known = names_[{&client, *address}];
    for (std::string& name : dns_names_of(names))
        known.insert(std::move(name));
    keep_first(known, limits::names_together);
}

void connection_tally::add_answer(const flow& answer) {
    if (answer.l7 != l7_record::dns || answer.l7_type != l7_type::response || answer.dns_ips.empty()) return;
    if (!answer.destination.present || !has_room_for(answer.destination)) return;
    const auto client = end_of(answer.destination);
    for (const std::string_view ip : answer.dns_ips)
        add_names(*client, parse_address(ip), std::span(&answer.dns_query, 1));
}

void connection_tally::add(const connection_tally& other) {
    for (const auto& [key, entry] : other.seen_) {
        const auto [at, is_new] = seen_.try_emplace(key, entry);
        if (is_new) continue;
        at->second.denied += entry.denied;
        at->second.allowed += entry.allowed;
        at->second.proves_default_deny = at->second.proves_default_deny || entry.proves_default_deny;
    }
    std::map<const connection_end*, const connection_end*> own;
    for (const auto& [key, end] : other.ends_)
        own[end.get()] = ends_.try_emplace(key, end).first->second.get();
    for (const auto& [key, names] : other.names_)
        add_first(names_[{own.at(key.first), key.second}], names, limits::names_together);
    for (std::size_t i = 0; i < passed_over_.size(); ++i)
        passed_over_[i] += other.passed_over_[i];
    left_out_ += other.left_out_;
}

namespace {

// Two keys may be the same end: a namespace as a member of the flow, and as a label alone.
class shared_ends {
  public:
    const std::shared_ptr<const connection_end>& of(const std::shared_ptr<const connection_end>& end) {
        return shared_.try_emplace(*end, end).first->second;
    }

  private:
    std::map<connection_end, std::shared_ptr<const connection_end>> shared_;
};

void add_equal(std::vector<seen_connection>& to, std::vector<seen_connection> all) {
    std::ranges::sort(all, {}, &seen_connection::connection);
    for (seen_connection& each : all) {
        if (to.empty() || !(to.back().connection == each.connection)) {
            to.push_back(std::move(each));
            continue;
        }
        to.back().denied += each.denied;
        to.back().allowed += each.allowed;
    }
}

}  // namespace

seen_connections connection_tally::result() const {
    seen_connections out;
    out.passed_over = passed_over_;
    out.left_out = left_out_;
    shared_ends ends;
    std::vector<seen_connection> all;
    std::set<std::pair<std::shared_ptr<const connection_end>, direction>> proven;
    for (const auto& [key, entry] : seen_) {
        seen_connection& seen = all.emplace_back();
        seen.connection = entry.connection;
        seen.connection.subject = ends.of(entry.connection.subject);
        seen.connection.peer = ends.of(entry.connection.peer);
        seen.denied = entry.denied;
        seen.allowed = entry.allowed;
        if (entry.proves_default_deny) proven.emplace(seen.connection.subject, seen.connection.direction);
    }
    add_equal(out.all, std::move(all));
    std::map<std::pair<connection_end, address>, std::set<std::string>> names;
    for (const auto& [key, known] : names_)
        names[{*key.first, key.second}].insert(known.begin(), known.end());
    for (seen_connection& each : out.all) {
        each.default_deny = proven.contains({each.connection.subject, each.connection.direction});
        if (!each.connection.address || each.connection.direction != direction::egress) continue;
        const auto known = names.find({*each.connection.subject, *each.connection.address});
        if (known != names.end()) each.names.assign(known->second.begin(), known->second.end());
    }
    return out;
}

}  // namespace cpg
