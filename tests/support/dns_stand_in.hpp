// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// A DNS server on loopback, over UDP: answers with the addresses it was given, with NXDOMAIN for other names, or, when
// silent, with nothing. Runs on the test's io_context until stop().

#include <array>
#include <asio/io_context.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/udp.hpp>
#include <map>
#include <string>
#include <vector>

namespace cpg::test {

class dns_stand_in {
  public:
    using addresses = std::map<std::string, std::vector<std::string>>;  ///< by name

    dns_stand_in(asio::io_context& context, addresses known, bool silent = false)
        : socket_(context, {asio::ip::address_v4::loopback(), 0}), known_(std::move(known)), silent_(silent) {
        receive();
    }

    std::string address() const { return "127.0.0.1:" + std::to_string(socket_.local_endpoint().port()); }
    /// Names and types as they were asked for: "a.example A".
    const std::vector<std::string>& asked() const { return asked_; }
    void stop() {
        asio::error_code ignored;
        socket_.close(ignored);
    }

  private:
    static constexpr std::size_t head_bytes = 12;

    void receive() {
        socket_.async_receive_from(asio::buffer(buffer_), from_, [this](asio::error_code error, std::size_t count) {
            if (error) return;
            answer({buffer_.data(), count});
            receive();
        });
    }

    void answer(const std::string& query) {
        std::string name;
        std::size_t at = head_bytes;
        while (const auto length = static_cast<unsigned char>(query.at(at))) {
            name += (name.empty() ? "" : ".") + query.substr(at + 1, length);
            at += length + 1U;
        }
        const char type = query.at(at + 2);
        asked_.push_back(name + (type == 1 ? " A" : type == 28 ? " AAAA" : " other"));
        if (silent_) return;
        const auto found = known_.find(name);
        std::string records;
        char count = 0;
        for (const std::string& text : found == known_.end() ? std::vector<std::string>() : found->second) {
            const std::string record = record_of(asio::ip::make_address(text), type);
            records += record;
            count = static_cast<char>(count + (record.empty() ? 0 : 1));
        }
        const char code = found == known_.end() ? 3 : 0;
        const std::string head = query.substr(0, 2) + "\x81" + static_cast<char>(0x80 | code) +
                                 std::string("\0\1\0", 3) + count + std::string(4, '\0');
        const std::string out = head + query.substr(head_bytes, at + 5 - head_bytes) + records;
        asio::error_code ignored;
        socket_.send_to(asio::buffer(out), from_, 0, ignored);
    }

    static std::string record_of(const asio::ip::address& address, char type) {
        if ((type == 1) != address.is_v4()) return {};
        std::string data;
        if (address.is_v4())
            for (const unsigned char byte : address.to_v4().to_bytes())
                data += static_cast<char>(byte);
        else
            for (const unsigned char byte : address.to_v6().to_bytes())
                data += static_cast<char>(byte);
        return std::string("\xc0\x0c\0", 3) + type + std::string("\0\1\0\0\0\x3c\0", 7) +
               static_cast<char>(data.size()) + data;
    }

    asio::ip::udp::socket socket_;
    addresses known_;
    bool silent_;
    asio::ip::udp::endpoint from_;
    std::array<char, 512> buffer_{};
    std::vector<std::string> asked_;
};

}  // namespace cpg::test
