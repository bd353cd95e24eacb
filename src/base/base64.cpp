// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <iterator>

namespace cpg {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* octets(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

// OpenSSL says only that a text is wrong, and takes some that are.
bool is_base64(std::string_view text) {
    const std::size_t digits = text.find_last_not_of('=') + 1;
    return text.size() % 4 == 0 && text.size() - digits <= 2 &&
           text.substr(0, digits).find_first_not_of(alphabet) == std::string_view::npos;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(octets(out), octets(bytes), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

base64_result base64_decode(std::string_view text) {
    std::string digits;
    std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c != '\r' && c != '\n'; });
    if (!is_base64(digits)) {
        const std::size_t bad = text.find_first_not_of(std::string(alphabet) + "\r\n");
        return {.bytes = {}, .bad_at = std::min(bad, text.size())};
    }
    base64_result out;
    out.bytes.resize(digits.size() / 4 * 3);
    EVP_DecodeBlock(octets(out.bytes), octets(digits), static_cast<int>(digits.size()));
    out.bytes.resize(out.bytes.size() - static_cast<std::size_t>(std::ranges::count(digits, '=')));
    return out;
}

}  // namespace cpg
