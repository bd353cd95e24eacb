// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// The files of tests/data, read.

#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/temp_dir.hpp"

namespace cpg::test {

/// TEST_DATA is given by the build: the folder tests/data.
inline std::filesystem::path data_path(const std::string& name) {
    const std::filesystem::path path = std::filesystem::path(TEST_DATA) / name;
    if (!std::filesystem::exists(path)) throw std::runtime_error("no test data " + path.string());
    return path;
}

inline std::string data_text(const std::string& name) {
    return read_text(data_path(name));
}

inline std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        out.push_back(line);
    return out;
}

/// The rows of a table with tabs between its columns, without the header.
inline std::vector<std::vector<std::string>> data_table(const std::string& name) {
    std::vector<std::vector<std::string>> rows;
    for (const std::string& line : lines_of(data_text(name))) {
        std::vector<std::string>& row = rows.emplace_back();
        std::istringstream in(line + "\t");
        for (std::string cell; std::getline(in, cell, '\t');)
            row.push_back(cell);
    }
    rows.erase(rows.begin());
    return rows;
}

}  // namespace cpg::test
