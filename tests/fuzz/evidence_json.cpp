// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// An evidence file or the list of pods beside them, which may have been damaged.

#include "evidence/file.hpp"
#include "evidence/known_pods.hpp"
#include "fuzz/check.hpp"

namespace {

void check_pods(std::string_view text) {
    using namespace cpg;
    try {
        const known_pods read = parse_known_pods(text);
        fuzz::require(parse_known_pods(known_pods_json(read)) == read, "pods are read as they were", text);
    } catch (const evidence_error& error) {
        fuzz::require(error.what()[0] != '\0', "an error says something");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cpg;
    check_pods(fuzz::text_of(data, size));
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
