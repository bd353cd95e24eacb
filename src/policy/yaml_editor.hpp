// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Adds to a YAML file without touching what is there: comments, order, quoting, unknown fields and other documents
// stay byte for byte. Insertions are placed by the lines on which values stand; the result is read again, and when it
// is not exactly the old data with the additions, nothing is changed. One thread at a time.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policy/tree.hpp"

namespace cpg {

class yaml_editor {
  public:
    /// Throws yaml_error when `text` can't be read.
    explicit yaml_editor(std::string_view text);

    const std::vector<tree>& documents() const { return documents_; }

    // Each takes a node of documents().
    /// Before item `index`, or behind the last; in a flow list always behind the last.
    void insert_item(const tree& sequence, std::size_t index, tree item);
    void add_member(const tree& mapping, tree::member added);
    /// Gives a member that is empty (`key:` or `key: []`) a value.
    void fill_member(const tree& mapping, std::string_view key, tree value);
    /// Rewrites the comment line directly above an item, if it says exactly `old_comment`.
    void replace_comment(const tree& item, std::string_view old_comment, std::string_view new_comment);

    /// True when the lines of this item of a block list are exactly `item` as it is printed, its comment included.
    bool is_printed(const tree& sequence, std::size_t index, const tree& item) const;
    /// Puts another item in the place of one that is printed so.
    void replace_printed(const tree& sequence, std::size_t index, const tree& old, tree item);
    /// The node as it will read after the edits.
    tree edited(const tree& node) const { return expected(node); }

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
        std::vector<std::pair<std::size_t, tree>> items;
        std::vector<tree::member> members;
        std::map<std::string, tree, std::less<>> filled;
        std::map<std::size_t, tree> replaced;
    };

    std::string_view line(std::size_t number) const;
    std::size_t start_of_line(std::size_t number) const;
    std::size_t offset_of(const tree& node) const;
    std::size_t line_after_block(const tree& node, std::size_t column) const;
    std::size_t end_of_flow(const tree& node) const;
    void insert_lines(std::size_t before_line, std::string text, std::size_t depth);
    void replace_null(std::size_t key_line, std::string_view key, std::string text);
    void insert_flow(const tree& node, bool empty, const std::string& text);
    std::size_t end_of_content(std::size_t bracket) const;
    tree expected(const tree& node) const;

    std::string text_;
    bool crlf_ = false;
    std::vector<std::size_t> line_starts_;
    std::vector<tree> documents_;
    std::vector<edit> edits_;
    std::map<const tree*, additions> additions_;
};

}  // namespace cpg
