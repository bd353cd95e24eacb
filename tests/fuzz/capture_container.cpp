// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// A capture as it may come: plain or compressed, whole or cut, in pieces of any size. The first byte says which.

#include <optional>

#include "fuzz/check.hpp"
#include "source/inflate.hpp"
#include "source/line_cutter.hpp"
#include "support/compress.hpp"

namespace {

using namespace cpg;

constexpr std::size_t most_step = 1u << 16;
constexpr std::size_t most_slack = 2u << 20;  // of one call: a block of bzip2, and what a step takes
constexpr std::size_t most_total = 4u << 20;  // a bomb is left alone from here

struct outcome {
    std::string text;
    bool whole = true;
    bool too_much = false;
};

bool feed_all(inflater& inflate, std::string_view part, outcome& out) {
    for (;;) {
        const std::size_t before = out.text.size();
        const std::size_t used = inflate.feed(part, out.text, most_step);
        fuzz::require(used <= part.size(), "no more is taken than was given");
        fuzz::require(out.text.size() - before <= most_step + most_slack, "output is bounded");
        part.remove_prefix(used);
        if (out.text.size() > most_total) return !(out.too_much = true);
        if (used == 0 && out.text.size() == before) return true;
    }
}

outcome inflated(std::string_view bytes, std::size_t step) {
    outcome out;
    try {
        const auto inflate = make_inflater(bytes.substr(0, inflater::magic_bytes));
        for (const std::string_view part : fuzz::cut(bytes, step))
            if (!feed_all(*inflate, part, out)) return out;
        if (feed_all(*inflate, {}, out)) inflate->finish(out.text);
    } catch (const inflate_error&) {
        out.whole = false;
    }
    return out;
}

std::string compressed(const std::string& text, unsigned how) {
    switch (how) {
        case 1: return test::gzipped(text);
        case 2: return test::zstd_compressed(text);
        case 3: return test::bzip2_compressed(text);
        default: return text;
    }
}

// Pieces of whole lines are the text again.
void check_lines(const std::string& text, std::size_t least_step) {
    constexpr std::size_t most_pieces = 1000;
    const std::size_t step = std::max(least_step, text.size() / most_pieces);
    line_cutter cutter;
    std::string again;
    for (const std::string_view part : fuzz::cut(text, step)) {
        cutter.buffer() += part;
        if (const auto piece = cutter.cut_lines()) again += piece->bytes;
    }
    if (const auto piece = cutter.cut_rest()) again += piece->bytes;
    fuzz::require(again == text, "no line is lost");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input = fuzz::text_of(data, size);
    const std::uint8_t how = fuzz::take_byte(input);
    const std::size_t step = 1 + fuzz::take_byte(input);
    const std::string bytes = compressed(std::string(input), how);
    const outcome whole = inflated(bytes, bytes.size() + 1);
    const outcome pieces = inflated(bytes, step);
    if (how >= 1 && how <= 3) fuzz::require(whole.whole && whole.text == input, "what was compressed comes out again");
    if (whole.too_much || pieces.too_much) return 0;
    fuzz::require(whole.whole == pieces.whole, "the size of the pieces makes no fault");
    if (whole.whole) fuzz::require(whole.text == pieces.text, "the size of the pieces makes no difference");
    check_lines(whole.text, step);
    return 0;
}
