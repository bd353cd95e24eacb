// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "policy/yaml_editor.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "policy/yaml.hpp"

namespace cpg {

namespace {

constexpr std::size_t level = 2;

std::size_t indentation(std::string_view line) {
    return std::min(line.find_first_not_of(' '), line.size());
}

bool is_comment(std::string_view line) {
    return trim(line).starts_with('#');
}

bool is_document_marker(std::string_view line) {
    return (line.starts_with("---") || line.starts_with("...")) &&
           (line.size() == 3 || line[3] == ' ' || line[3] == '\r');
}

// The last line on which a value inside `node` starts.
std::size_t last_line(const tree& node) {
    std::size_t last = node.line;
    for (const tree& item : node.items)
        last = std::max(last, last_line(item));
    for (const std::size_t key_line : node.key_lines)
        last = std::max(last, key_line);
    for (const auto& [key, value] : node.members)
        last = std::max(last, last_line(value));
    return last;
}

std::size_t skip_quoted(std::string_view text, std::size_t at) {
    const char quote = text[at];
    for (++at; at < text.size(); ++at) {
        if (text[at] == '\\' && quote == '"')
            ++at;
        else if (text[at] == quote)
            return at;
    }
    return at;
}

// Where a block that is added at `column` stands among blocks that are added at the same place: lists may have their
// dashes at the column of the key above them, and then end before that key's mapping does.
std::size_t depth_of_item(std::size_t column) {
    return 2 * column + 2;
}

std::size_t depth_of_member(std::size_t column) {
    return 2 * column + 1;
}

// The length of a plain null at the beginning of the text.
std::size_t null_length(std::string_view text) {
    for (const std::string_view word : {"null", "Null", "NULL", "~"})
        if (text.starts_with(word)) return word.size();
    return 0;
}

std::string with_crlf(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return out;
}

}  // namespace

yaml_editor::yaml_editor(std::string_view text) : text_(text) {
    crlf_ = text_.find("\r\n") != std::string::npos;
    line_starts_.push_back(0);
    for (std::size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1))
        line_starts_.push_back(at + 1);
    documents_ = parse_yaml(text_);
}

std::size_t yaml_editor::start_of_line(std::size_t number) const {
    return number < line_starts_.size() ? line_starts_[number] : text_.size();
}

std::string_view yaml_editor::line(std::size_t number) const {
    const std::size_t start = start_of_line(number);
    std::string_view out = std::string_view(text_).substr(start, start_of_line(number + 1) - start);
    while (out.ends_with('\n') || out.ends_with('\r'))
        out.remove_suffix(1);
    return out;
}

std::size_t yaml_editor::offset_of(const tree& node) const {
    return std::min(start_of_line(node.line) + node.column, text_.size());
}

// Behind the last line of a block collection whose dashes or keys stand at `column`. Comments directly below it that
// are indented deeper belong to it; others may belong to what follows.
std::size_t yaml_editor::line_after_block(const tree& node, std::size_t column) const {
    std::size_t end = last_line(node) + 1;
    for (std::size_t number = end; number < line_starts_.size(); ++number) {
        const std::string_view text = line(number);
        if (trim(text).empty()) continue;
        if (is_document_marker(text)) break;
        const std::size_t indent = indentation(text);
        if (is_comment(text) && (indent <= column || number != end)) continue;
        const bool next_item = node.is_sequence() && indent == column && text[indent] == '-';
        if (indent <= column && !next_item) break;
        end = number + 1;
    }
    return end;
}

// The offset of the bracket that closes a flow collection.
std::size_t yaml_editor::end_of_flow(const tree& node) const {
    std::size_t depth = 0;
    // A quote opens a scalar only where one may begin: `it's` is plain.
    bool may_begin = true;
    for (std::size_t at = offset_of(node); at < text_.size(); ++at) {
        const char c = text_[at];
        if (may_begin && (c == '"' || c == '\'')) at = skip_quoted(text_, at);
        if (c != ' ' && c != '\n' && c != '\r') may_begin = c == '[' || c == '{' || c == ',' || c == ':';
        if (c == '#' && at > 0 && (text_[at - 1] == ' ' || text_[at - 1] == '\n'))
            at = std::min(text_.find('\n', at), text_.size());
        if (c == '[' || c == '{') ++depth;
        if ((c == ']' || c == '}') && --depth == 0) return at;
    }
    throw yaml_error("a bracket that is not closed");
}

