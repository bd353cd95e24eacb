// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/evidence_writer.hpp"

#include <array>
#include <cstdio>
#include <optional>
#include <random>

#include "base/timestamp.hpp"
#include "output/evidence_file.hpp"
#include "output/evidence_paths.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t second_ns = 1'000'000'000;

}  // namespace

std::string new_session_id(std::int64_t started_ns) {
    std::array<char, 8> chance{};
    std::snprintf(chance.data(), chance.size(), "-%04x", std::random_device()() & 0xFFFFu);
    return format_timestamp(started_ns - started_ns % second_ns) + chance.data();
}

void evidence_writer::take(const std::string& pod_namespace, const selector& labels,
                           std::map<rule_key, rule_evidence> rules) {
    workload& of = workloads_[{pod_namespace, labels}];
    of.pod_namespace = pod_namespace;
    of.rules = std::move(rules);
    of.due = true;
}

void evidence_writer::write(const std::vector<written_policy>& results, const evidence_session& session, bool last,
                            clock::time_point now) {
    for (const written_policy& each : results)
        settle(each);
    for (auto& [where, each] : workloads_) {
        if (!is_due(each, last, now)) continue;
        each.due = false;
        each.written_at = now;
        write_one(each, session);
    }
}

// A policy that was given another name leaves its old evidence file to whom it belonged before.
void evidence_writer::settle(const written_policy& result) {
    workload& of = workloads_[{result.made.pod_namespace, result.made.endpoint_selector}];
    if (of.name != result.made.workload) restore(of);
    of.pod_namespace = result.made.pod_namespace;
    of.name = result.made.workload;
    of.policy_failed = result.status == write_status::failed;
    of.due = true;
    of.written_at = {};
}

bool evidence_writer::is_due(const workload& of, bool last, clock::time_point now) const {
    if (of.name.empty() || of.policy_failed) return false;
    if (last) return of.due || !of.wrote.empty();
    return of.due && (of.written_at == clock::time_point{} || now - of.written_at >= counts_interval);
}

void evidence_writer::write_one(workload& of, const evidence_session& session) {
    const fs::path path = evidence_path(settings_.folder, of.pod_namespace, of.name);
    try {
        evidence document = base(path).value_or(evidence{});
        document.policy_name = "cpg-" + of.name;
        document.pod_namespace = of.pod_namespace;
        document.workload = of.name;
        add_session(document, session, of.rules, settings_.limits);
        write_evidence(path, document);
        of.wrote = path;
        failed_.erase(path);
    } catch (const std::exception& error) {
        report_failure(path, error.what());
    }
}

const std::optional<evidence>& evidence_writer::base(const fs::path& path) {
    if (const auto found = bases_.find(path); found != bases_.end()) return found->second;
    return bases_[path] = read_evidence(path);
}

void evidence_writer::restore(workload& of) {
    const fs::path path = std::exchange(of.wrote, {});
    if (path.empty()) return;
    try {
        if (const std::optional<evidence>& before = base(path))
            write_evidence(path, *before);
        else
            fs::remove(path);
    } catch (const std::exception& error) {
        report_failure(path, error.what());
    }
}

// Once a file, however many flushes try it again.
void evidence_writer::report_failure(const fs::path& path, std::string_view problem) {
    if (failed_.insert(path).second)
        log_.error("evidence not written", {{"path", path.string()}, {"problem", problem}});
}

}  // namespace cpg
