// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "partial/merge.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "aggregate/snapshot.hpp"
#include "base/error.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "partial/workload_json.hpp"

namespace cpg {

namespace {

using readers = std::vector<std::unique_ptr<part_reader>>;
using temporaries = std::vector<std::unique_ptr<part_writer>>;

/// Workloads are bounded by share, and come in order.
class share_bounds {
  public:
    bool has_room_for(const workload_key& key) {
        constexpr std::size_t most = limits::workloads / workload_shares;
        std::size_t& in_share = in_share_[share_of(key.pod_namespace, key.selector)];
        if (in_share == most) exceeded_ = true;
        return in_share < most && ++in_share;
    }
    bool exceeded() const { return exceeded_; }

  private:
    std::array<std::size_t, workload_shares> in_share_{};
    bool exceeded_ = false;
};

/// The part that the others are compared with: its name is one that the user knows, also in later rounds.
struct first_part {
    std::string name;
    part_options options;
};

void check_alike(std::optional<first_part>& first, const part_reader& other) {
    if (!first) first = {.name = other.name(), .options = other.header().options};
    const auto difference = difference_of(first->options, other.header().options);
    if (!difference) return;
    throw fatal_error("parts of different options can't be added up: " + difference->option + " is " +
                      printable(difference->first) + " in " + printable(first->name) + " and " +
                      printable(difference->second) + " in " + printable(other.name()) +
                      "; make all parts with the same flags, and times as RFC 3339");
}

readers open_all(const std::vector<std::string>& paths, std::optional<first_part>& first) {
    readers out;
    for (const std::string& path : paths) {
        out.push_back(std::make_unique<part_reader>(path));
        check_alike(first, *out.back());
    }
    return out;
}

part_header sum_of(const readers& parts) {
    part_header out = parts.front()->header();
    for (auto each = std::next(parts.begin()); each != parts.end(); ++each) {
        out.totals.add((*each)->header().totals);
        out.cpg_version = std::max(out.cpg_version, (*each)->header().cpg_version);
    }
    return out;
}

const workload_key* least_key(const readers& parts) {
    const workload_key* out = nullptr;
    for (const auto& each : parts)
        if (each->key() && (!out || *each->key() < *out)) out = each->key();
    return out;
}

workload take_all(const readers& parts, const workload_key& key, std::size_t samples) {
    workload out;
    for (const auto& each : parts)
        if (each->key() && *each->key() == key) add(out, each->take(), samples, limits::rules_of_a_workload);
    return out;
}

part_header merge_open(const readers& parts, part_writer& to, merged_knowledge* knowledge) {
    part_header sum = sum_of(parts);
    to.line(header_line(sum));
    if (knowledge) knowledge->names = sum.totals.servers;
    share_bounds bounds;
    part_end end;
    while (const workload_key* const least = least_key(parts)) {
        const workload_key key = *least;
        const workload all = take_all(parts, key, sum.options.samples);
        if (!bounds.has_room_for(key)) continue;
        to.line(workload_line(key, all));
        ++end.workloads;
        if (knowledge) knowledge->add(key, all);
    }
    const auto left_out = [](const auto& part) { return part->end().too_many_workloads; };
    end.too_many_workloads = bounds.exceeded() || std::ranges::any_of(parts, left_out);
    to.line(end_line(end));
    to.finish();
    if (knowledge) knowledge->names.shed_surplus();
    return sum;
}

// Each part is open while it is added up, and files are not to be had without end.
std::vector<std::string> rounds(std::vector<std::string> paths, temporaries& kept, std::optional<first_part>& first) {
    while (paths.size() > limits::parts_at_once) {
        std::vector<std::string> next;
        temporaries sums;
        for (std::size_t at = 0; at < paths.size(); at += limits::parts_at_once) {
            const std::size_t end = std::min(paths.size(), at + limits::parts_at_once);
            const auto from = paths.begin() + static_cast<std::ptrdiff_t>(at);
            sums.push_back(part_writer::temporary());
            const std::vector<std::string> taken(from, paths.begin() + static_cast<std::ptrdiff_t>(end));
            merge_open(open_all(taken, first), *sums.back(), nullptr);
            next.push_back(sums.back()->path_of_temporary());
        }
        paths = std::move(next);
        kept = std::move(sums);
    }
    return paths;
}

}  // namespace

plain_name plain_name_of(const workload_key& key, const workload& of) {
    return {.cluster = key.cluster, .pod_namespace = key.pod_namespace, .name = of.name};
}

void merged_knowledge::add(const workload_key& key, const workload& of) {
    add_domains(names, of);
    if (!of.rules.empty()) ++namesakes[plain_name_of(key, of)];
}

void write_part(part_writer& to, part_header header, const std::vector<const aggregator*>& shards) {
    using place = std::map<workload_key, workload>::const_iterator;
    std::vector<std::pair<place, place>> left;
    part_end end;
    for (const aggregator* each : shards) {
        header.totals.servers.add(each->servers());
        end.workloads += each->sums().size();
        end.too_many_workloads |= each->too_many_workloads();
        left.emplace_back(each->sums().begin(), each->sums().end());
    }
    to.line(header_line(header));
    for (std::uint64_t i = 0; i < end.workloads; ++i) {
        std::erase_if(left, [](const auto& shard) { return shard.first == shard.second; });
        auto& least = *std::ranges::min_element(left, {}, [](const auto& shard) { return shard.first->first; });
        to.line(workload_line(least.first->first, least.first->second));
        ++least.first;
    }
    to.line(end_line(end));
    to.finish();
}

part_header merge_parts(const std::vector<std::string>& paths, part_writer& to, merged_knowledge* knowledge) {
    temporaries kept;
    std::optional<first_part> first;
    const std::vector<std::string> left = rounds(paths, kept, first);
    return merge_open(open_all(left, first), to, knowledge);
}

}  // namespace cpg