void yaml_editor::insert_lines(std::size_t before_line, std::string text, std::size_t depth) {
    edits_.push_back({.offset = start_of_line(before_line),
                      .removed = 0,
                      .inserted = crlf_ ? with_crlf(text) : std::move(text),
                      .depth = depth});
}

// Behind the last entry before a closing bracket, and behind the comma that may follow it.
std::size_t yaml_editor::end_of_content(std::size_t bracket) const {
    const std::size_t last = text_.find_last_not_of(" \r\n", bracket - 1);
    return last == std::string::npos ? bracket : last + 1;
}

void yaml_editor::insert_flow(const tree& node, bool empty, const std::string& text) {
    const std::size_t bracket = end_of_flow(node);
    const bool has_comma = text_[end_of_content(bracket) - 1] == ',' && additions_[&node].items.empty();
    edits_.push_back({.offset = bracket,
                      .removed = 0,
                      .inserted = (empty       ? ""
                                   : has_comma ? " "
                                               : ", ") +
                                  text,
                      .depth = 0});
}

bool yaml_editor::is_printed(const tree& sequence, std::size_t index, const tree& item) const {
    const std::size_t own_line = sequence.items[index].line;
    if (sequence.flow_style || own_line == 0 || !same_value(sequence.items[index], item)) return false;
    const std::string text = emit_item(item, sequence.column);
    return std::string_view(text_).substr(start_of_line(own_line - 1), text.size()) == text;
}

void yaml_editor::replace_printed(const tree& sequence, std::size_t index, const tree& old, tree item) {
    edits_.push_back({.offset = start_of_line(sequence.items[index].line - 1),
                      .removed = emit_item(old, sequence.column).size(),
                      .inserted = emit_item(item, sequence.column),
                      .depth = 0});
    additions_[&sequence].replaced.insert_or_assign(index, std::move(item));
}

void yaml_editor::insert_item(const tree& sequence, std::size_t index, tree item) {
    if (sequence.flow_style) {
        insert_flow(sequence, sequence.items.empty() && additions_[&sequence].items.empty(), emit_flow(item));
        additions_[&sequence].items.emplace_back(sequence.items.size(), std::move(item));
        return;
    }
    std::size_t before = 0;
    if (index < sequence.items.size()) {
        before = sequence.items[index].line;
        while (before > 0 && is_comment(line(before - 1)) && indentation(line(before - 1)) == sequence.column)
            --before;
    } else {
        before = line_after_block(sequence, sequence.column);
    }
    insert_lines(before, emit_item(item, sequence.column), depth_of_item(sequence.column));
    additions_[&sequence].items.emplace_back(index, std::move(item));
}

void yaml_editor::add_member(const tree& mapping, tree::member added) {
    if (mapping.flow_style)
        insert_flow(mapping, mapping.members.empty() && additions_[&mapping].members.empty(),
                    json_quote(added.first) + ": " + emit_flow(added.second));
    else
        insert_lines(line_after_block(mapping, mapping.key_column), emit_member(added, mapping.key_column),
                     depth_of_member(mapping.key_column));
    additions_[&mapping].members.push_back(std::move(added));
}

