// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "base/yaml_guard.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

// What cpg prints takes over 11 bytes a node, so the largest file that it writes (16 MiB) stays below; aliases can
// multiply a small file into billions.
constexpr std::size_t most_nodes = limits::yaml_nodes;
constexpr std::size_t most_depth = limits::yaml_depth;

std::string place(const YAML::Mark& mark) {
    return "line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1);
}

std::uint32_t number(int of_mark) {
    return static_cast<std::uint32_t>(std::max(of_mark, 0));
}

// What the events say, as trees. What is wrong beyond YAML itself is told when the whole text is known to be YAML.
class tree_builder final : public YAML::EventHandler {
  public:
    explicit tree_builder(yaml_file& to) : to_(to) {}

    const std::optional<yaml_error>& problem() const { return problem_; }

    void OnDocumentStart(const YAML::Mark&) override { anchored_.clear(); }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        if (!is_key(mark)) add({}, {}, anchor);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        tree scalar;
        scalar.what = tree::kind::scalar;
        scalar.scalar = value;
        scalar.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
        if (awaits_key())
            note_key(std::move(scalar), place_at(mark), anchor);
        else
            add(std::move(scalar), place_at(mark), anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchored_.find(anchor);
        if (problem_ || found == anchored_.end()) return;
        const tree& meant = found->second;
        if (awaits_key() && meant.is_scalar())
            note_key(meant, to_.places.of(meant), YAML::NullAnchor);
        else if (!is_key(mark))
            attach(used_again(meant));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override {
        begin(tree::kind::sequence, mark, anchor, style);
    }
    void OnSequenceEnd() override { end(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        begin(tree::kind::mapping, mark, anchor, style);
    }
    void OnMapEnd() override { end(); }

  private:
    struct key {
        std::string text;
        yaml_place place;
    };
    struct collection {
        tree value;
        YAML::anchor_t anchor = YAML::NullAnchor;
        std::size_t nodes_before = 0;
        std::set<std::string> keys = {};
        std::optional<key> at_hand = {};  ///< whose value comes next
    };

    static yaml_place place_at(const YAML::Mark& mark) {
        return {.line = number(mark.line), .column = number(mark.column), .last_line = number(mark.line)};
    }

    void refuse(const std::string& why) {
        if (!problem_) problem_.emplace(why);
    }

    bool awaits_key() const { return !open_.empty() && open_.back().value.is_mapping() && !open_.back().at_hand; }

    // What is no text stands where a key is to stand.
    bool is_key(const YAML::Mark& mark) {
        if (awaits_key()) refuse("a key that is not a string, " + place(mark));
        return problem_.has_value();
    }

    void note_key(tree scalar, const yaml_place& at, YAML::anchor_t anchor) {
        if (problem_) return;
        collection& of = open_.back();
        if (!of.keys.insert(scalar.scalar).second)
            return refuse("the key " + json_quote(scalar.scalar) + " stands twice, line " +
                          std::to_string(at.line + 1) + ", column " + std::to_string(at.column + 1));
        of.at_hand = {scalar.scalar, at};
        if (anchor == YAML::NullAnchor) return;
        to_.places.add(scalar, at);
        anchored_[anchor] = std::move(scalar);
    }

    void count(tree& value, const yaml_place& at) {
        if (++nodes_ > most_nodes) refuse("nested too deeply, or too large");
        to_.places.add(value, at);
    }

    void add(tree value, const yaml_place& at, YAML::anchor_t anchor) {
        if (problem_) return;
        count(value, at);
        keep(value, anchor, 1);
        attach(std::move(value));
    }

    void begin(tree::kind what, const YAML::Mark& mark, YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
        if (is_key(mark)) return;
        collection& added = open_.emplace_back();
        added.value.what = what;
        added.anchor = anchor;
        added.nodes_before = nodes_;
        yaml_place at = place_at(mark);
        at.flow_style = style == YAML::EmitterStyle::Flow;
        count(added.value, at);
    }

    void end() {
        if (problem_) return;
        collection ended = std::move(open_.back());
        open_.pop_back();
        keep(ended.value, ended.anchor, nodes_ - ended.nodes_before);
        attach(std::move(ended.value));
    }

    // For the aliases that may come. Anchors inside of each other keep the same values once more each.
    void keep(const tree& value, YAML::anchor_t anchor, std::size_t nodes) {
        if (anchor == YAML::NullAnchor) return;
        kept_ += nodes;
        if (kept_ > most_nodes) return refuse("anchors of too many values");
        anchored_[anchor] = value;
    }

    void attach(tree value) {
        if (problem_) return;
        if (open_.empty()) {
            if (!value.is_null()) to_.documents.push_back(std::move(value));
            return;
        }
        collection& parent = open_.back();
        std::uint32_t last = to_.places.at(value).last_line;
        if (parent.at_hand) {
            yaml_place& at = to_.places.at(value);
            at.key_line = parent.at_hand->place.line;
            at.key_column = parent.at_hand->place.column;
            last = std::max(last, at.key_line);
            parent.value.members.emplace_back(std::move(parent.at_hand->text), std::move(value));
            parent.at_hand.reset();
        } else {
            parent.value.items.push_back(std::move(value));
        }
        std::uint32_t& reached = to_.places.at(parent.value).last_line;
        reached = std::max(reached, last);
    }

    // Each use of an alias is a value of its own, which stands where its anchor does.
    tree used_again(const tree& meant) {
        tree out = copied(meant);
        yaml_place& at = to_.places.at(out);
        at.key_line = at.key_column = 0;
        return out;
    }

    tree copied(const tree& from) {
        tree out;
        out.what = from.what;
        out.quoted = from.quoted;
        out.scalar = from.scalar;
        count(out, yaml_place(to_.places.of(from)));
        for (const tree& each : from.items)
            out.items.push_back(copied(each));
        for (const auto& [name, each] : from.members)
            out.members.emplace_back(name, copied(each));
        return out;
    }

    yaml_file& to_;
    std::vector<collection> open_;
    std::map<YAML::anchor_t, tree> anchored_;
    std::size_t nodes_ = 0;
    std::size_t kept_ = 0;  ///< nodes, over all anchors
    std::optional<yaml_error> problem_;
};

}  // namespace

// A return that ends the text is a line break, but yaml-cpp takes what is before it for a key with its colon.
yaml_file read_yaml(std::string_view text) {
    if (text.ends_with('\r')) return read_yaml(std::string(text) + '\n');
    try {
        yaml_file out;
        tree_builder builder(out);
        check_yaml(text, {.nodes = 2 * most_nodes, .depth = most_depth}, &builder);  // keys are nodes there
        if (builder.problem()) throw yaml_error(*builder.problem());
        return out;
    } catch (const yaml_refused& error) {
        throw yaml_error(printable(error.what()) + ", line " + std::to_string(error.line) + ", column " +
                         std::to_string(error.column));
    }
}

std::vector<tree> parse_yaml(std::string_view text) {
    return read_yaml(text).documents;
}

}  // namespace cpg
