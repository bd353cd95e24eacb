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

struct answer_and_rest {
    http_answer answer;
    std::string rest;
};

// Nothing where the answer is no HTTP, or cut.
std::optional<answer_and_rest> read(std::string_view bytes, std::size_t step, bool head_only) {
    answer_reader reader(head_only);
    try {
        const auto parts = fuzz::cut(bytes, step);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (!reader.feed(parts[i])) continue;
            std::string rest = reader.take_rest();
            for (++i; i < parts.size(); ++i)
                rest += parts[i];
            answer_and_rest out{reader.release(), rest};
            return out;
        }
        reader.end();
        return answer_and_rest{reader.release(), {}};
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
    const http_answer& one = whole->answer;
    const http_answer& other = pieces->answer;
    fuzz::require(one.status == other.status && one.headers == other.headers && one.body == other.body &&
                      one.keeps_open == other.keeps_open && whole->rest == pieces->rest,
                  "the size of the pieces makes no difference");
    fuzz::require(one.body.size() + whole->rest.size() <= bytes.size(), "nothing is made up");
    fuzz::require(!head_only || one.body.empty(), "a head alone has no body");
    return 0;
}
