// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/yaml_guard.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <vector>

namespace cpg {

namespace {

[[noreturn]] void refuse(const std::string& text, const YAML::Mark& mark) {
    throw yaml_refused(text, static_cast<std::size_t>(std::max(mark.line, 0)) + 1,
                       static_cast<std::size_t>(std::max(mark.column, 0)) + 1);
}

// Ends the parse: the reader will not look further either.
struct first_document_ended {};

struct subtree {
    std::size_t nodes = 1;
    std::size_t height = 0;  ///< levels below its root
};

class counter final : public YAML::EventHandler {
  public:
    counter(const yaml_limits& limits, YAML::EventHandler* beside) : limits_(limits), beside_(beside) {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        // A document is taken to be empty where no value begins, and what stands there stays unread.
        if (document_at_ == mark.pos) refuse("a character that begins no value", mark);
        if (document_at_ && limits_.first_document) throw first_document_ended();
        document_at_ = mark.pos;
        anchored_.clear();
        open_.clear();
        if (beside_) beside_->OnDocumentStart(mark);
    }
    void OnDocumentEnd() override {
        if (beside_) beside_->OnDocumentEnd();
    }

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        add_leaf(mark, anchor);
        if (beside_) beside_->OnNull(mark, anchor);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        add_leaf(mark, anchor);
        // "?" is a plain text without a tag. A quote that is open may be a key, which then has no value.
        last_may_be_quoted_ = tag != "?";
        if (beside_) beside_->OnScalar(mark, tag, anchor, value);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchored_.find(anchor);
        if (found == anchored_.end()) refuse("an alias inside of what it stands for", mark);
        add(mark, found->second);
        if (beside_) beside_->OnAlias(mark, anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override {
        begin(mark, anchor);
        if (beside_) beside_->OnSequenceStart(mark, tag, anchor, style);
    }
    void OnSequenceEnd() override {
        end();
        if (beside_) beside_->OnSequenceEnd();
    }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        begin(mark, anchor);
        if (beside_) beside_->OnMapStart(mark, tag, anchor, style);
    }
    void OnMapEnd() override {
        end();
        if (beside_) beside_->OnMapEnd();
    }

    bool last_may_be_quoted() const { return last_may_be_quoted_; }

  private:
    struct collection {
        YAML::anchor_t anchor;
        std::size_t nodes_before;
        std::size_t height = 0;
    };

    void add(const YAML::Mark& mark, const subtree& part) {
        // No part has more nodes than the limit, so the sum can't overflow.
        nodes_ += part.nodes;
        if (nodes_ > limits_.nodes) refuse("more than " + std::to_string(limits_.nodes) + " nodes", mark);
        if (open_.size() + part.height > limits_.depth) refuse("nested too deeply", mark);
        if (!open_.empty()) open_.back().height = std::max(open_.back().height, part.height + 1);
    }

    void add_leaf(const YAML::Mark& mark, YAML::anchor_t anchor) {
        add(mark, {});
        if (anchor != YAML::NullAnchor) anchored_[anchor] = {};
    }

    void begin(const YAML::Mark& mark, YAML::anchor_t anchor) {
        const std::size_t before = nodes_;
        add(mark, {});
        open_.push_back({.anchor = anchor, .nodes_before = before});
    }

    // An anchor is known from its end on: an alias before that leads round in a circle.
    void end() {
        const collection ended = open_.back();
        open_.pop_back();
        if (!open_.empty()) open_.back().height = std::max(open_.back().height, ended.height + 1);
        if (ended.anchor != YAML::NullAnchor)
            anchored_[ended.anchor] = {.nodes = nodes_ - ended.nodes_before, .height = ended.height};
    }

    const yaml_limits& limits_;
    YAML::EventHandler* const beside_;
    std::optional<int> document_at_;
    std::size_t nodes_ = 0;
    bool last_may_be_quoted_ = false;
    std::map<YAML::anchor_t, subtree> anchored_;
    std::vector<collection> open_;
};

// True when the last text may be one in quotes.
bool check_events(std::string_view text, const yaml_limits& limits, YAML::EventHandler* beside) {
    std::istringstream stream{std::string(text)};
    counter counted(limits, beside);
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(counted)) {
        }
    } catch (const first_document_ended&) {
        return false;
    } catch (const YAML::Exception& error) {
        refuse(error.msg, error.mark);
    }
    return counted.last_may_be_quoted();
}

}  // namespace

void check_yaml(std::string_view text, const yaml_limits& limits, YAML::EventHandler* beside) {
    if (text.size() > limits.bytes) refuse("more than " + std::to_string(limits.bytes) + " bytes", {});
    // A quote that nothing closes is closed for yaml-cpp where the text ends in a line break, and only there.
    if (check_events(text, limits, beside))
        check_events(text.substr(0, text.find_last_not_of(" \t\r\n") + 1), limits, nullptr);
}

}  // namespace cpg
