// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// The survey: which connections the flows show, told apart beside the policies or in their place.
#include "base/limits.hpp"
#include "classify/shows.hpp"
#include "session/engine.hpp"

namespace cpg {

void session::engine::survey_batch(std::size_t slot, const flow_batch& batch) {
    connection_tally& tally = tallies_[slot];
    for (const flow& each : batch.flows) {
        const shown_connections shown = shown_in(each, settings_.gates.window);
        for (std::size_t i = 0; i < shown.count; ++i)
            tally.add(shown.ends[i]);
        if (shown.count == 0) tally.pass_over(shown.why, each.count());
        tally.add_answer(each);
    }
}

// Nothing of a batch makes a rule.
triage_report session::engine::counted(const flow_batch& batch) const {
    triage_report out;
    out.shards.resize(shards_.count());
    out.answers.resize(shards_.count());
    for (const flow& each : batch.flows) {
        out.counts.flows += each.count();
        out.counts.by_verdict[static_cast<std::size_t>(each.verdict)] += each.count();
    }
    return out;
}

void session::engine::take_survey() {
    connection_tally all;
    for (const connection_tally& each : tallies_)
        all.add(each);
    tallies_.clear();
    result_.connections = all.result();
    if (result_.connections.left_out > 0)
        log_.warn("more connections than are told apart: what is beyond them is left out",
                  {{"limit", std::uint64_t{limits::connections}}, {"flows", result_.connections.left_out}});
}

}  // namespace cpg
