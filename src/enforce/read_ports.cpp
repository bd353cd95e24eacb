// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "enforce/read_rule_parts.hpp"
#include "policy/policy.hpp"

namespace cpg {

namespace {

constexpr std::uint16_t highest_port = 65535;

class port_reader {
  public:
    port_reader(direction direction, bool denies, const policy_place& place, reading& reading, rule_parts& parts)
        : ingress_(direction == direction::ingress), denies_(denies), place_(place), reading_(reading), parts_(parts) {}

    void read(const tree& rule) {
        const auto* const ports = reading_.list_in(rule, "toPorts");
        const auto* const icmps = reading_.list_in(rule, "icmps");
        const bool has_ports = ports && !ports->empty();
        const bool has_icmps = icmps && !icmps->empty();
        if (has_ports && has_icmps) reading_.refuse(rule, "a rule can't have both toPorts and icmps");
        parts_.every_port = !has_ports && !has_icmps;
        if (has_ports)
            for (const tree& each : *ports)
                if (reading_.is_mapping(each, "an entry of toPorts")) read_entry(each);
        if (has_icmps)
            for (const tree& each : *icmps)
                if (reading_.is_mapping(each, "an entry of icmps")) read_icmps(each);
    }

  private:
    void read_entry(const tree& entry) {
        port_part part{.line = reading_.line_of(entry)};
        if (denies_)
            reading_.expect_members(entry, {"ports"});
        else
            reading_.expect_members(entry,
                                    {"ports", "rules", "serverNames", "terminatingTLS", "originatingTLS", "listener"});
        const tree* const rules = denies_ ? nullptr : reading_.mapping_in(entry, "rules");
        if (rules) part.requests = read_requests(*rules, reading_);
        const auto* const ports = reading_.list_in(entry, "ports");
        if (ports && ports->size() > most_list_entries) reading_.refuse(entry, "a list takes 40 ports");
        if (ports)
            for (const tree& each : *ports)
                if (reading_.is_mapping(each, "an entry of ports")) read_port(each, part);
        if (rules) check_requests(*rules, part, ports && !ports->empty());
        if (!denies_) read_proxy(entry, part);
        parts_.ports.push_back(std::move(part));
    }

    void read_port(const tree& entry, port_part& to) {
        reading_.expect_members(entry, {"port", "endPort", "protocol"});
        port_entry out;
        read_protocol(entry, out);
        const std::string text = reading_.string_in(entry, "port").value_or("");
        const long long end = reading_.integer_in(entry, "endPort").value_or(0);
        if (end < 0 || end > highest_port) reading_.refuse(entry, "endPort is a port, not " + std::to_string(end));
        if (parse_port(out, text, static_cast<std::uint16_t>(std::clamp<long long>(end, 0, highest_port)))) {
            if (to.requests.kind == request_kind::dns && out.name.empty() && end > out.first)
                reading_.refuse(entry, "DNS rules take no ranges of ports");
        } else if (text.find('_') != std::string::npos) {
            reading_.doubt(entry, "a port with an underscore");
        } else if (!text.empty()) {
            reading_.refuse(entry, json_quote(text) + " is no port");
        } else if (const tree* const port = entry.find("port"); !port || (port->is_scalar() && port->scalar.empty())) {
            reading_.refuse(entry, "a port must be given");
        }
        to.ports.push_back(std::move(out));
    }

    void read_protocol(const tree& entry, port_entry& to) {
        const auto text = reading_.string_in(entry, "protocol");
        to.protocols = port_protocols(text.value_or(""));
        if (text && text->empty()) to.protocols.clear();
        if (!to.protocols.empty()) return;
        to.protocols = {l4_protocol::other};
        if (*text == "VRRP" || *text == "IGMP")
            reading_.doubt(entry, *text + " needs enable-extended-ip-protocols");
        else
            reading_.refuse(entry, "the protocol is TCP, UDP, SCTP or ANY, not " + json_quote(*text));
    }

