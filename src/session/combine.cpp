// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/combine.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <numeric>
#include <set>

#include "aggregate/snapshot.hpp"
#include "base/error.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "base/timestamp.hpp"
#include "session/cluster_folders.hpp"
#include "session/notices.hpp"
#include "session/shards.hpp"

namespace cpg {

namespace {

// Some at a time, so that their files wait for the disk together.
constexpr std::size_t workloads_at_once = 256;
constexpr std::size_t most_workloads_named = 20;

// The same part twice would count its flows twice.
void check_each_once(const std::vector<std::string>& paths) {
    std::set<std::string> seen;
    for (const std::string& path : paths) {
        std::error_code failed;
        const auto real = std::filesystem::canonical(path, failed);
        if (!seen.insert(failed ? path : real.string()).second)
            throw fatal_error("part " + printable(path) + " is given twice: its flows would count twice");
    }
}

void tell(const part_header& sum, logger& log) {
    log.info("parts added up",
             {{"parts", sum.totals.parts}, {"inputs", sum.totals.inputs.count}, {"flows", sum.totals.counts.flows}});
}

session_result result_of(const part_totals& totals) {
    session_result out;
    out.counts = totals.counts;
    out.findings = totals.findings;
    out.lines = totals.lines;
    out.malformed = totals.malformed;
    out.other_events = totals.other_events;
    out.lost_by_source = totals.lost_by_source;
    out.unavailable_nodes = {totals.unavailable_nodes.begin(), totals.unavailable_nodes.end()};
    return out;
}

class combining {
  public:
    combining(const summed_parts& parts, session_settings settings, logger& log)
        : parts_(parts),
          settings_(std::move(settings)),
          shape_(shard_settings_of(settings_)),
          notices_(log, settings_.by_cluster),
          result_(result_of(parts.header.totals)),
          output_(make_sink(settings_, log)) {
        result_.started_ns = now_ns();
        session_id_ = new_session_id(result_.started_ns);
        output_->write_each_once();
    }

    session_result run() {
        tell_findings();
        for (const auto& [name, count] : parts_.knowledge.namesakes)
            output_->expect(name.cluster, name.pod_namespace, name.name);
        part_reader sum(parts_.file->path_of_temporary());
        while (const workload_key* const key = sum.key()) {
            const workload_key at = *key;
            add(at, sum.take());
        }
        write(parts_.header.totals.pods);
        if (sum.end().too_many_workloads) notices_.on_too_many_workloads();
        finish();
        return std::move(result_);
    }

  private:
    void tell_findings() {
        triage_report all;
        static_cast<triage_findings&>(all) = result_.findings;
        all.counts.unhandled = result_.counts.unhandled;
        notices_.on_triage(all);
        flow_batch events;
        for (const auto& [source, count] : result_.lost_by_source)
            events.lost.push_back({.source = source, .number = count});
        if (!result_.unavailable_nodes.empty())
            events.nodes.push_back({.state = "NODE_UNAVAILABLE", .nodes = result_.unavailable_nodes, .message = {}});
        notices_.on_batch(events);
        notices_.on_flush(result_.counts.unhandled);
    }

    // One that shares its plain name with others waits for them: who gets it is decided among all.
    void add(const workload_key& key, const workload& read) {
        workload bounded;
        cpg::add(bounded, read, settings_.samples, limits::rules_of_a_workload);
        bounded.rules_changed = true;
        if (bounded.rules.empty()) return;
        auto flushed =
            flushed_of(snapshot_of(key, bounded, parts_.knowledge.names, true), flush_scope::everything, shape_);
        const plain_name name = plain_name_of(key, bounded);
        group& of = groups_[name];
        ++of.come;
        if (flushed) of.members.push_back(std::move(*flushed));
        if (of.come < parts_.knowledge.namesakes.at(name)) return;
        std::ranges::move(of.members, std::back_inserter(due_));
        groups_.erase(name);
        // In a dry run the changes are shown in one order, that of the names.
        if (due_.size() >= workloads_at_once && !settings_.writer.dry_run) write({});
    }

    void write(known_pods pods) {
        for (const flushed_workload& each : due_)
            tell(each);
        flush_load load{.scope = flush_scope::everything,
                        .workloads = std::exchange(due_, {}),
                        .pods = std::move(pods),
                        .session = session_so_far(),
                        .written = {}};
        output_->write(load);
    }

    void tell(const flushed_workload& each) {
        notices_.on_workload(each.snapshot);
        if (each.grown->too_many_names > 0) notices_.on_too_many_names(*each.grown);
        if (result_.workloads.size() < most_workloads_named) result_.workloads.insert(full_name(each.snapshot));
    }

    evidence_session session_so_far() const {
        if (!output_->keeps_evidence()) return {};
        const unhandled_counts& unhandled = result_.counts.unhandled;
        return {.id = session_id_,
                .started_ns = result_.started_ns,
                .ended_ns = now_ns(),
                .cpg_version = settings_.evidence->cpg_version,
                .source = settings_.evidence->source,
                .flows_ingested = result_.counts.flows,
                .flows_unhandled = std::accumulate(unhandled.begin(), unhandled.end(), std::uint64_t{0})};
    }

    void finish() {
        notices_.at_end();
        result_.crowded_workloads = notices_.crowded();
        sink_counts files;
        output_->count(files);
        take_over(files, result_);
        output_->check_in_place(result_);
        result_.ended_ns = now_ns();
    }

    struct group {
        std::size_t come = 0;
        std::vector<flushed_workload> members;
    };

    const summed_parts& parts_;
    const session_settings settings_;
    const shard_settings shape_;
    notices notices_;
    session_result result_;
    std::unique_ptr<flush_sink> output_;
    std::string session_id_;
    std::map<plain_name, group> groups_;
    std::vector<flushed_workload> due_;
};

}  // namespace

part_header sum_parts_to(const std::vector<std::string>& paths, const std::string& out, logger& log) {
    check_each_once(paths);
    part_writer writer(out);
    part_header sum = merge_parts(paths, writer, nullptr);
    tell(sum, log);
    return sum;
}

summed_parts sum_parts(const std::vector<std::string>& paths, logger& log) {
    check_each_once(paths);
    summed_parts out{.header = {}, .knowledge = {}, .file = part_writer::temporary()};
    out.header = merge_parts(paths, *out.file, &out.knowledge);
    tell(out.header, log);
    return out;
}

session_result write_policies_of(const summed_parts& parts, session_settings settings, logger& log) {
    return combining(parts, std::move(settings), log).run();
}

}  // namespace cpg
