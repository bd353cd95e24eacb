// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Evidence as JSON, schema version 2: the same evidence is always the same bytes. Reading takes members that it does
// not know and bears with those that are missing, but nothing that could mean something else. Any thread.

#include <boost/json/object.hpp>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/folder.hpp"
#include "base/limits.hpp"
#include "evidence/document.hpp"

namespace cpg {

/// The text or the file can't be used as evidence. A sentence that says why.
class evidence_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The text is evidence of another schema version.
class evidence_version_error : public evidence_error {
  public:
    using evidence_error::evidence_error;
};

/// Version 2 has the whole selector of a peer in the key of a rule.
inline constexpr int evidence_schema_version = 2;

/// Larger files are neither read nor written.
inline constexpr std::size_t most_evidence_bytes = limits::evidence_bytes;

// The parts of the document.
boost::json::object labels_json(const selector& labels);
boost::json::object policy_json(const evidence_document& document);
boost::json::object session_json(const evidence_session& session);
/// At most `most_samples` of the samples. All of the value lies in `memory`.
boost::json::object rule_json(const std::string& key, const evidence_rule& rule, std::size_t most_samples,
                              const boost::json::storage_ptr& memory = {});

/// Empty optional members are left out; rules are sorted by direction and key.
std::string evidence_json(const evidence_document& document);

/// Throws evidence_error for text that is damaged, evidence_version_error for another schema version.
evidence_document parse_evidence(std::string_view text);

// Nothing when there is no such file. Errors are evidence_error, and name the file and the command that clears it.
std::optional<evidence_document> read_evidence(const std::filesystem::path& path);
// The two halves of it, for who wants to keep the text; `below` the folder.
std::optional<std::string> read_evidence_text(const folder& of, const std::filesystem::path& below);
evidence_document parse_evidence_of(const std::filesystem::path& path, std::string_view text);
/// What the file at `path` is to hold. Throws file_error where that is too large to be read again.
std::string evidence_text(const std::filesystem::path& path, const evidence_document& document);
/// Replaced whole, but without waiting for the disk, which thousands of files would make minutes of. Throws file_error.
void write_evidence(folder& to, const std::filesystem::path& below, const evidence_document& document);

/// Only the user may read evidence: flows are sensitive.
inline constexpr folder::modes evidence_modes = {.folders = 0700, .files = 0600};

}  // namespace cpg
