// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/container_log.hpp"

#include <optional>

#include "base/limits.hpp"
#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::string_view docker_begin = "{\"log\":\"";
constexpr std::string_view docker_break = "\\n";

struct part {
    std::string_view text;
    bool is_last = true;
    bool is_stderr = false;
    bool is_docker = false;
};

std::string_view take_word(std::string_view& text) {
    const std::size_t space = text.find(' ');
    const std::string_view out = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    return out;
}

// kubernetes:pkg/kubelet/kuberuntime/logs: a time, the stream, tags joined with ':' of which the first is P or F.
std::optional<part> cri_part(std::string_view line) {
    const std::string_view time = take_word(line);
    if (time.size() < 20 || !is_digit(time[0]) || time[4] != '-' || time[10] != 'T') return std::nullopt;
    const std::string_view stream = take_word(line);
    const std::string_view tags = take_word(line);
    const std::string_view tag = tags.substr(0, tags.find(':'));
    if ((stream != "stdout" && stream != "stderr") || (tag != "P" && tag != "F")) return std::nullopt;
    return part{.text = line, .is_last = tag == "F", .is_stderr = stream == "stderr"};
}

// The line break at the end of a line is part of its text; where it lacks, the line goes on.
std::optional<part> docker_part(std::string_view line) {
    if (!line.starts_with(docker_begin)) return std::nullopt;
    std::size_t at = docker_begin.size();
    while (at < line.size() && line[at] != '"')
        at += line[at] == '\\' ? 2 : 1;
    if (at >= line.size()) return std::nullopt;
    const std::string_view text = line.substr(docker_begin.size(), at - docker_begin.size());
    return part{.text = text,
                .is_last = text.ends_with(docker_break),
                .is_stderr = line.find(R"("stream":"stderr")", at) != std::string_view::npos,
                .is_docker = true};
}

std::optional<part> part_of(std::string_view line) {
    auto out = cri_part(line);
    return out ? out : docker_part(line);
}

}  // namespace

bool container_log::begins_with(std::string_view line) {
    return part_of(line).has_value();
}

void container_log::add(std::string_view line, std::string& out) {
    const auto found = part_of(line);
    if (!found) {
        out.append(line) += '\n';
        return;
    }
    stream& to = streams_[found->is_stderr ? 1 : 0];
    if (found->is_last && to.parts == 0) {
        out.append(found->is_docker ? line : found->text) += '\n';
        return;
    }
    to.text += found->text;
    to.is_docker = found->is_docker;
    ++to.parts;
    if (found->is_last || to.text.size() > limits::line_bytes) emit(to, out);
}

void container_log::finish(std::string& out) {
    for (stream& each : streams_)
        if (each.parts > 0) emit(each, out);
}

void container_log::emit(stream& from, std::string& out) {
    if (from.is_docker) out += docker_begin;
    out += from.text;
    if (from.is_docker) out += "\"}";
    out.append(from.parts, '\n');
    from = {};
}

}  // namespace cpg
