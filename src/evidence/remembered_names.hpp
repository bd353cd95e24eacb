// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Which names the addresses of a workload's connections had in earlier runs: a flow that Hubble shows without a name
// then gets no address beside the name that the policy has already. Reads evidence, writes nothing. One thread at a
// time.

#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "request/name_service.hpp"

namespace cpg {

class remembered_names {
  public:
    /// `folder` is that of the output directory, see evidence_folder().
    explicit remembered_names(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// As the evidence stood when it was first asked for. Empty where there is none, or none that can be read: whoever
    /// adds to it says so.
    const address_names& of(const std::string& pod_namespace, const std::string& workload);

  private:
    const std::filesystem::path folder_;
    std::map<std::pair<std::string, std::string>, address_names> known_;
};

}  // namespace cpg
