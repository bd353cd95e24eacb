// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "session/locks.hpp"

#include <string_view>

#include "base/error.hpp"
#include "base/folder.hpp"

namespace cpg {

namespace {

using namespace std::chrono_literals;

// Long enough for another run that is about to end, short enough for a person or a script.
constexpr auto patience = 5s;

// `what` is how a person calls the folder.
std::unique_ptr<folder_lock> lock(const std::filesystem::path& folder, mode_t mode, const std::string& what,
                                  logger& log) {
    const auto say = [&](const std::string& holder) {
        log.warn("waiting for another cpg to end", {{what, folder.string()}, {"holder", holder}});
    };
    auto out = std::make_unique<folder_lock>(folder, mode, patience, say);
    if (out->result() == folder_lock::outcome::busy)
        throw fatal_error("another cpg (" + out->holder() + ") is writing to " + folder.string() +
                          ": wait for its end, stop it, or name another folder");
    if (out->result() == folder_lock::outcome::unsupported)
        log.warn("this folder can't be locked: let no second cpg write to it", {{what, folder.string()}});
    else if (const std::size_t removed = cpg::folder(folder).remove_unfinished())
        log.info("removed what a run that was killed had left half written",
                 {{what, folder.string()}, {"files", removed}});
    return out;
}

std::unique_ptr<folder_lock> lock_output(const std::filesystem::path& folder, logger& log) {
    try {
        return lock(folder, 0755, "output_dir", log);
    } catch (const file_error& error) {
        throw fatal_error(error.what());
    }
}

// Policies are worth having without evidence; a folder that the user named is one to be told of at once.
std::unique_ptr<folder_lock> lock_evidence(const evidence_settings& settings, logger& log) {
    try {
        return lock(settings.folder, 0700, "evidence_dir", log);
    } catch (const file_error& error) {
        const std::string advice = "name another folder with --evidence-dir, or use --no-evidence";
        if (settings.required) throw fatal_error(std::string(error.what()) + "; " + advice);
        log.warn("no evidence is kept", {{"problem", error.what()}, {"advice", advice}});
        return nullptr;
    }
}

}  // namespace

folder_locks lock_folders(const session_settings& settings, logger& log) {
    folder_locks out;
    if (settings.writer.dry_run) return out;
    out.output = lock_output(settings.writer.output_dir, log);
    if (settings.evidence) out.evidence = lock_evidence(*settings.evidence, log);
    return out;
}

}  // namespace cpg
