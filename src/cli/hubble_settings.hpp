// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// What cpg shares with the hubble CLI, and where each value comes from: the flag, else the variable HUBBLE_ and the
// flag's name in capitals with '_' for '-', else the configuration file of hubble. One thread.

#include <string>
#include <string_view>
#include <vector>

#include "cli/options.hpp"
#include "source/hubble_config.hpp"

namespace cpg {

class hubble_settings {
  public:
    /// Reads the file of --config or HUBBLE_CONFIG, else the first that is there where hubble looks. Throws
    /// fatal_error when it can't be read.
    explicit hubble_settings(const parsed_options& options);

    /// Empty where it stands nowhere.
    std::string text(value_id option) const;
    /// Throws usage_error for what is no boolean of Go's, naming where it stands.
    bool is_on(toggle_id option) const;
    /// A flag's values are parted by commas, others by commas and white space.
    std::vector<std::string> list(list_id option) const;
    /// For messages: `--server`, `HUBBLE_SERVER`, `server in /home/me/.config/hubble/config.yaml`.
    std::string origin(option_id option) const;

  private:
    struct found {
        std::vector<std::string> values;
        std::string origin;
    };

    found find(option_id option) const;

    const parsed_options& options_;
    std::string file_;
    hubble_config config_;
};

}  // namespace cpg
