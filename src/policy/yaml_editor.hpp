// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Adds to a YAML file without touching what is there: comments, order, quoting, unknown fields and other documents
// stay byte for byte. Insertions are placed by the lines on which values stand; the result is read again, and when it
// is not exactly the old data with the additions, nothing is changed. One thread at a time.

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "policy/tree.hpp"
#include "policy/yaml.hpp"

namespace cpg {

class yaml_editor {
  public:
    /// Throws yaml_error when `text` can't be read.
    explicit yaml_editor(std::string_view text);

    const std::vector<tree>& documents() const { return file_.documents; }

    // Each takes a node of documents().
    /// Before item `index`, or behind the last; in a flow list always behind the last, and then without the comment.
    void insert_item(const tree& sequence, std::size_t index, printed_item item);
    void add_member(const tree& mapping, std::string key, std::vector<printed_item> items);
    /// Gives a member that is empty (`key:` or `key: []`) a value.
    void fill_member(const tree& mapping, std::string_view key, std::vector<printed_item> items);
    /// Rewrites the comment line directly above an item, if it says exactly `old_comment`.
    void replace_comment(const tree& item, std::string_view old_comment, std::string_view new_comment);

    /// True when the lines of this item of a block list are exactly `item` as it is printed, its comment included.
    bool is_printed(const tree& sequence, std::size_t index, const printed_item& item) const;
    /// Puts another item in the place of one that is printed so.
    void replace_printed(const tree& sequence, std::size_t index, const printed_item& old, printed_item item);
    /// The node as it will read after the edits.
    tree edited(const tree& node) const;

    bool changed() const { return !edits_.empty(); }
    /// The new text. Throws yaml_error when it would not be exactly the old data with the additions.
    std::string apply() const;

  private:
    struct edit {
        std::size_t offset = 0;
        std::size_t removed = 0;
        std::string inserted;
        std::size_t depth = 0;  ///< of inserts at one offset the deepest comes first
    };
    struct additions {
        std::multimap<std::size_t, tree> items;  ///< by the index of the item that they stand before
        std::vector<tree::member> members;
        std::map<std::string, tree, std::less<>> filled;
        std::map<std::size_t, tree> replaced;
    };

    const yaml_place& place_of(const tree& node) const { return file_.places.of(node); }
    std::string_view line(std::size_t number) const;
    std::size_t start_of_line(std::size_t number) const;
    std::size_t offset_of(const tree& node) const;
    std::size_t line_after_block(const tree& node, std::size_t column);
    std::size_t find_line_after_block(const tree& node, std::size_t column) const;
    std::size_t end_of_flow(const tree& node);
    std::size_t find_end_of_flow(const tree& node) const;
    void insert_lines(std::size_t before_line, std::string text, std::size_t depth);
    void replace_null(std::size_t key_line, std::string_view key, std::string text);
    void insert_flow(const tree& node, bool empty, const std::string& text);
    std::size_t end_of_content(std::size_t bracket) const;

    const additions& additions_of(const tree& node) const;
    template <class OfFile, class OfNew>
    bool each_item(const tree& list, OfFile of_file, OfNew of_new) const;
    template <class OfFile, class OfNew>
    bool each_member(const tree& mapping, OfFile of_file, OfNew of_new) const;
    bool reads_as(const tree& old, const tree& read) const;

    std::string text_;
    bool crlf_ = false;
    std::vector<std::size_t> line_starts_;
    yaml_file file_;
    std::vector<edit> edits_;
    std::unordered_map<const tree*, additions> additions_;
    // Found once for each collection that is added to.
    std::unordered_map<const tree*, std::size_t> lines_after_;
    std::unordered_map<const tree*, std::size_t> ends_of_flow_;
};

}  // namespace cpg
