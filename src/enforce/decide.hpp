// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Cilium's verdict on a connection under given policies, with the rule that decides; unknown, with the reason, where a
// capture or a file does not tell. Pure.

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "enforce/subject.hpp"
#include "request/connection.hpp"

namespace cpg {

enum class judged_outcome : std::uint8_t { allowed, denied, unknown };
/// `allowed`, `denied`, `unknown`.
std::string_view to_string(judged_outcome outcome);

/// What a verdict rests on.
enum class decided_by : std::uint8_t {
    rule,            ///< an allow rule lets it through
    no_policy,       ///< no rule puts the pod into default deny
    deny_rule,       ///< a deny rule, which wins over every allow rule
    default_deny,    ///< no rule allows it
    request_filter,  ///< the packet passes, and no rule for requests lets this one through
    open_question,
};
std::string_view to_string(decided_by by);

struct decision {
    judged_outcome outcome = judged_outcome::unknown;
    decided_by by = decided_by::open_question;
    const judged_policy* policy = nullptr;  ///< of the rule; null without one
    const judged_rule* rule = nullptr;
    open_question why = open_question::none;  ///< of an unknown one
    bool filtered = false;                    ///< let through to a proxy that looks at each request
};

/// What is known beside the connection.
struct circumstances {
    std::span<const std::string> names;  ///< of the peer's address: lower-case, without the trailing dot
    /// The pod is in default deny whatever the policies say: it was seen to be, or it is assumed.
    bool default_deny = false;
};

/// Remembers the rules of each pod. One thread at a time; the policies must outlive it, and the ends that it was asked
/// about too.
class decider {
  public:
    explicit decider(const policy_set& policies) : policies_(policies) {}

    decision decide(const connection& connection, const circumstances& circumstances);
    /// The rules that the subject is under.
    const subject_rules& rules_of(const connection& connection);
    const policy_set& policies() const { return policies_; }

  private:
    using subject_key = std::pair<const connection_end*, std::string>;  ///< and the cluster that is asked about

    const policy_set& policies_;
    std::map<subject_key, std::unique_ptr<const subject_rules>> subjects_;
};

/// How far a rule takes the connection in: who, which port, and both.
struct rule_match {
    finding peer;
    finding port;
    finding both;
};
rule_match match(const applying_rule& applying, const connection& connection, const identity& peer,
                 const learned_names& names);

/// The names that the agent can know, told apart by who teaches them.
class name_lists {
  public:
    name_lists(const subject_rules& subject, const policy_set& policies, std::span<const std::string> names);
    learned_names view() const { return {.taught = taught_, .elsewhere = elsewhere_, .none_known = none_known_}; }

  private:
    std::vector<std::string> taught_;
    std::vector<std::string> elsewhere_;
    bool none_known_ = false;
};

}  // namespace cpg
