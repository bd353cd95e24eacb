// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// An evidence file, which may have been damaged.

#include "evidence/file.hpp"
#include "fuzz/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cpg;
    try {
        const evidence_document read = parse_evidence(fuzz::text_of(data, size));
        const std::string text = evidence_json(read);
        fuzz::require(fuzz::is_calm(text), "evidence has no control characters", text);
        const evidence_document again = parse_evidence(text);
        fuzz::require(evidence_json(again) == text, "evidence is printed alike twice", text);
        fuzz::require(again.rules.size() == read.rules.size() && again.sessions == read.sessions,
                      "evidence is read as it was", text);
    } catch (const evidence_error& error) {
        fuzz::require(error.what()[0] != '\0', "an error says something");
    }
    return 0;
}
