// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What may be typed next, from the option table and the output directory. Shells ask by `cpg __complete WORDS`, kubectl
// by a program named `kubectl_complete-cilium_policy_gen`; both read the answer as kubectl's own completion gives it.
// Reads folders; any thread.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cpg {

struct completions {
    struct candidate {
        std::string word;  ///< all of it, with what is there already
        std::string_view description;
    };

    enum class paths { none, files, folders };

    std::vector<candidate> candidates;
    paths others = paths::none;  ///< that the shell may offer where there is no candidate
    bool is_open = false;        ///< candidates go on: no blank behind them
};

/// The last word is the one that is being typed, perhaps empty.
completions complete(std::span<const std::string> words);

/// A candidate a line, with its description behind a tab, and last `:` and a sum of 2 (no blank), 4 (no files) and 16
/// (folders alone): the protocol of cobra, which kubectl reads from its plugins.
std::string completions_text(const completions& what);

}  // namespace cpg
