// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <yaml-cpp/yaml.h>

#include <algorithm>
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

class converter {
  public:
    explicit converter(yaml_places& places) : places_(places) {}

    tree convert(const YAML::Node& node, std::size_t depth = 0) {
        if (++nodes_ > most_nodes || depth > most_depth) throw yaml_error("nested too deeply, or too large");
        tree out;
        places_.add(out, place_of(node));
        switch (node.Type()) {
            case YAML::NodeType::Scalar: fill_scalar(out, node); break;
            case YAML::NodeType::Sequence: fill_sequence(out, node, depth); break;
            case YAML::NodeType::Map: fill_mapping(out, node, depth); break;
            default: break;
        }
        return out;
    }

  private:
    static yaml_place place_of(const YAML::Node& node) {
        yaml_place out;
        if (!node.IsNull()) {
            out.line = out.last_line = number(node.Mark().line);
            out.column = number(node.Mark().column);
        }
        out.flow_style = node.Style() == YAML::EmitterStyle::Flow;
        return out;
    }

    static void fill_scalar(tree& out, const YAML::Node& node) {
        out.what = tree::kind::scalar;
        out.scalar = node.Scalar();
        out.quoted = node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str";
    }

    void fill_sequence(tree& out, const YAML::Node& node, std::size_t depth) {
        out.what = tree::kind::sequence;
        for (const auto& item : node) {
            out.items.push_back(convert(item, depth + 1));
            reaches_to(out, places_.of(out.items.back()).last_line);
        }
    }

    void fill_mapping(tree& out, const YAML::Node& node, std::size_t depth) {
        out.what = tree::kind::mapping;
        std::set<std::string> keys;
        for (const auto& member : node) {
            if (!member.first.IsScalar()) throw yaml_error("a key that is not a string, " + place(member.first.Mark()));
            const std::string& key = member.first.Scalar();
            if (!keys.insert(key).second)
                throw yaml_error("the key " + json_quote(key) + " stands twice, " + place(member.first.Mark()));
            out.members.emplace_back(key, convert(member.second, depth + 1));
            yaml_place& added = places_.at(out.members.back().second);
            added.key_line = number(member.first.Mark().line);
            added.key_column = number(member.first.Mark().column);
            reaches_to(out, std::max(added.key_line, added.last_line));
        }
    }

    void reaches_to(const tree& value, std::uint32_t line) {
        std::uint32_t& last = places_.at(value).last_line;
        last = std::max(last, line);
    }

    yaml_places& places_;
    std::size_t nodes_ = 0;
};

}  // namespace

yaml_file read_yaml(std::string_view text) {
    try {
        check_yaml(text, {.nodes = 2 * most_nodes, .depth = most_depth});  // keys are nodes there
        yaml_file out;
        converter converter(out.places);
        for (const YAML::Node& document : YAML::LoadAll(std::string(text)))
            if (!document.IsNull()) out.documents.push_back(converter.convert(document));
        return out;
    } catch (const yaml_refused& error) {
        throw yaml_error(printable(error.what()) + ", line " + std::to_string(error.line) + ", column " +
                         std::to_string(error.column));
    } catch (const YAML::Exception& error) {
        throw yaml_error(printable(error.msg) + ", " + place(error.mark));
    }
}

std::vector<tree> parse_yaml(std::string_view text) {
    return read_yaml(text).documents;
}

}  // namespace cpg