void yaml_editor::fill_member(const tree& mapping, std::string_view key, tree value) {
    const auto found = std::ranges::find(mapping.members, key, &tree::member::first);
    const std::size_t key_line = mapping.key_lines[static_cast<std::size_t>(found - mapping.members.begin())];
    const tree& old = found->second;
    if (old.is_sequence()) {
        const std::size_t end = end_of_flow(old) + 1;
        std::size_t begin = offset_of(old);
        while (!mapping.flow_style && begin > 0 && text_[begin - 1] == ' ')
            --begin;
        edits_.push_back({.offset = begin,
                          .removed = end - begin,
                          .inserted = mapping.flow_style ? emit_flow(value) : "",
                          .depth = 0});
    } else {
        replace_null(key_line, key, mapping.flow_style ? emit_flow(value) : "");
    }
    if (!mapping.flow_style)
        insert_lines(key_line + 1, emit_block(value, mapping.key_column + level),
                     depth_of_item(mapping.key_column + level));
    additions_[&mapping].filled.insert_or_assign(std::string(key), std::move(value));
}

// A null has no place of its own in a tree: it is looked for behind its key, and apply() finds out if that was wrong.
void yaml_editor::replace_null(std::size_t key_line, std::string_view key, std::string text) {
    const std::string_view on = line(key_line);
    const std::size_t colon = on.find(':', std::min(on.find(key), on.size() - 1) + key.size());
    if (colon == std::string_view::npos) throw yaml_error("a null that can't be found");
    const std::size_t value = std::min(on.find_first_not_of(' ', colon + 1), on.size());
    const std::size_t word = null_length(on.substr(value));
    if (!text.empty()) text.insert(0, " ");
    edits_.push_back({.offset = start_of_line(key_line) + colon + 1,
                      .removed = word == 0 ? 0 : value + word - colon - 1,
                      .inserted = std::move(text),
                      .depth = 0});
}

void yaml_editor::replace_comment(const tree& item, std::string_view old_comment, std::string_view new_comment) {
    if (item.line == 0) return;
    const std::string_view above = line(item.line - 1);
    if (trim(above) != "# " + std::string(old_comment)) return;
    edits_.push_back({.offset = start_of_line(item.line - 1) + indentation(above),
                      .removed = trim(above).size(),
                      .inserted = "# " + printable(new_comment),
                      .depth = 0});
}

// The old data with the additions, as trees: what the new text has to read as.
tree yaml_editor::expected(const tree& node) const {
    static const additions none;
    const auto found = additions_.find(&node);
    const additions& added = found == additions_.end() ? none : found->second;
    tree out = node;
    out.items.clear();
    out.members.clear();
    for (std::size_t index = 0; index <= node.items.size(); ++index) {
        for (const auto& [before, item] : added.items)
            if (before == index) out.items.push_back(item);
        if (index >= node.items.size()) continue;
        const auto replaced = added.replaced.find(index);
        out.items.push_back(replaced == added.replaced.end() ? expected(node.items[index]) : replaced->second);
    }
    for (const auto& [key, value] : node.members) {
        const auto filled = added.filled.find(key);
        out.members.emplace_back(key, filled == added.filled.end() ? expected(value) : filled->second);
    }
    out.members.insert(out.members.end(), added.members.begin(), added.members.end());
    return out;
}

std::string yaml_editor::apply() const {
    std::vector<edit> edits = edits_;
    std::ranges::stable_sort(edits, [](const edit& a, const edit& b) {
        return a.offset != b.offset ? a.offset < b.offset : a.depth > b.depth;
    });
    std::string out;
    std::size_t at = 0;
    for (const edit& change : edits) {
        if (change.offset < at) throw yaml_error("its layout can't be added to in two places at once");
        out += std::string_view(text_).substr(at, change.offset - at);
        // Lines that are added behind a last line without a line break.
        if (change.depth > 0 && !out.empty() && !out.ends_with('\n')) out += crlf_ ? "\r\n" : "\n";
        out += change.inserted;
        at = change.offset + change.removed;
    }
    out += std::string_view(text_).substr(at);
    std::vector<tree> wanted;
    for (const tree& document : documents_)
        wanted.push_back(expected(document));
    if (!std::ranges::equal(parse_yaml(out), wanted, same_value))
        throw yaml_error("its layout can't be added to without changing what it says");
    return out;
}

}  // namespace cpg
