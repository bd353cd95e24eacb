// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "partial/part_reader.hpp"

#include "base/error.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "partial/json_in.hpp"
#include "partial/workload_json.hpp"

namespace cpg {

part_reader::part_reader(const std::string& path) : lines_(path, limits::part_line_bytes) {
    const auto line = lines_.next();
    if (!line)
        throw fatal_error("cannot read part " + printable(name()) +
                          ": it is no part, or was cut off; parts are made with: cpg replay --partial OUT FILE...");
    try {
        header_ = read_header(*line);
    } catch (const part_error& error) {
        throw fatal_error("cannot read part " + printable(name()) + ": " + printable(error.what()) +
                          "; parts are made with: cpg replay --partial OUT FILE...");
    }
    read_next();
}

workload part_reader::take() {
    workload out = std::move(at_hand_->second);
    read_next();
    return out;
}

void part_reader::read_next() {
    const auto line = lines_.next();
    if (!line) refuse("its end is missing: it was cut off");
    try {
        read_line(*line);
    } catch (const part_error& error) {
        refuse("line " + std::to_string(lines_.number()) + ": " + printable(error.what()));
    }
}

void part_reader::read_line(std::string_view line) {
    if (const auto end = read_end(line)) {
        if (end->workloads != read_) throw part_error("there are workloads missing");
        if (lines_.next() || lines_.was_cut()) throw part_error("something stands behind the end");
        at_hand_.reset();
        end_ = *end;
        return;
    }
    auto next = read_workload(line, header_.options.samples);
    if (next.first.cluster.empty() == header_.options.by_cluster)
        throw part_error("workloads are told apart by cluster in the header alone, or in a workload alone");
    if (at_hand_ && !(at_hand_->first < next.first)) throw part_error("the workloads are not sorted");
    at_hand_ = std::move(next);
    ++read_;
}

void part_reader::refuse(std::string_view problem) const {
    throw fatal_error("cannot read part " + printable(name()) + ": " + std::string(problem) + "; make it again");
}

}  // namespace cpg
