// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// Mutations for texts whose lines mean something: most changes of single bytes make no YAML. Linked into the targets
// that read such texts; every second time libFuzzer's own mutations are taken.

#include <algorithm>
#include <random>
#include <string>

#include "base/text.hpp"
#include "fuzz/check.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

using namespace cpg;
using lines = std::vector<std::string>;

std::size_t below(std::size_t bound, std::minstd_rand& random) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}

// A block is a line with the lines behind it that stand deeper.
std::size_t block_end(const lines& text, std::size_t start) {
    const auto column = [](const std::string& line) { return std::min(line.find_first_not_of(' '), line.size()); };
    std::size_t end = start + 1;
    while (end < text.size() && column(text[end]) > column(text[start]))
        ++end;
    return end;
}

void change(lines& text, std::minstd_rand& random) {
    const std::size_t from = below(text.size(), random);
    const std::size_t to = below(text.size(), random);
    const auto at = [&](std::size_t index) { return text.begin() + static_cast<std::ptrdiff_t>(index); };
    const lines block(at(from), at(block_end(text, from)));
    switch (below(7, random)) {
        case 0: text.insert(at(to), block.begin(), block.end()); break;
        case 1: text.erase(at(from), at(from) + static_cast<std::ptrdiff_t>(block.size())); break;
        case 2: std::swap(text[from], text[to]); break;
        case 3: text[from].insert(0, 2, ' '); break;
        case 4: text[from].erase(0, std::min(text[from].find_first_not_of(' '), std::size_t{2})); break;
        case 5: text[from] += text[to].substr(std::min(text[to].find_first_not_of(" -"), text[to].size())); break;
        default: text.insert(at(to), std::string(below(9, random), ' ') + "# said by a person");
    }
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    std::minstd_rand random(seed);
    if (size == 0 || below(2, random) == 0) return LLVMFuzzerMutate(data, size, most);
    lines text;
    for (const std::string_view line : split(fuzz::text_of(data, size), '\n'))
        text.emplace_back(line);
    for (std::size_t left = 1 + below(3, random); left > 0 && !text.empty(); --left)
        change(text, random);
    const std::string out = join(text, "\n").substr(0, most);
    std::ranges::copy(out, data);
    return std::max<std::size_t>(out.size(), 1);
}
