// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/wire_decoder.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "decode/wire_events.hpp"
#include "decode/wire_reader.hpp"

// Field numbers are those of proto/flow/flow.proto and proto/observer/observer.proto.

namespace cpg {

namespace {

using views = std::vector<std::string_view>;

// google.protobuf.Timestamp; one that nanoseconds can't hold counts as absent.
std::int64_t read_time(std::string_view bytes) {
    constexpr std::int64_t most_seconds = std::numeric_limits<std::int64_t>::max() / 1'000'000'000 - 2;
    std::int64_t seconds = 0;
    std::int32_t nanos = 0;
    wire_reader in(bytes);
    while (in.next())
        in.number(1, seconds) || in.number(2, nanos) || in.skip();
    return seconds >= -most_seconds && seconds <= most_seconds ? seconds * 1'000'000'000 + nanos : 0;
}

void read_ip(std::string_view bytes, flow& out) {
    wire_reader in(bytes);
    while (in.next())
        in.text(1, out.source_ip) || in.text(2, out.destination_ip) || in.skip();
}

void read_flags(std::string_view bytes, flow& out) {
    constexpr std::uint32_t last_flag = 9;
    wire_reader in(bytes);
    while (in.next()) {
        bool other = false;
        if (in.number(2, out.tcp_syn) || in.number(3, out.tcp_rst) || in.number(5, out.tcp_ack)) continue;
        if (in.field() <= last_flag && in.number(in.field(), other))
            out.tcp_other_flag |= other;
        else
            in.skip();
    }
}

// TCP, UDP and SCTP number their ports alike; only TCP has flags.
void read_ports(std::string_view bytes, flow& out) {
    std::string_view flags;
    wire_reader in(bytes);
    while (in.next())
        in.number(1, out.source_port) || in.number(2, out.destination_port) || in.text(3, flags) || in.skip();
    read_flags(flags, out);
}

void read_icmp(std::string_view bytes, flow& out) {
    wire_reader in(bytes);
    while (in.next())
        in.number(1, out.icmp_type) || in.skip();
}

// Another member of the oneof takes the place of the one before it.
void become(flow& out, l4_protocol protocol) {
    if (out.protocol == protocol) return;
    out.protocol = protocol;
    out.source_port = out.destination_port = out.icmp_type = 0;
    out.tcp_syn = out.tcp_ack = out.tcp_rst = out.tcp_other_flag = false;
}

void read_l4(std::string_view bytes, flow& out) {
    using enum l4_protocol;
    constexpr std::array members = {none, tcp, udp, icmpv4, icmpv6, sctp, other, other};
    std::string_view member;
    wire_reader in(bytes);
    while (in.next()) {
        if (in.field() >= members.size() || !in.text(in.field(), member)) {
            in.skip();
            continue;
        }
        become(out, members[in.field()]);
        if (out.protocol == tcp || out.protocol == udp || out.protocol == sctp) read_ports(member, out);
        if (out.protocol == icmpv4 || out.protocol == icmpv6) read_icmp(member, out);
    }
}

std::string_view read_name(std::string_view bytes) {
    std::string_view name;
    wire_reader in(bytes);
    while (in.next())
        in.text(1, name) || in.skip();
    return name;
}

void read_endpoint(std::string_view bytes, endpoint& out, views& labels) {
    out.present = true;
    std::string_view part;
    wire_reader in(bytes);
    while (in.next()) {
        if (in.text(4, part))
            labels.push_back(part);
        else if (in.text(6, part))
            out.workload = out.workload.empty() ? read_name(part) : out.workload;
        else
            in.number(2, out.identity) || in.text(3, out.pod_namespace) || in.text(5, out.pod_name) ||
                in.text(7, out.cluster) || in.skip();
    }
}

void read_dns(std::string_view bytes, flow& out, views& ips) {
    out.l7 = l7_record::dns;
    std::string_view ip;
    wire_reader in(bytes);
    while (in.next()) {
        if (in.text(2, ip))
            ips.push_back(ip);
        else
            in.text(1, out.dns_query) || in.skip();
    }
}

void read_http(std::string_view bytes, flow& out) {
    out.l7 = l7_record::http;
    wire_reader in(bytes);
    while (in.next())
        in.text(2, out.http_method) || in.text(3, out.http_url) || in.skip();
}

// A record that is not known, or that a field mask has cut, is still a record.
void read_l7(std::string_view bytes, flow& out, views& ips) {
    out.l7 = l7_record::other;
    std::string_view record;
    wire_reader in(bytes);
    while (in.next()) {
        if (in.text(100, record))
            read_dns(record, out, ips);
        else if (in.text(101, record))
            read_http(record, out);
        else
            in.one_of(1, out.l7_type, l7_type::sample) || in.skip();
    }
}

void read_event_type(std::string_view bytes, flow& out) {
    wire_reader in(bytes);
    while (in.next())
        in.number(1, out.event_type) || in.number(2, out.event_sub_type) || in.skip();
}

tristate read_bool_value(std::string_view bytes) {
    bool value = false;
    wire_reader in(bytes);
    while (in.next())
        in.number(1, value) || in.skip();
    return value ? tristate::yes : tristate::no;
}

void read_denied_by(std::string_view bytes, flow& out) {
    if (!out.denied_by_name.empty()) return;
    wire_reader in(bytes);
    while (in.next())
        in.text(1, out.denied_by_name) || in.text(2, out.denied_by_namespace) || in.skip();
}

// Of flow.Aggregate: ingress, egress, and of an unknown direction.
void read_aggregate(std::string_view bytes, flow& out) {
    wire_reader in(bytes);
    while (in.next()) {
        std::uint32_t count = 0;
        if (in.field() >= 1 && in.field() <= 3 && in.number(in.field(), count))
            out.aggregated += count;
        else
            in.skip();
    }
}

enum class payload : std::uint8_t { none, flow, node_status, lost_events };

// observer.GetFlowsResponse without what is inside.
struct envelope {
    payload kind = payload::none;
    std::string_view body;
    std::string_view node_name;
    std::int64_t time_ns = 0;
};

envelope read_envelope(std::string_view bytes) {
    envelope out;
    std::string_view time;
    wire_reader in(bytes);
    while (in.next()) {
        if (in.text(1, out.body) || in.text(2, out.body) || in.text(3, out.body))
            out.kind = static_cast<payload>(in.field());
        else
            in.text(1000, out.node_name) || in.text(1001, time) || in.skip();
    }
    out.time_ns = read_time(time);
    return out;
}

// An endpoint while its flow is being read.
struct end_in_progress {
    views labels;
    std::string_view bytes;
    bool is_split = false;  ///< over two fields, which protobuf puts together
};

// Reads messages one by one; its lists keep their memory from flow to flow.
class message_decoder {
  public:
    message_decoder(decode_cache& cache, flow_batch& batch) : cache_(cache), batch_(batch) {}