    // cilium:pkg/policy/api/rule_validation.go PortRule.sanitize.
    void check_requests(const tree& rules, const port_part& part, bool has_ports) {
        const request_part& requests = part.requests;
        if (requests.kind == request_kind::any) return;
        if (requests.kind == request_kind::dns && ingress_) reading_.refuse(rules, "DNS rules are for egress");
        if (requests.kind == request_kind::dns && !has_ports) reading_.refuse(rules, "DNS rules need a port");
        if (requests.http.empty() && requests.dns.empty() && !requests.other_rules) return;
        const bool is_parser = !requests.parser.empty();
        if (place_.selects_nodes && (ingress_ || (requests.kind != request_kind::dns && !is_parser)))
            reading_.refuse(rules, "nodes take no rules for requests but DNS rules for egress");
        for (const port_entry& each : part.ports) {
            if (each.name.empty() && each.first == 0)
                reading_.refuse(rules, "rules for requests need a port other than 0");
            if (requests.kind != request_kind::dns &&
                (each.protocols.size() != 1 || each.protocols[0] != l4_protocol::tcp))
                reading_.refuse(rules, "rules for requests are for TCP, but those for DNS");
        }
    }

    void read_proxy(const tree& entry, port_part& to) {
        const bool terminates = read_tls(entry, "terminatingTLS");
        const bool originates = read_tls(entry, "originatingTLS");
        const bool by_name = read_server_names(entry);
        if (terminates || originates || by_name) to.proxy = open_question::tls;
        const bool filters = !to.requests.http.empty() || !to.requests.dns.empty() || to.requests.other_rules;
        if (by_name && filters && !terminates)
            reading_.refuse(entry, "serverNames beside rules for requests need terminatingTLS");
        if (!entry.find("listener")) return;
        read_listener(entry);
        if (ingress_) reading_.refuse(entry, "a listener is for egress");
        if (filters) reading_.refuse(entry, "a listener goes without rules for requests");
        to.proxy = open_question::listener;
    }

    bool read_tls(const tree& entry, std::string_view name) {
        if (!entry.find(name)) return false;
        const tree* const context = reading_.mapping_in(entry, name);
        if (!context) return false;
        reading_.expect_members(*context, {"secret", "trustedCA", "certificate", "privateKey"});
        const tree* const secret = reading_.mapping_in(*context, "secret");
        if (!secret || !secret->find("name"))
            reading_.refuse(*context, std::string(name) + " needs a secret with a name");
        return true;
    }

    bool read_server_names(const tree& entry) {
        const auto* const names = reading_.list_in(entry, "serverNames");
        if (!names) return false;
        if (names->empty()) reading_.refuse(entry, "serverNames needs a name");
        std::set<std::string> seen;
        for (const tree& each : *names) {
            const auto text = reading_.string_of(each, "a server name");
            if (text && (!is_name_to_match(*text, true) || !seen.insert(*text).second))
                reading_.refuse(each, json_quote(*text) + " is no server name, or stands twice");
        }
        return true;
    }

    void read_listener(const tree& entry) {
        const tree* const listener = reading_.mapping_in(entry, "listener");
        if (!listener) return;
        reading_.expect_members(*listener, {"envoyConfig", "name", "priority"});
        const tree* const config = reading_.mapping_in(*listener, "envoyConfig");
        if (!config || config->text_of("name").empty() || listener->text_of("name").empty())
            reading_.refuse(*listener, "a listener needs a name, and an envoyConfig with one");
    }

    void read_icmps(const tree& entry) {
        reading_.expect_members(entry, {"fields"});
        port_part part{.line = reading_.line_of(entry)};
        const auto* const fields = reading_.list_in(entry, "fields");
        if (fields && fields->size() > most_list_entries) reading_.refuse(entry, "a list takes 40 ICMP types");
        if (fields)
            for (const tree& each : *fields)
                if (reading_.is_mapping(each, "an entry of fields")) read_icmp(each, part);
        parts_.ports.push_back(std::move(part));
    }

