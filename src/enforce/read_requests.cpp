// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <array>
#include <stdexcept>

#include "base/text.hpp"
#include "enforce/read_rule_parts.hpp"

namespace cpg {

namespace {

class request_reader {
  public:
    explicit request_reader(reading& reading) : reading_(reading) {}

    request_part read(const tree& rules) {
        reading_.expect_members(rules, {"http", "dns", "kafka", "l7", "l7proto"});
        std::size_t kinds = 0;
        for (const char* const each : {"http", "dns", "kafka", "l7proto"})
            kinds += rules.find(each) ? 1 : 0;
        if (kinds != 1) reading_.refuse(rules, "rules has one of http, dns, kafka and l7proto");
        read_http(rules);
        read_dns(rules);
        read_others(rules);
        return std::move(out_);
    }

  private:
    // A list without entries is no filter.
    void read_http(const tree& rules) {
        const auto* const list = reading_.list_in(rules, "http");
        if (!list || list->empty()) return;
        out_.kind = request_kind::http;
        for (const tree& each : *list)
            if (reading_.is_mapping(each, "an entry of http")) read_http_rule(each);
    }

    void read_http_rule(const tree& entry) {
        reading_.expect_members(entry, {"path", "method", "host", "headers", "headerMatches"});
        http_rule rule;
        read_expression(entry, "path", rule.path, true);
        read_expression(entry, "method", rule.method, true);
        // The agent does not look at it; Envoy refuses what it can't compile.
        read_expression(entry, "host", rule.host, false);
        const auto* const headers = reading_.list_in(entry, "headers");
        const auto* const matches = reading_.list_in(entry, "headerMatches");
        rule.headers = (headers && !headers->empty()) || (matches && !matches->empty());
        if (headers)
            for (const tree& each : *headers)
                reading_.string_of(each, "a header");
        if (matches)
            for (const tree& each : *matches)
                check_header(each);
        out_.http.push_back(std::move(rule));
    }

    void check_header(const tree& each) {
        if (!reading_.is_mapping(each, "an entry of headerMatches")) return;
        reading_.expect_members(each, {"name", "value", "mismatch", "secret"});
        if (reading_.string_in(each, "name").value_or("").empty()) reading_.refuse(each, "a header needs a name");
        const auto mismatch = reading_.string_in(each, "mismatch");
        if (mismatch && *mismatch != "LOG" && *mismatch != "ADD" && *mismatch != "DELETE" && *mismatch != "REPLACE")
            reading_.refuse(each, "mismatch is LOG, ADD, DELETE or REPLACE");
        const tree* const secret = reading_.mapping_in(each, "secret");
        if (secret && reading_.string_in(*secret, "name").value_or("").empty())
            reading_.refuse(*secret, "a secret needs a name");
    }

    void read_expression(const tree& entry, std::string_view name, whole_match& to, bool agent_compiles) {
        const auto text = reading_.string_in(entry, name);
        if (!text) return;
        try {
            to = whole_match(*text);
        } catch (const std::invalid_argument& error) {
            const std::string why = json_quote(*text) + " is no regular expression: " + error.what();
            agent_compiles ? reading_.refuse(entry, why) : reading_.doubt(entry, why);
        }
        if (to.is_too_large())
            reading_.remark(entry, json_quote(*text) +
                                       " is larger than Envoy takes by default, and a refused expression stops the "
                                       "policies of the whole node");
    }

    void read_dns(const tree& rules) {
        const auto* const list = reading_.list_in(rules, "dns");
        if (!list || list->empty()) return;
        out_.kind = request_kind::dns;
        for (const tree& each : *list)
            if (const auto pattern = read_name_pattern(each, reading_)) out_.dns.push_back(*pattern);
    }

    void read_others(const tree& rules) {
        const auto* const kafka = reading_.list_in(rules, "kafka");
        const auto* const l7 = reading_.list_in(rules, "l7");
        const auto parser = reading_.string_in(rules, "l7proto");
        if (l7 && !parser) reading_.refuse(rules, "l7 needs l7proto");
        out_.other_rules = (kafka && !kafka->empty()) || (l7 && !l7->empty());
        if (kafka && !kafka->empty()) reading_.doubt(rules, "cpg does not check Kafka rules");
        if (out_.other_rules || (parser && !parser->empty())) out_.kind = request_kind::other;
        if (parser) out_.parser = *parser;
    }

    reading& reading_;
    request_part out_;
};

}  // namespace

request_part read_requests(const tree& rules, reading& reading) {
    return request_reader(reading).read(rules);
}

}  // namespace cpg