    void decode(std::string_view message) {
        const envelope around = read_envelope(message);
        switch (around.kind) {
            case payload::flow: decode_flow(around); break;
            case payload::lost_events: batch_.lost.push_back(read_lost(around.body)); break;
            case payload::node_status: batch_.nodes.push_back(read_node_status(around.body)); [[fallthrough]];
            case payload::none: ++batch_.other_events;
        }
    }

  private:
    void decode_flow(const envelope& around) {
        flow& out = batch_.flows.emplace_back();
        try {
            fill(around, out);
        } catch (const wire_error&) {
            batch_.flows.pop_back();
            throw;
        }
    }

    void fill(const envelope& around, flow& out);
    void read_flow(std::string_view bytes, flow& out);
    bool read_part(wire_reader& in, flow& out);
    bool read_end(std::string_view bytes, end_in_progress& end, endpoint& out);
    void finish(const end_in_progress& end, endpoint& out);
    std::span<const std::string_view> kept(const views& names);

    decode_cache& cache_;
    flow_batch& batch_;
    end_in_progress source_;
    end_in_progress destination_;
    views names_;
    views ips_;
};

void message_decoder::fill(const envelope& around, flow& out) {
    names_.clear();
    ips_.clear();
    source_.labels.clear();
    destination_.labels.clear();
    read_flow(around.body, out);
    if (out.time_ns == 0) out.time_ns = around.time_ns;
    if (out.node_name.empty()) out.node_name = around.node_name;
    finish(source_, out.source);
    finish(destination_, out.destination);
    out.destination_names = kept(names_);
    out.dns_ips = kept(ips_);
}

void message_decoder::read_flow(std::string_view bytes, flow& out) {
    wire_reader in(bytes);
    while (in.next())
        in.number(3, out.drop_reason) || in.text(11, out.node_name) || in.text(34, out.uuid) ||
            in.number(25, out.drop_reason_desc.number) || in.one_of(2, out.verdict, verdict::translated) ||
            in.one_of(10, out.type, flow_type::sock) || in.one_of(22, out.direction, direction::egress) ||
            read_part(in, out) || in.skip();
}

// The fields that are messages.
bool message_decoder::read_part(wire_reader& in, flow& out) {
    std::string_view part;
    if (in.text(1, part)) return out.time_ns = read_time(part), true;
    if (in.text(5, part)) return read_ip(part, out), true;
    if (in.text(6, part)) return read_l4(part, out), true;
    if (in.text(8, part)) return read_end(part, source_, out.source);
    if (in.text(9, part)) return read_end(part, destination_, out.destination);
    if (in.text(14, part)) return names_.push_back(part), true;
    if (in.text(15, part)) return read_l7(part, out, ips_), true;
    if (in.text(19, part)) return read_event_type(part, out), true;
    if (in.text(21, part)) return out.to_service = true;
    if (in.text(26, part)) return out.is_reply = read_bool_value(part), true;
    if (in.text(21007, part)) return read_aggregate(part, out), true;
    if (in.text(21004, part) || in.text(21005, part)) return read_denied_by(part, out), true;
    return false;
}

bool message_decoder::read_end(std::string_view bytes, end_in_progress& end, endpoint& out) {
    end.is_split = out.present;
    if (!end.is_split) {
        end.bytes = bytes;
        if (cache_.endpoints.recall(bytes, out)) return true;
    } else if (out.labels) {
        // Recalled, and so its labels were not listed.
        out = {};
        read_endpoint(end.bytes, out, end.labels);
    }
    read_endpoint(bytes, out, end.labels);
    return true;
}

void message_decoder::finish(const end_in_progress& end, endpoint& out) {
    if (out.labels) return;
    out.labels = cache_.labels.find(end.labels, batch_.overflow_labels);
    if (out.present && !end.is_split) cache_.endpoints.remember(end.bytes, out);
}

std::span<const std::string_view> message_decoder::kept(const views& names) {
    if (names.empty()) return {};
    void* const room = batch_.arena.allocate(names.size() * sizeof(std::string_view), alignof(std::string_view));
    auto* const first = static_cast<std::string_view*>(room);
    std::uninitialized_copy(names.begin(), names.end(), first);
    return {first, names.size()};
}

void note_malformed(flow_batch& batch, const char* problem) {
    ++batch.malformed_count;
    if (batch.malformed.size() < flow_batch::most_malformed_kept) batch.malformed.push_back({batch.lines, problem});
}

}  // namespace

void decode_proto(std::span<const std::string_view> messages, decode_cache& cache, flow_batch& batch) {
    message_decoder decoder(cache, batch);
    batch.flows.reserve(batch.flows.size() + messages.size());
    for (const std::string_view message : messages) {
        ++batch.lines;
        try {
            decoder.decode(message);
        } catch (const wire_error& error) {
            note_malformed(batch, error.what());
        }
    }
}

event_envelope peek_proto(std::string_view message) {
    try {
        const envelope around = read_envelope(message);
        return {.is_flow = around.kind == payload::flow, .time_ns = around.time_ns};
    } catch (const wire_error&) {
        return {};
    }
}

}  // namespace cpg
