// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/evidence_writer.hpp"

#include <algorithm>
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

void evidence_writer::write(std::span<const workload_evidence> taken, const std::vector<written_policy>& results,
                            const evidence_session& session) {
    for (const written_policy& each : results)
        settle(each);
    for (const workload_evidence& each : taken) {
        workload& of = workloads_[{each.pod_namespace, each.labels}];
        of.moved = false;
        if (!of.name.empty() && !of.policy_failed) write_one(of, each.rules, session);
    }
}

bool evidence_writer::lacks_rules() const {
    return std::ranges::any_of(workloads_, [](const auto& each) { return each.second.moved; });
}

// A policy that was given another name leaves its old evidence file to whom it belonged before.
void evidence_writer::settle(const written_policy& result) {
    workload& of = workloads_[{result.pod_namespace, result.endpoint_selector}];
    if (of.name != result.workload) {
        of.moved |= !of.wrote.empty();
        restore(of);
    }
    of.pod_namespace = result.pod_namespace;
    of.name = result.workload;
    of.policy_failed = result.status == write_status::failed;
}

void evidence_writer::write_one(workload& of, const std::map<rule_key, rule_evidence>& rules,
                                const evidence_session& session) {
    const fs::path path = evidence_path(settings_.folder, of.pod_namespace, of.name);
    try {
        evidence document = base(path);
        document.policy_name = "cpg-" + of.name;
        document.pod_namespace = of.pod_namespace;
        document.workload = of.name;
        add_session(document, session, rules, settings_.limits);
        write_evidence(path, document);
        of.wrote = path;
        failed_.erase(path);
    } catch (const std::exception& error) {
        report_failure(path, error.what());
    }
}

// Packed, for it may be the evidence of many sessions and is kept to the end of this one.
evidence evidence_writer::base(const fs::path& path) {
    if (const auto found = bases_.find(path); found != bases_.end())
        return found->second ? parse_evidence(found->second->text()) : evidence{};
    const std::optional<std::string> text = read_evidence_text(path);
    evidence out = text ? parse_evidence_of(path, *text) : evidence{};
    bases_[path] = text ? std::optional<packed_text>(*text) : std::nullopt;
    return out;
}

void evidence_writer::restore(workload& of) {
    const fs::path path = std::exchange(of.wrote, {});
    if (path.empty()) return;
    try {
        const std::optional<packed_text>& before = bases_.at(path);
        if (before)
            write_evidence(path, parse_evidence(before->text()));
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
