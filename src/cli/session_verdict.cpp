// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "cli/session_verdict.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "report/policy_set_files.hpp"
#include "report/verification.hpp"
#include "session/cluster_folders.hpp"

namespace cpg {

namespace {

// What the session was told to leave out is not asked about.
bool is_asked_about(const seen_connection& seen, const gate_settings& gates) {
    const connection& what = seen.connection;
    const bool ignored = std::ranges::find(gates.ignored_protocols, what.protocol) != gates.ignored_protocols.end();
    return seen.denied > 0 && !ignored &&
           (gates.namespaces.empty() || gates.namespaces.contains(what.subject->pod_namespace)) &&
           (gates.cluster.empty() || gates.cluster == what.subject->cluster);
}

std::vector<std::string> sentences(const std::vector<verified>& all, effect which) {
    constexpr std::size_t most_named = 10;
    std::vector<std::string> out;
    for (const verified& each : all)
        if (each.effect == which && out.size() < most_named)
            out.push_back(sentence_of(each.seen.connection) + ": " + each.why.text);
    return out;
}

void say(const verification& found, std::size_t asked, const std::string& folder, logger& log) {
    const std::uint64_t left = found.count(effect::left_denied).connections;
    const std::uint64_t unknown = found.count(effect::unknown).connections;
    const std::string number = std::to_string(asked);
    if (left > 0)
        log.warn(std::to_string(left) + " of " + number + " denied connections stay denied by the files in " + folder,
                 {{"connections", sentences(found.all, effect::left_denied)}});
    else if (unknown > 0)
        log.info("of " + number + " denied connections none stays denied by the files in " + folder + ", and " +
                     std::to_string(unknown) + " can't be told",
                 {{"connections", sentences(found.all, effect::unknown)}});
    else
        log.info("all " + number + " denied connections are allowed by the files in " + folder);
}

// Each folder is asked about what its policies are for.
using questions = std::map<std::filesystem::path, std::vector<seen_connection>>;

questions questions_of(const session_settings& settings, const session_result& result) {
    questions out;
    for (const seen_connection& each : result.connections.all)
        if (is_asked_about(each, settings.gates))
            out[output_dir_of(settings, each.connection.subject->cluster)].push_back(each);
    return out;
}

void ask(const std::string& folder, std::vector<seen_connection> asked, logger& log) {
    const std::array<std::string, 1> where = {folder};
    const policy_files_read files = read_policy_files(where);
    for (const std::string& each : files.problems)
        log.warn("a file of policies can't be read", {{"problem", each}});
    const std::size_t count = asked.size();
    say(verify(std::move(asked), files.policies, nullptr, {}), count, folder, log);
}

}  // namespace

void say_verdict(const session_settings& settings, const session_result& result, logger& log) {
    const questions asked = questions_of(settings, result);
    const std::string folder = settings.writer.output_dir.string();
    if (asked.empty()) return log.info("no denied connection was seen to ask the files in " + folder + " about");
    try {
        for (const auto& [each, about] : asked)
            ask(each.string(), about, log);
        if (result.connections.left_out > 0)
            log.warn("not asked about: more connections than are kept", {{"flows", result.connections.left_out}});
    } catch (const fatal_error& error) {
        log.warn("the denied connections could not be asked about", {{"problem", error.what()}});
    }
}

}  // namespace cpg
