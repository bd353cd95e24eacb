// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/foreign_file.hpp"

#include <algorithm>
#include <array>

namespace cpg {

namespace {

using namespace std::string_view_literals;

// `mend`: with the file's name in the place of `@`.
struct foreign_format {
    std::string_view magic;
    std::string_view name;
    std::string_view mend;
};

constexpr std::array formats = {
    foreign_format{"\xff\xfe"sv, "UTF-16 text", "iconv -f UTF-16 -t UTF-8 @ | cpg replay -"},
    foreign_format{"\xfe\xff"sv, "UTF-16 text", "iconv -f UTF-16 -t UTF-8 @ | cpg replay -"},
    foreign_format{"{\0"sv, "UTF-16 text", "iconv -f UTF-16LE -t UTF-8 @ | cpg replay -"},
    foreign_format{"\0{"sv, "UTF-16 text", "iconv -f UTF-16BE -t UTF-8 @ | cpg replay -"},
    foreign_format{"\x04\x22\x4d\x18"sv, "lz4", "lz4 -dc @ | cpg replay -"},
    foreign_format{"\xff\x06\0\0sNaPpY"sv, "snappy", "snzip -dc @ | cpg replay -"},
    foreign_format{"\x1f\x9d"sv, "compress (.Z)", "zcat @ | cpg replay -"},
    foreign_format{"7z\xbc\xaf\x27\x1c"sv, "a 7-Zip archive", "7z x -so @ | cpg replay -"},
    foreign_format{"Rar!\x1a\x07"sv, "a RAR archive", "unrar p -inul @ | cpg replay -"},
    foreign_format{"\xd4\xc3\xb2\xa1"sv, "packets (pcap)", "hubble observe --verdict DROPPED --since 1h -o jsonpb"},
    foreign_format{"\x0a\x0d\x0d\x0a"sv, "packets (pcapng)", "hubble observe --verdict DROPPED --since 1h -o jsonpb"},
    foreign_format{"PAR1"sv, "Parquet", "hubble observe --verdict DROPPED --since 1h -o jsonpb"},
};

// A name that a shell takes for more than a word is left to the reader.
std::string shell_word(std::string_view name) {
    const bool plain = name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-") ==
                       std::string::npos;
    return plain && !name.empty() ? std::string(name) : "FILE";
}

}  // namespace

std::string foreign_format_problem(std::string_view beginning, std::string_view name) {
    const auto found =
        std::ranges::find_if(formats, [&](const foreign_format& each) { return beginning.starts_with(each.magic); });
    if (found == formats.end()) return {};
    std::string mend(found->mend);
    if (const std::size_t at = mend.find('@'); at != std::string::npos) mend.replace(at, 1, shell_word(name));
    return std::string(name) + " is " + std::string(found->name) + ", which cpg does not read: use " + mend;
}

}  // namespace cpg
