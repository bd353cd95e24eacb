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
    file_ = read_yaml(text_);
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
    const yaml_place& place = place_of(node);
    return std::min(start_of_line(place.line) + place.column, text_.size());
}

// Behind the last line of a block collection whose dashes or keys stand at `column`. Comments directly below it that
// are indented deeper belong to it; others may belong to what follows.
std::size_t yaml_editor::find_line_after_block(const tree& node, std::size_t column) const {
    std::size_t end = place_of(node).last_line + std::size_t{1};
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

std::size_t yaml_editor::line_after_block(const tree& node, std::size_t column) {
    const auto [found, is_new] = lines_after_.try_emplace(&node);
    if (is_new) found->second = find_line_after_block(node, column);
    return found->second;
}

std::size_t yaml_editor::end_of_flow(const tree& node) {
    const auto found = ends_of_flow_.find(&node);
    if (found != ends_of_flow_.end()) return found->second;
    return ends_of_flow_.emplace(&node, find_end_of_flow(node)).first->second;
}

// The offset of the bracket that closes a flow collection.
std::size_t yaml_editor::find_end_of_flow(const tree& node) const {
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

bool yaml_editor::is_printed(const tree& sequence, std::size_t index, const printed_item& item) const {
    const std::size_t own_line = place_of(sequence.items[index]).line;
    const yaml_place& list = place_of(sequence);
    if (list.flow_style || own_line == 0 || !same_value(sequence.items[index], item.value)) return false;
    const std::string text = emit_item(item.value, list.column, item.comment);
    return std::string_view(text_).substr(start_of_line(own_line - 1), text.size()) == text;
}

void yaml_editor::replace_printed(const tree& sequence, std::size_t index, const printed_item& old, printed_item item) {
    const std::size_t column = place_of(sequence).column;
    edits_.push_back({.offset = start_of_line(place_of(sequence.items[index]).line - std::size_t{1}),
                      .removed = emit_item(old.value, column, old.comment).size(),
                      .inserted = emit_item(item.value, column, item.comment),
                      .depth = 0});
    additions_[&sequence].replaced.insert_or_assign(index, std::move(item.value));
}

void yaml_editor::insert_item(const tree& sequence, std::size_t index, printed_item item) {
    const yaml_place& list = place_of(sequence);
    additions& added = additions_[&sequence];
    if (list.flow_style) {
        insert_flow(sequence, sequence.items.empty() && added.items.empty(), emit_flow(item.value));
        added.items.emplace(sequence.items.size(), std::move(item.value));
        return;
    }
    std::size_t before = 0;
    if (index < sequence.items.size()) {
        before = place_of(sequence.items[index]).line;
        while (before > 0 && is_comment(line(before - 1)) && indentation(line(before - 1)) == list.column)
            --before;
    } else {
        before = line_after_block(sequence, list.column);
    }
    insert_lines(before, emit_item(item.value, list.column, item.comment), depth_of_item(list.column));
    added.items.emplace(index, std::move(item.value));
}

void yaml_editor::add_member(const tree& mapping, std::string key, std::vector<printed_item> items) {
    additions& added = additions_[&mapping];
    if (place_of(mapping).flow_style) {
        insert_flow(mapping, mapping.members.empty() && added.members.empty(),
                    json_quote(key) + ": " + emit_flow(list_of(items)));
    } else {
        const std::size_t column = mapping.members.empty() ? 0 : place_of(mapping.members.front().second).key_column;
        insert_lines(line_after_block(mapping, column), emit_member(key, items, column), depth_of_member(column));
    }
    added.members.emplace_back(std::move(key), list_of(items));
}

void yaml_editor::fill_member(const tree& mapping, std::string_view key, std::vector<printed_item> items) {
    const tree& old = *mapping.find(key);
    const yaml_place& place = place_of(old);
    const bool in_flow = place_of(mapping).flow_style;
    tree value = list_of(items);
    if (old.is_sequence()) {
        const std::size_t end = end_of_flow(old) + 1;
        std::size_t begin = offset_of(old);
        while (!in_flow && begin > 0 && text_[begin - 1] == ' ')
            --begin;
        edits_.push_back(
            {.offset = begin, .removed = end - begin, .inserted = in_flow ? emit_flow(value) : "", .depth = 0});
    } else {
        replace_null(place.key_line, key, in_flow ? emit_flow(value) : "");
    }
    if (!in_flow) {
        const std::size_t column = place_of(mapping.members.front().second).key_column + level;
        insert_lines(place.key_line + std::size_t{1}, emit_items(items, column), depth_of_item(column));
    }
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
    const std::size_t own_line = place_of(item).line;
    if (own_line == 0) return;
    const std::string_view above = line(own_line - 1);
    if (trim(above) != "# " + std::string(old_comment)) return;
    edits_.push_back({.offset = start_of_line(own_line - 1) + indentation(above),
                      .removed = trim(above).size(),
                      .inserted = "# " + printable(new_comment),
                      .depth = 0});
}

const yaml_editor::additions& yaml_editor::additions_of(const tree& node) const {
    static const additions none;
    const auto found = additions_.find(&node);
    return found == additions_.end() ? none : found->second;
}

// The items in the order in which they will stand, until one is false: those of the file, and those that are new.
template <class OfFile, class OfNew>
bool yaml_editor::each_item(const tree& list, OfFile of_file, OfNew of_new) const {
    const additions& added = additions_of(list);
    auto next = added.items.begin();
    for (std::size_t index = 0; index <= list.items.size(); ++index) {
        for (; next != added.items.end() && next->first == index; ++next)
            if (!of_new(next->second)) return false;
        if (index == list.items.size()) break;
        const auto replaced = added.replaced.find(index);
        if (!(replaced == added.replaced.end() ? of_file(list.items[index]) : of_new(replaced->second))) return false;
    }
    return true;
}

// The same for members.
template <class OfFile, class OfNew>
bool yaml_editor::each_member(const tree& mapping, OfFile of_file, OfNew of_new) const {
    const additions& added = additions_of(mapping);
    for (const auto& [key, value] : mapping.members) {
        const auto filled = added.filled.find(key);
        if (!(filled == added.filled.end() ? of_file(key, value) : of_new(key, filled->second))) return false;
    }
    return std::ranges::all_of(added.members, [&](const auto& each) { return of_new(each.first, each.second); });
}

tree yaml_editor::edited(const tree& node) const {
    tree out;
    out.what = node.what;
    out.quoted = node.quoted;
    out.scalar = node.scalar;
    const auto add_item = [&](tree item) { return out.items.push_back(std::move(item)), true; };
    const auto add_member = [&](const std::string& key, tree value) {
        return out.members.emplace_back(key, std::move(value)), true;
    };
    each_item(
        node, [&](const tree& item) { return add_item(edited(item)); }, add_item);
    each_member(
        node, [&](const auto& key, const tree& value) { return add_member(key, edited(value)); }, add_member);
    return out;
}

// The old data with the additions: what the new text has to read as. Nothing is copied, for a file may be large and
// the additions to it few.
bool yaml_editor::reads_as(const tree& old, const tree& read) const {
    if (old.what != read.what) return false;
    if (old.is_scalar()) return same_scalar(old, read);
    auto item = read.items.begin();
    const auto next_item = [&]() { return item == read.items.end() ? nullptr : &*item++; };
    auto member = read.members.begin();
    const auto next_member = [&](const std::string& key) {
        return member == read.members.end() || member->first != key ? nullptr : &member++->second;
    };
    const auto is_old = [&](const tree& of_file, const tree* now) { return now && reads_as(of_file, *now); };
    const auto is_new = [&](const tree& added, const tree* now) { return now && same_value(added, *now); };
    return each_item(
               old, [&](const tree& each) { return is_old(each, next_item()); },
               [&](const tree& each) { return is_new(each, next_item()); }) &&
           each_member(
               old, [&](const auto& key, const tree& each) { return is_old(each, next_member(key)); },
               [&](const auto& key, const tree& each) { return is_new(each, next_member(key)); }) &&
           item == read.items.end() && member == read.members.end();
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
    const auto as_wanted = [&](const tree& old, const tree& read) { return reads_as(old, read); };
    if (!std::ranges::equal(file_.documents, parse_yaml(out), as_wanted))
        throw yaml_error("its layout can't be added to without changing what it says");
    return out;
}

}  // namespace cpg
