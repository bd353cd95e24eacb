// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The fixture of the tests that start `cpg generate` as people do: a fresh folder, a relay-sim to talk to,
// cpg with an environment of its own, and the policies of `cpg replay` to compare with. Programs are found by
// the environment variables CPG, RELAY_SIM and EXAMPLES, which the build sets.

#include <boost/json/object.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/program.hpp"
#include "support/run_cpg.hpp"
#include "support/temp_dir.hpp"

namespace cpg::test {

using namespace std::chrono_literals;

using words = std::vector<std::string>;
using file_texts = std::map<std::string, std::string>;  ///< by path below the folder

/// Every regular file below it; empty where there is no such folder.
file_texts files_below(const std::filesystem::path& folder);

/// The fields of the session summary among JSON log lines; throws when there is none.
boost::json::object summary_in(const std::string& json_log);

/// A number of it, with 0 for a key that isn't there: number_in(summary, {"unhandled", "reply"}).
std::uint64_t number_in(const boost::json::object& summary, const words& path);

/// The first line of the text that holds this, or "".
std::string line_with(const std::string& text, const std::string& part);

/// `count` dropped connections, a millisecond apart, no two of which make the same rule port; so a flow that
/// gets lost shows in the policies. One in `infra_each` is dropped for a full connection tracking table
/// instead; 0: none.
std::string distinct_flows(unsigned count, unsigned infra_each = 0);

/// The first lines of a text.
std::string first_lines(const std::string& text, std::uint64_t count);

struct live_case {
    live_case();

    std::filesystem::path example(const std::string& name) const;

    /// Starts relay-sim and waits until it listens. Its address is in `address` from then on.
    program& start_sim(const words& flags, const std::string& listen = "127.0.0.1:0");
    /// The same sim once more at the same address.
    program& restart_sim(const words& flags);
    void stop_sim();

    /// cpg generate with JSON logs, output in `policies` and these flags. `before` are words in front of it.
    std::unique_ptr<program> start_cpg(const words& flags, const words& before = {});
    /// The same to its end.
    std::unique_ptr<program> run_cpg(const words& flags, int expected_code);
    /// Any command of cpg to its end.
    std::unique_ptr<program> run_command(const words& command_and_flags, int expected_code);
    /// Starts cpg, waits until the output is `wanted`, stops it by SIGTERM; returns the summary.
    boost::json::object generate_until(const words& flags, const file_texts& wanted);

    /// What replay makes of a capture in a folder of its own, and its summary.
    file_texts replayed(const std::filesystem::path& capture, const words& flags = {});
    boost::json::object replay_summary;

    std::filesystem::path write(const std::string& name, const std::string& text) const;
    file_texts policies() const { return files_below(dir / "policies"); }
    words at_sim(words more = {}) const;

    temp_dir dir;
    std::map<std::string, std::string> environment;
    std::string address;  ///< as --server takes it
    std::unique_ptr<program> sim;
    int runs = 0;
    int cpg_out = -1;  ///< descriptors in place of files
    int cpg_err = -1;

  private:
    std::unique_ptr<program> start(words command, int out = -1, int err = -1);
};

}  // namespace cpg::test
