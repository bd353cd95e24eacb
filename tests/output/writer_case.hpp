// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A policy_writer over a fresh output directory, and short ways to make policies. One thread.

#include <unistd.h>

#include <map>
#include <string>

#include "flow/labels.hpp"
#include "output/policy_writer.hpp"
#include "policy/build.hpp"
#include "support/policy_invariants.hpp"
#include "support/temp_dir.hpp"

namespace cpg::test {

using files = std::map<std::string, std::string>;

/// A policy of the pods with app=VALUE (or another key) in shop that lets app=PEER in on these ports.
inline policy wanted(const std::string& key, const std::string& value, const std::vector<std::uint16_t>& ports,
                     const std::string& peer_value = "frontend") {
    std::vector<rule_key> keys;
    for (const std::uint16_t port : ports)
        keys.push_back({.direction = direction::ingress,
                        .peer = peer::endpoint({{"app", peer_value}}),
                        .protocol = l4_protocol::tcp,
                        .port = port,
                        .l7 = {}});
    const selector labels = {{key, value}};
    return build_policy("shop", workload_name(labels), labels, keys);
}

class writer_case {
  public:
    std::filesystem::path dir() const { return dir_ / "out"; }
    std::filesystem::path file(std::string_view name) const { return dir_.path() / "out/shop" / name; }
    std::filesystem::path beside(std::string_view name) const { return dir_.path() / name; }

    writer_settings settings(bool dry_run = false) {
        writer_settings out;
        out.output_dir = dir();
        out.dry_run = dry_run;
        out.show = [this](std::string_view text) { shown += text; };
        return out;
    }

    /// A session that flushes these groups of policies one after the other.
    std::vector<written_policy> session(const std::vector<std::vector<policy>>& flushes, bool dry_run = false) {
        policy_writer writer(settings(dry_run), log);
        std::vector<written_policy> last;
        for (const std::vector<policy>& each : flushes)
            last = writer.write(each);
        return last;
    }

    files on_disk() const {
        files out;
        if (!std::filesystem::exists(dir())) return out;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(dir()))
            if (entry.is_regular_file()) out[entry.path().filename().string()] = read_text(entry.path());
        return out;
    }

    std::string faults() const { return joined(tree_faults(dir())); }

    std::string shown;
    // Errors of a case are expected ones: no descriptor takes them.
    logger log{log_settings{.level = log_level::error, .json = false, .colour = false, .descriptor = -1}};

  private:
    temp_dir dir_;
};

}  // namespace cpg::test
