// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// What a server says to the HTTP client. The first byte: whether the answer has a head alone, and the size of the
// pieces.

#include <optional>

#include "fuzz/check.hpp"
#include "k8s/net/http.hpp"

namespace {

using namespace cpg;
using namespace cpg::k8s;

constexpr unsigned head_only_bit = 0x80;

// Nothing where the answer is no HTTP, or cut.
std::optional<http_answer> read(std::string_view bytes, std::size_t step, bool head_only) {
    answer_reader reader(head_only);
    try {
        const auto parts = fuzz::cut(bytes, step);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (!reader.feed(parts[i])) continue;
            http_answer out = reader.release();
            for (++i; i < parts.size(); ++i)
                out.rest += parts[i];
            return out;
        }
        reader.end();
        return reader.release();
    } catch (const cluster_error& error) {
        fuzz::require(error.what()[0] != '\0', "an error says something");
        return std::nullopt;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes = fuzz::text_of(data, size);
    const unsigned how = fuzz::take_byte(bytes);
    const bool head_only = (how & head_only_bit) != 0;
    const auto whole = read(bytes, bytes.size() + 1, head_only);
    const auto pieces = read(bytes, 1 + how % head_only_bit, head_only);
    fuzz::require(whole.has_value() == pieces.has_value(), "the size of the pieces makes no fault");
    if (!whole) return 0;
    fuzz::require(whole->status == pieces->status && whole->headers == pieces->headers && whole->body == pieces->body &&
                      whole->rest == pieces->rest,
                  "the size of the pieces makes no difference");
    fuzz::require(whole->body.size() + whole->rest.size() <= bytes.size(), "nothing is made up");
    fuzz::require(!head_only || whole->body.empty(), "a head alone has no body");
    return 0;
}
