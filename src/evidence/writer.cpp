// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "evidence/writer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <random>

#include "base/timestamp.hpp"
#include "evidence/paths.hpp"

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

void evidence_writer::write(std::span<const workload_rules> taken, std::span<const evidence_place> places,
                            const evidence_session& session) {
    for (const evidence_place& each : places)
        place(each);
    if (watched_) watched_->begin("writing evidence", 2 * taken.size());  // made, and put in place
    for (const workload_rules& each : taken) {
        workload& workload = workloads_[{each.pod_namespace, each.labels}];
        workload.lacks_rules = true;
        if (workload.name.empty() || workload.policy_failed) continue;
        try {
            start_making(workload, each.rules, session);
        } catch (const std::exception& error) {
            report_failure(evidence_path({}, workload.pod_namespace, workload.name), error.what());
        }
        if (in_making_.size() == most_in_making) write_oldest();
    }
    while (!in_making_.empty())
        write_oldest();
    put_in_place();
    for (auto& [key, each] : workloads_)
        if (!each.left.empty() && !each.lacks_rules) clear_left(each);
    if (watched_) watched_->end();
}

bool evidence_writer::lacks_rules() const {
    return std::ranges::any_of(workloads_, [&](const auto& each) {
        const workload& entry = each.second;
        return entry.lacks_rules && !entry.name.empty() && !entry.policy_failed &&
               !failed_.contains(evidence_path({}, entry.pod_namespace, entry.name));
    });
}

void evidence_writer::place(const evidence_place& place) {
    workload& entry = workloads_[{place.pod_namespace, place.labels}];
    if (entry.name != place.workload && !entry.wrote.empty()) {
        entry.left = std::exchange(entry.wrote, {});
        entry.lacks_rules = true;
    }
    entry.pod_namespace = place.pod_namespace;
    entry.name = place.workload;
    entry.policy_failed = place.policy_failed;
}

void evidence_writer::start_making(workload& entry, const std::map<rule_key, rule_tally>& rules,
                                   const evidence_session& session) {
    const fs::path below = evidence_path({}, entry.pod_namespace, entry.name);
    const auto known = bases_.find(below);
    const base_text base{.known = known == bases_.end() ? nullptr : &known->second, .may_be_there = folder_.open()};
    const bool is_known = base.known != nullptr;
    const auto make = [this, &entry, &rules, &session, base] { return make_text(entry, rules, session, base); };
    const auto made = std::make_shared<new_text>();
    in_making_.push_back({.of = &entry,
                          .below = below,
                          .base_is_known = is_known,
                          .make = make,
                          .made = made,
                          .done = calls_.start([make, made] { *made = make(); })});
}

// On any thread: the folder is open, or is left alone. What is read is packed, for it may be the evidence of many
// sessions and is kept to the end of this one.
evidence_writer::new_text evidence_writer::make_text(const workload& of, const std::map<rule_key, rule_tally>& rules,
                                                     const evidence_session& session, const base_text& base) const {
    const fs::path below = evidence_path({}, of.pod_namespace, of.name);
    new_text out;
    std::optional<std::string> before;
    if (!base.known && base.may_be_there) before = read_evidence_text(folder_, below);
    if (before) out.before = packed_text(*before);
    if (base.known && *base.known) before = (*base.known)->text();
    evidence_document document = before ? parse_evidence_of(folder_.shown(below), *before) : evidence_document{};
    document.policy_name = "cpg-" + of.name;
    document.pod_namespace = of.pod_namespace;
    document.workload = of.name;
    add_session(document, session, rules, settings_.limits);
    out.text = evidence_text(folder_.shown(below), document);
    return out;
}

// All files are made before the first takes the place of an old one: ext4 gives no inode away that was freed within the
// last minutes, and looks past all of them for each file that is made (of a second run over 1,000 files that was 0.4 of
// the CPU time). Where the disk has no room for both, those that are there make it.
void evidence_writer::write_oldest() {
    text_in_making oldest = std::move(in_making_.front());
    in_making_.pop_front();
    if (watched_) watched_->set(folder_.shown(oldest.below).string());
    try {
        try {
            oldest.done.get();
            prepare(oldest);
        } catch (const file_error&) {
            if (prepared_.empty()) throw;
            put_in_place();
            *oldest.made = oldest.make();
            prepare(oldest);
        }
    } catch (const std::exception& error) {
        report_failure(oldest.below, error.what());
    }
    if (prepared_.size() == most_prepared || folders_ == most_folders) put_in_place();
}

void evidence_writer::prepare(text_in_making& each) {
    if (!each.base_is_known) bases_[each.below] = std::move(each.made->before);
    each.base_is_known = true;
    prepared fresh{each.of, each.below, folder_.prepare(each.below, each.made->text)};
    if (prepared_.empty() || !fresh.file.shares_folder_with(prepared_.back().file)) ++folders_;
    prepared_.push_back(std::move(fresh));
}

void evidence_writer::put_in_place() {
    folders_ = 0;
    for (prepared& each : std::exchange(prepared_, {})) {
        if (watched_) watched_->set(folder_.shown(each.below).string());
        try {
            each.file.take_place();
            each.of->wrote = each.below;
            each.of->lacks_rules = false;
            failed_.erase(each.below);
            note_output_dir();
        } catch (const std::exception& error) {
            report_failure(each.below, error.what());
        }
    }
}

// Once a session, beside evidence that is there: a folder without any needs no name.
void evidence_writer::note_output_dir() {
    if (std::exchange(noted_output_dir_, true) || settings_.output_dir.empty()) return;
    const fs::path below = output_dir_path({});
    try {
        folder_.replace(below, settings_.output_dir.string() + "\n", durability::lost_in_a_crash);
        failed_.erase(below);
    } catch (const file_error& error) {
        noted_output_dir_ = false;
        report_failure(below, error.what());
    }
}

void evidence_writer::write(known_pods pods) {
    if (pods.size() == noted_pods_) return;
    const fs::path below = known_pods_path({});
    try {
        add_known_pods(folder_, pods);
        noted_pods_ = pods.size();
        failed_.erase(below);
    } catch (const std::exception& error) {
        report_failure(below, error.what());
    }
}

// A policy that was given another name leaves its old evidence file to whom it belonged before, unless somebody else's
// is there by now.
void evidence_writer::clear_left(workload& workload) {
    const fs::path below = std::exchange(workload.left, {});
    if (std::ranges::any_of(workloads_, [&](const auto& each) { return each.second.wrote == below; })) return;
    try {
        if (const std::optional<packed_text>& before = bases_.at(below))
            write_evidence(folder_, below, parse_evidence(before->text()));
        else
            folder_.remove(below);
    } catch (const std::exception& error) {
        report_failure(below, error.what());
    }
}

// Once a file, however many flushes try it again.
void evidence_writer::report_failure(const fs::path& below, std::string_view problem) {
    if (failed_.insert(below).second)
        log_.error("evidence not written", {{"path", folder_.shown(below).string()}, {"problem", problem}});
}

}  // namespace cpg
