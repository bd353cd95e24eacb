// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Where a flush ends: the seam between what has been added up and what is written of it. Sinks are made and asked for
// their counts where nothing is being written; write() runs on the writer strand. One thread at a time.

#include <cstddef>
#include <string>
#include <vector>

#include "evidence/document.hpp"
#include "evidence/known_pods.hpp"
#include "output/policy_writer.hpp"
#include "session/shards.hpp"

namespace cpg {

struct session_result;

/// What a flush brings. Each sink takes what is its own out of it, so their order matters: names, policies, evidence.
struct flush_load {
    flush_scope scope = flush_scope::everything;
    std::vector<flushed_workload> workloads;
    known_pods pods;                      ///< that flows have shown; where the scope brings all
    evidence_session session;             ///< so far
    std::vector<written_policy> written;  ///< by the sink of policies, for those behind it
};

/// Files, over the session.
struct sink_counts {
    std::size_t policies_written = 0;
    std::size_t policies_unchanged = 0;
    std::size_t policies_failed = 0;
    std::size_t evidence_failed = 0;
    bool evidence_lacks_rules = false;  ///< the next flush has to bring everything
};

/// As what a session did.
void take_over(const sink_counts& files, session_result& result);

class flush_sink {
  public:
    virtual ~flush_sink() = default;

    virtual void write(flush_load& load) = 0;
    virtual void count(sink_counts& to) const = 0;
    /// After the last write: files in a folder that has lost its name are nobody's, and count as failed.
    virtual void check_in_place(session_result&) const {}
    /// Others may write where it wrote. Nothing is written afterwards.
    virtual void let_go() {}
    /// It writes evidence, and so wants more than new rules.
    virtual bool keeps_evidence() const { return false; }

    // For who has all workloads in order, and so needs not keep in mind what became of each.
    /// No workload comes twice, and those that share a plain name come together: what is known of them is let go.
    virtual void write_each_once() {}
    /// A workload with this plain name will come: its name is taken.
    virtual void expect(const std::string& /*cluster*/, const std::string& /*pod_namespace*/,
                        const std::string& /*plain_name*/) {}
};

}  // namespace cpg
