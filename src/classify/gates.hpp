// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Keep, ignore or count each flow, in a fixed order - verdict, ignored reason, ignored protocol, drop
// class, subject, rule. No I/O and no state but the settings; any thread.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/timestamp.hpp"
#include "classify/drop_class.hpp"
#include "classify/unhandled.hpp"
#include "request/candidate.hpp"

namespace cpg {

struct gate_settings {
    std::set<std::string, std::less<>> namespaces;  ///< empty: all
    std::vector<l4_protocol> ignored_protocols;
    std::vector<const drop_reason*> ignored_reasons;
    std::string cluster;     ///< only subjects of this cluster; empty: of all
    bool l7 = false;         ///< make rules of L7 records
    bool fqdn = false;       ///< write names in place of addresses where they are known
    time_window window;      ///< only flows of this time
    bool audit = false;      ///< what policy audit mode let through counts like a denial
    bool forwarded = false;  ///< make rules of connections that are allowed
};

/// What became of a flow.
enum class outcome : std::uint8_t {
    not_dropped,
    ignored_reason,
    ignored_protocol,
    noise,        ///< a drop reason that is no error
    health_drop,  ///< infra or transient: counted for cluster health
    unhandled,
    kept,
};

struct judgement {
    cpg::outcome outcome = cpg::outcome::not_dropped;
    const drop_reason* reason = nullptr;         ///< null: not in the table, or nothing was dropped
    cpg::unhandled why = cpg::unhandled::no_l4;  ///< with outcome::unhandled
    const endpoint* subject = nullptr;           ///< where it is the subject that makes no rule; lives with the flow
    cpg::candidate candidate;                    ///< with outcome::kept

    static judgement without_rule(cpg::outcome what);
    static judgement refused(unhandled why);
    static judgement refused_subject(unhandled why, const endpoint& subject);
    static judgement kept(const cpg::candidate& candidate);
};

class gates {
  public:
    explicit gates(gate_settings settings) : settings_(std::move(settings)) {}

    judgement judge(const flow& flow) const;
    /// True when the flow shows that a connection was let through, which is to be allowed at both its ends; judge_end()
    /// then is for it, and judge() for all others. Only with `forwarded`.
    bool shows_connection(const flow& flow) const;
    /// `direction`: egress for the connection's source, ingress for its destination.
    judgement judge_end(const flow& flow, direction direction) const;
    /// With `fqdn`, the answer to a query: the pod that asked as the subject, its namespace, and the flow. It makes no
    /// rule. Nothing for other flows.
    std::optional<candidate> answer_in(const flow& flow) const;
    const gate_settings& settings() const { return settings_; }

  private:
    bool is_denial(const flow& flow) const;
    judgement judge_connection(const flow& flow, direction direction) const;
    judgement judge_drop(const flow& flow, const drop_reason* reason) const;
    judgement judge_class(const flow& flow, drop_class kind) const;
    judgement judge_health_drop(const flow& flow) const;
    judgement judge_subject(const flow& flow, direction direction) const;
    judgement judge_packet(const candidate& from) const;
    std::optional<unhandled> fault_of_subject(const endpoint& subject) const;
    bool is_outside_window(const flow& flow) const;
    bool is_wanted(std::string_view pod_namespace) const;
    bool is_ignored(l4_protocol protocol) const;
    bool is_ignored(const drop_reason* reason) const;

    const gate_settings settings_;
};

/// What a packet says of its connection. Only one that opens it, or that shows its client, makes a rule: a rule from an
/// answer would open a client's ephemeral port.
enum class opening : std::uint8_t { opens, reply, mid_connection };

opening opening_of(const flow& flow);

/// True when the flow is an event of the datapath that let the first packet of a connection pass, with the addresses
/// behind service translation: connections.cpp says which.
bool opens_allowed_connection(const flow& flow);

}  // namespace cpg
