// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "decode/json_decoder.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <string>

#include "base/text.hpp"
#include "decode/json_handler.hpp"

namespace cpg {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

class json_decoder::implementation {
  public:
    explicit implementation(label_cache& labels) : parser_(boost::json::parse_options{}, labels) {}

    void decode_line(flow_batch& batch, std::string_view line, std::uint64_t number) {
        ++batch.lines;
        const std::string_view problem = problem_of(batch, line);
        if (problem.empty()) return;
        ++batch.malformed_count;
        if (batch.malformed.size() < flow_batch::most_malformed_kept)
            batch.malformed.push_back({number, std::string(problem)});
    }

  private:
    std::string_view problem_of(flow_batch& batch, std::string_view line) {
        if (line.size() > json_decoder::most_line_bytes) return "longer than 16 MiB";
        if (line[0] != '{' && line[0] != '[') return "not JSON (capture with `hubble observe -o jsonpb`)";
        parser_.reset();
        parser_.handler().begin_line(batch);
        boost::json::error_code ec;
        const std::size_t used = parser_.write_some(false, line.data(), line.size(), ec);
        if (!parser_.handler().problem().empty()) return parser_.handler().problem();
        if (ec) return problem_ = "broken JSON: " + ec.message();
        if (!trim(line.substr(used)).empty()) return "more than one JSON value in the line";
        return parser_.handler().end_line();
    }

    boost::json::basic_parser<json::line_handler> parser_;
    std::string problem_;
};

json_decoder::json_decoder(label_cache& labels) : implementation_(std::make_unique<implementation>(labels)) {}

json_decoder::~json_decoder() = default;

void json_decoder::decode_lines(flow_batch& batch, std::uint64_t first_line) {
    std::string_view rest = batch.bytes;
    if (first_line == 1 && rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
    for (std::uint64_t number = first_line; !rest.empty(); ++number) {
        const std::size_t end = rest.find('\n');
        const std::string_view line = trim(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (!line.empty()) implementation_->decode_line(batch, line, number);
    }
}

}  // namespace cpg
