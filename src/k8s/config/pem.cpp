// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "k8s/config/pem.hpp"

#include "base/error.hpp"
#include "base/files.hpp"

namespace cpg::k8s {

namespace {

constexpr std::size_t most_pem = 8U << 20U;

}  // namespace

std::string read_pem(const file_or_data& source, const std::string& what) {
    if (!source.data.empty() || source.file.empty()) return source.data;
    try {
        auto text = read_file(source.file, most_pem);
        if (text) return std::move(*text);
        throw fatal_error("unable to read " + what + " " + source.file + ": no such file or directory");
    } catch (const file_error& error) {
        throw fatal_error("unable to read " + what + " " + source.file + ": " + error.what());
    }
}

}  // namespace cpg::k8s
