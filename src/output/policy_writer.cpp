// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "output/policy_writer.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "flow/labels.hpp"
#include "policy/policy_text.hpp"

namespace cpg {

namespace {

namespace fs = std::filesystem;

// Somebody who changes a file faster than that does it for good.
constexpr int most_tries = 3;

policy with_name(const policy& original, const std::string& name) {
    policy out = original;
    out.workload = name;
    return out;
}

}  // namespace

std::vector<written_policy> policy_writer::write(std::vector<policy> policies) {
    std::set<group_name> touched = std::exchange(unfinished_, {});
    for (policy& added : policies) {
        touched.emplace(added.pod_namespace, added.workload);
        add_wanted(std::move(added));
    }
    std::vector<written_policy> out;
    if (watched_) watched_->begin(settings_.dry_run ? "comparing policies" : "writing policies", touched.size());
    for (const group_name& each : touched) {
        if (watched_) watched_->set(files_.shown(policy_files::path_of(each.first, each.second)).string());
        write_namesakes(groups_.at(each), out);
    }
    settle(out);
    if (watched_) watched_->end();
    return out;
}

std::vector<written_policy> policy_writer::write_for_good(std::vector<policy> policies) {
    std::set<group_name> touched;
    for (const policy& each : policies)
        touched.emplace(each.pod_namespace, each.workload);
    std::vector<written_policy> out = write(std::move(policies));
    for (const group_name& each : touched)
        if (!unfinished_.contains(each)) let_go(groups_.at(each));
    return out;
}

// What became of it, and its names, stay.
void policy_writer::let_go(namesakes& group) {
    for (auto& [labels, each] : group.owners) {
        try {
            files_.let_go(place_of(each.wanted));
        } catch (const file_error&) {
            // It stays in memory.
        }
        each.wanted = with_name({}, each.wanted.workload);
    }
}

// What was started is written; a policy whose file could not be, or had changed meanwhile, has its turn once more.
void policy_writer::settle(std::vector<written_policy>& out) {
    if (watched_ && !unsettled_.empty()) watched_->begin("waiting for the disk", unsettled_.size());
    for (unsettled& each : std::exchange(unsettled_, {})) {
        owner& who = *each.who;
        if (watched_) watched_->set(files_.shown(each.place).string());
        who.status = settled(each);
        who.due = who.status == write_status::failed;
        if (who.due) unfinished_.emplace(each.group->pod_namespace, each.group->plain);
        out[each.place_in_report].status = who.status;
    }
}

write_status policy_writer::settled(unsettled& write) {
    try {
        write.done.get();
        files_.wrote_all(write.place);
        log_.info("policy written", {{"path", files_.shown(write.place).string()}});
        return write_status::written;
    } catch (const std::exception&) {
        // By itself it may go well: fewer files are open at a time.
        return write_one(write.who->wanted);
    }
}

void policy_writer::add_wanted(policy added) {
    namesakes& group = groups_[{added.pod_namespace, added.workload}];
    group.pod_namespace = added.pod_namespace;
    group.plain = added.workload;
    owner& to = group.owners[added.endpoint_selector];
    added.workload = std::exchange(to.wanted.workload, {});
    added.ingress_only_allows = added.egress_only_allows = settings_.no_default_deny;
    to.wanted = std::move(added);
    to.due = true;
}

void policy_writer::write_namesakes(namesakes& group, std::vector<written_policy>& out) {
    try {
        const selector* const first = owner_of_plain_name(group);
        write_all(group, first, out);
    } catch (const std::exception& error) {
        // Whose file is whose is not known, and two that share one would write over each other: none is written.
        say_failed(files_.shown(policy_files::path_of(group.pod_namespace, group.plain)).string(), error.what());
        for (auto& [labels, each] : group.owners)
            if (each.due) each.status = write_status::failed;
        for (const auto& [labels, each] : group.owners)
            if (each.due) report(group, labels, out);
    }
    if (std::ranges::any_of(group.owners, [](const auto& each) { return each.second.due || each.second.left; }))
        unfinished_.emplace(group.pod_namespace, group.plain);
    last_merge_ = {};
}

// Who has to leave the plain name is first, and who takes it over last: a policy that was written is at any time in one
// file or another, and nobody writes where another still is.
void policy_writer::write_all(namesakes& group, const selector* first, std::vector<written_policy>& out) {
    bool plain_is_free = true;
    for (const bool plain : {false, true})
        for (auto& [labels, each] : group.owners) {
            if ((&labels == first) != plain) continue;
            const std::string name = plain ? group.plain : hashed_name(group.plain, to_string(labels));
            if (!each.due && each.wanted.workload == name) continue;
            // One that moves, or that others wait for, must be where it belongs before anything else happens.
            const bool stays = each.wanted.workload.empty() || each.wanted.workload == name;
            at_hand_ = stays && group.owners.size() == 1 ? &group : nullptr;
            write_as(each, name, plain_is_free || !plain);
            if (at_hand_ && !unsettled_.empty() && unsettled_.back().who == &each)
                unsettled_.back().place_in_report = out.size();
            at_hand_ = nullptr;
            plain_is_free &= each.wanted.workload != group.plain;
            report(group, labels, out);
        }
    for (auto& [labels, each] : group.owners)
        clear_left(group, each);
}

void policy_writer::write_as(owner& who, const std::string& name, bool is_free) {
    const std::string before = std::exchange(who.wanted.workload, name);
    who.status = is_free ? write_one(who.wanted) : fail(who.wanted, "the file is still another workload's policy");
    who.due = who.status == write_status::failed;
    if (before.empty() || before == name) return;
    if (who.due)
        who.wanted.workload = before;
    else if (!settings_.dry_run)
        who.left = before;
}

// The file of a name that somebody has left, and that nobody else has taken, is as it was before the session.
void policy_writer::clear_left(const namesakes& group, owner& who) {
    if (!who.left) return;
    policy old = with_name(who.wanted, *who.left);
    try {
        const bool taken = std::ranges::any_of(
            group.owners, [&](const auto& each) { return each.second.wanted.workload == old.workload; });
        const fs::path place = place_of(old);
        if (!taken && files_.wrote(place)) files_.restore(place);
        who.left.reset();
    } catch (const std::exception& error) {
        who.status = fail(old, error.what());
        who.due = true;
    }
}

void policy_writer::report(const namesakes& group, const selector& labels, std::vector<written_policy>& out) {
    const owner& each = group.owners.at(labels);
    out.push_back({.pod_namespace = group.pod_namespace,
                   .endpoint_selector = labels,
                   .workload = each.wanted.workload.empty() ? group.plain : each.wanted.workload,
                   .status = each.status});
}

// Whether a file is this workload's and what the merge writes come out of one reading, and reading YAML is slow.
const merge_result& policy_writer::merged_into(const std::string& base, const policy& wanted) {
    if (last_merge_.base != base || last_merge_.wanted != wanted)
        last_merge_ = {.base = base, .wanted = wanted, .result = merge_policy(base, wanted, taken_names(wanted))};
    return last_merge_.result;
}

// Whose policy the file of the plain name is; if there is none, the first in order, so that neither the flow that came
// first nor a flush decides. Null when the file belongs to a workload that this session has not seen.
const selector* policy_writer::owner_of_plain_name(const namesakes& group) {
    const std::string* const base = files_.base(files_.place_of(group.pod_namespace, group.plain));
    const selector* const first = &group.owners.begin()->first;
    if (!base) return first;
    bool taken = false;
    for (const auto& [labels, each] : group.owners) {
        const merge_status status = merged_into(*base, with_name(each.wanted, group.plain)).status;
        if (status == merge_status::changed || status == merge_status::unchanged) return &labels;
        taken |= status == merge_status::name_taken;
    }
    return taken ? nullptr : first;
}

write_status policy_writer::write_one(const policy& wanted) {
    try {
        for (int tries = 1;; ++tries) {
            try {
                return merge_and_put(wanted);
            } catch (const file_changed&) {
                if (tries == most_tries) throw;
            }
        }
    } catch (const std::exception& error) {
        return fail(wanted, error.what());
    }
}

write_status policy_writer::merge_and_put(const policy& wanted) {
    const std::string* const base = files_.base(place_of(wanted));
    if (settings_.in_cluster(wanted)) {
        log_.debug("policy already in the cluster", {{"name", wanted.name()}, {"namespace", wanted.pod_namespace}});
        return write_status::in_cluster;
    }
    if (!base) return put(wanted, base, policy_text(wanted, taken_names(wanted)));
    merge_result merged = merged_into(*base, wanted);
    for (const std::string& warning : merged.warnings)
        warn(wanted, warning);
    switch (merged.status) {
        case merge_status::changed: return put(wanted, base, std::move(merged.text));
        case merge_status::unchanged: return put(wanted, base, *base);
        case merge_status::refused: return fail(wanted, merged.problem);
        case merge_status::name_taken: break;
    }
    return fail(wanted, "the file is the policy of another workload that has the same name");
}

write_status policy_writer::put(const policy& wanted, const std::string* base, std::string text) {
    const fs::path place = place_of(wanted);
    const std::string path = files_.shown(place).string();
    warn_of_size(wanted, text);
    const std::string* const disk = files_.on_disk(place);
    if (disk && *disk == text) {
        log_.debug("policy unchanged", {{"path", path}});
        // What this session wrote before stays counted as written.
        return base && *base == text ? write_status::unchanged : write_status::written;
    }
    if (settings_.dry_run) {
        log_.info("policy would be written", {{"path", path}});
        const auto before = disk ? std::optional(*disk) : std::nullopt;
        const std::string preface =
            settings_.diff && settings_.preface ? settings_.preface(path, before.value_or(""), text) : "";
        if (settings_.diff) settings_.show(preface + unified_diff(patch_name(path, patch_root_), before, text));
        return write_status::written;
    }
    write_file(place, std::move(text));
    return write_status::written;
}

void policy_writer::write_file(const fs::path& place, std::string text) {
    if (at_hand_) {
        auto call = files_.start_write(place, std::move(text));
        unsettled_.push_back({.group = at_hand_,
                              .who = &at_hand_->owners.begin()->second,
                              .place = place,
                              .done = calls_.start(std::move(call))});
        return;
    }
    files_.write(place, std::move(text));
    log_.info("policy written", {{"path", files_.shown(place).string()}});
}

fs::path policy_writer::place_of(const policy& wanted) {
    return files_.place_of(wanted.pod_namespace, wanted.workload);
}

// A further part of a large policy must not have the name of another workload's policy.
name_check policy_writer::taken_names(const policy& wanted) const {
    return [this, pod_namespace = wanted.pod_namespace](std::string_view name) {
        const std::string workload(name.substr(std::string_view("cpg-").size()));
        return groups_.contains({pod_namespace, workload}) || files_.has(pod_namespace, workload);
    };
}

// Every flush merges again; once is enough.
void policy_writer::warn(const policy& wanted, std::string_view what) {
    if (said_.insert(wanted.pod_namespace + "/" + wanted.name() + " " + std::string(what)).second)
        log_.warn(what, {{"policy", wanted.name()}, {"namespace", wanted.pod_namespace}});
}

void policy_writer::warn_of_size(const policy& wanted, std::string_view text) {
    if (text.size() > most_client_side_bytes)
        warn(wanted,
             "the policy is larger than 256 KiB: `kubectl apply` keeps it in an annotation and fails, `kubectl apply "
             "--server-side` does not");
}

// It is tried again at every flush; once is enough to say why.
write_status policy_writer::fail(const policy& wanted, std::string_view problem) {
    fs::path place = policy_files::path_of(wanted.pod_namespace, wanted.workload);
    try {
        place = place_of(wanted);
    } catch (const std::exception&) {
        // What can't be looked up is in the problem.
    }
    say_failed(files_.shown(place).string(), problem);
    return write_status::failed;
}

void policy_writer::say_failed(const std::string& path, std::string_view problem) {
    if (said_.insert(path + " " + std::string(problem)).second)
        log_.error("policy not written", {{"path", path}, {"problem", problem}});
}

std::size_t policy_writer::count(write_status status) const {
    std::size_t found = 0;
    for (const auto& [where, group] : groups_)
        found += static_cast<std::size_t>(
            std::ranges::count_if(group.owners, [&](const auto& each) { return each.second.status == status; }));
    return found;
}

}  // namespace cpg