    void read_icmp(const tree& field, port_part& to) {
        reading_.expect_members(field, {"family", "type"});
        const std::string family = reading_.string_in(field, "family").value_or("IPv4");
        if (family != "IPv4" && family != "IPv6")
            reading_.refuse(field, "the family is IPv4 or IPv6, not " + json_quote(family));
        const bool v6 = family == "IPv6";
        const auto type = type_of(field, v6);
        if (!type) return;
        // Type 0 is carried as port 0, which is every type (cilium#41304).
        to.ports.push_back({.protocols = {v6 ? l4_protocol::icmpv6 : l4_protocol::icmpv4},
                            .first = *type,
                            .last = *type,
                            .all = *type == 0,
                            .name = {}});
    }

    std::optional<std::uint16_t> type_of(const tree& field, bool v6) {
        constexpr long long highest = 255;
        const tree* const value = field.find("type");
        if (!value) return reading_.refuse(field, "an ICMP type must be given"), std::nullopt;
        if (value->is_scalar() && kind_of_scalar(*value) == scalar_kind::integer) {
            const auto number = reading_.integer_in(field, "type");
            if (number && *number >= 0 && *number <= highest) return static_cast<std::uint16_t>(*number);
            if (number) reading_.doubt(field, "an ICMP type beyond 255");
            return std::nullopt;
        }
        const auto text = reading_.string_in(field, "type");
        if (!text) return std::nullopt;
        if (const auto number = parse_unsigned(*text);
            number && *number <= highest && (text->size() == 1 || text->front() != '0'))
            return static_cast<std::uint16_t>(*number);
        const auto named = icmp_type_of_name(*text, v6);
        if (!named) reading_.refuse(field, json_quote(*text) + " is no ICMP type of " + (v6 ? "IPv6" : "IPv4"));
        return named;
    }

    const bool ingress_;
    const bool denies_;
    const policy_place& place_;
    reading& reading_;
    rule_parts& parts_;
};

void read_authentication(const tree& rule, reading& reading, rule_parts& to) {
    const tree* const wanted = reading.mapping_in(rule, "authentication");
    if (!wanted) return;
    const auto mode = reading.string_in(*wanted, "mode");
    if (mode == "required")
        to.authentication = authentication::required;
    else if (mode == "test-always-fail")
        to.authentication = authentication::always_fail;
    else if (mode != "disabled" && (mode || !wanted->find("mode")))
        reading.refuse(*wanted, "the mode is disabled, required or test-always-fail");
    else if (mode)
        to.authentication = authentication::disabled;
}

}  // namespace

void read_ports(const tree& rule, direction direction, bool denies, const policy_place& place, reading& reading,
                rule_parts& parts) {
    port_reader(direction, denies, place, reading, parts).read(rule);
}

rule_parts read_rule_parts(const tree& rule, direction direction, bool denies, const policy_place& place,
                           reading& reading) {
    rule_parts out;
    read_peers(rule, direction, denies, place, reading, out);
    read_ports(rule, direction, denies, place, reading, out);
    if (!denies) read_authentication(rule, reading, out);
    const bool ingress = direction == direction::ingress;
    if (ingress)
        reading.expect_members(rule, {"fromEndpoints", "fromNodes", "fromEntities", "fromCIDR", "fromCIDRSet",
                                      "fromGroups", "fromRequires", "toPorts", "icmps", "authentication"});
    else
        reading.expect_members(rule, {"toEndpoints", "toNodes", "toEntities", "toCIDR", "toCIDRSet", "toGroups",
                                      "toServices", "toFQDNs", "toRequires", "toPorts", "icmps", "authentication"});
    return out;
}

}  // namespace cpg
