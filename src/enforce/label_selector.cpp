// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "enforce/label_selector.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace cpg {

namespace {

constexpr std::string_view namespace_labels = "io.cilium.k8s.namespace.labels.";
// Of which identities a flow shows every label (cilium:pkg/hubble/parser/common/labels.go).
constexpr bool is_shown_in_full(std::string_view source) {
    return source != "cidr" && source != "cidrgroup" && source != "fqdn" && source != "node";
}

bool is_alphanumeric(char c) {
    return is_letter(c) || is_digit(c);
}

// Names of labels and their values (k8s:apimachinery/pkg/util/validation).
bool is_name(std::string_view text) {
    constexpr std::size_t longest = 63;
    return !text.empty() && text.size() <= longest && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
           std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_value(std::string_view text) {
    return text.empty() || is_name(text);
}

bool is_qualified_name(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return is_name(text);
    return is_dns_subdomain(text.substr(0, slash)) && is_name(text.substr(slash + 1));
}

std::string_view text_of(label_requirement::test test) {
    switch (test) {
        case label_requirement::test::in: return "In";
        case label_requirement::test::not_in: return "NotIn";
        case label_requirement::test::exists: return "Exists";
        case label_requirement::test::absent: return "DoesNotExist";
    }
    return {};
}

std::string key_text(const selector_key& key) {
    return key.source == "any" || key.source == "k8s" ? key.key : key.source + ":" + key.key;
}

bool holds(const label_requirement& requirement, const identity& who) {
    const std::string_view* const value = who.find(requirement.key.source, requirement.key.key);
    const auto is_listed = [&] {
        return std::ranges::any_of(requirement.values, [&](const std::string& each) {
            return (each == own_cluster ? who.home() : std::string_view(each)) == *value;
        });
    };
    switch (requirement.how) {
        case label_requirement::test::in: return value && is_listed();
        case label_requirement::test::not_in: return !value || !is_listed();
        case label_requirement::test::exists: return value;
        case label_requirement::test::absent: return !value;
    }
    return false;
}

// Namespace and cluster are known also where the labels are cut.
bool is_place(const selector_key& key) {
    return key.key == namespace_label || key.key == cluster_label;
}

finding test(const label_requirement& requirement, const identity& who) {
    const selector_key& key = requirement.key;
    if (!is_shown_in_full(key.source)) return open(open_question::label_source);
    const bool is_told = who.has_labels() || (who.is_pod() && (is_place(key) || key.source == "reserved"));
    if (!is_told) return open(open_question::labels);
    if (key.key.starts_with(namespace_labels) && who.is_pod() && !who.has_namespace_labels())
        return open(open_question::namespace_labels);
    if (who.may_have_more_labels() && !who.find(key.source, key.key)) return open(open_question::labels);
    return found(holds(requirement, who));
}

// As the agent stores a key: source and key with a dot between. What it reads from there is split at the first one.
std::string extended(std::string_view text) {
    std::string_view source = "any";
    if (text.starts_with('$')) {
        source = "reserved";
        text.remove_prefix(1);
    } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        if (colon > 0) source = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    } else if (text.starts_with("reserved.")) {
        source = "reserved";
        text.remove_prefix(source.size() + 1);
    }
    return std::string(source) + "." + std::string(text.substr(0, text.find('=')));
}

selector_key split_extended(std::string_view text) {
    const std::size_t dot = text.find('.');
    return {std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
}

class selector_reader {
  public:
    selector_reader(selector_dialect dialect, std::string_view prefix, reading& reading)
        : dialect_(dialect), prefix_(prefix), reading_(reading) {}

    label_selector read(const tree& selector) {
        reading_.expect_members(selector, {"matchLabels", "matchExpressions"});
        if (const tree* const labels = reading_.mapping_in(selector, "matchLabels")) read_labels(*labels);
        if (const auto* const list = reading_.list_in(selector, "matchExpressions"))
            for (const tree& each : *list)
                if (reading_.is_mapping(each, "an entry of matchExpressions")) read_expression(each);
        return std::move(out_);
    }

  private:
    void read_labels(const tree& labels) {
        std::map<selector_key, std::string> seen;
        for (const auto& [name, value] : labels.members) {
            const auto text = reading_.string_of(value, "the value of the label " + name);
            if (!text) continue;
            if (!is_value(*text)) reading_.refuse(value, json_quote(*text) + " is no value that a label can have");
            const selector_key key = key_of(name, value);
            const auto [at, is_new] = seen.try_emplace(key, *text);
            out_.set_label(key, *text);
            if (is_new || at->second == *text) continue;
            // Which of them the agent keeps is chance.
            reading_.doubt(value, "the label " + key.key + " is asked for twice, with two values");
            out_.allow_either(key, at->second);
        }
    }

    void read_expression(const tree& each) {
        reading_.expect_members(each, {"key", "operator", "values"});
        label_requirement requirement;
        const auto name = reading_.string_in(each, "key");
        if (!name) return required(each, "key");
        requirement.key = key_of(*name, each);
        const auto how = reading_.string_in(each, "operator");
        if (!how) return required(each, "operator");
        if (!read_operator(*how, each, requirement)) return;
        if (const auto* const values = reading_.list_in(each, "values"))
            for (const tree& value : *values)
                read_value(value, requirement);
        check_values(each, requirement);
        out_.add(std::move(requirement));
    }

    void read_value(const tree& value, label_requirement& to) {
        const auto text = reading_.string_of(value, "an entry of values");
        if (!text) return;
        if (!is_value(*text)) reading_.refuse(value, json_quote(*text) + " is no value that a label can have");
        to.values.push_back(*text);
    }

    bool read_operator(std::string_view text, const tree& at, label_requirement& to) {
        using enum label_requirement::test;
        for (const auto test : {in, not_in, exists, absent})
            if (text == text_of(test)) {
                to.how = test;
                return true;
            }
        reading_.refuse(at, "the operator is In, NotIn, Exists or DoesNotExist, not " + json_quote(text));
        return false;
    }

    void check_values(const tree& at, const label_requirement& requirement) {
        using enum label_requirement::test;
        const bool wants = requirement.how == in || requirement.how == not_in;
        const std::string how(text_of(requirement.how));
        if (wants && requirement.values.empty()) reading_.refuse(at, how + " needs values");
        if (!wants && !requirement.values.empty()) reading_.refuse(at, how + " takes no values");
    }

    void required(const tree& at, std::string_view name) {
        if (!at.find(name)) reading_.refuse(at, "an entry of matchExpressions needs " + std::string(name));
    }

    // The length is checked with the source in front.
    selector_key key_of(std::string_view name, const tree& at) {
        const std::string text =
            dialect_ == selector_dialect::cilium ? extended(name) : "k8s." + prefix_ + std::string(name);
        const bool checked_bare = dialect_ == selector_dialect::kubernetes;
        if (!is_qualified_name(checked_bare ? name : std::string_view(text)))
            reading_.refuse(at, json_quote(name) + " is no key that a label can have");
        return split_extended(text);
    }

    selector_dialect dialect_;
    std::string prefix_;
    reading& reading_;
    label_selector out_;
};

}  // namespace

selector_key read_selector_key(std::string_view text) {
    return split_extended(extended(text));
}

void label_selector::set_label(selector_key key, std::string value) {
    using enum label_requirement::test;
    std::erase_if(all_, [&](const label_requirement& each) { return each.is_label && each.key == key; });
    all_.push_back({.key = std::move(key), .how = in, .values = {std::move(value)}, .is_label = true});
}

void label_selector::add(label_requirement requirement) {
    all_.push_back(std::move(requirement));
}

void label_selector::allow_either(const selector_key& key, std::string value) {
    for (label_requirement& each : all_)
        if (each.is_label && each.key == key) each.values.push_back(std::move(value));
}

bool label_selector::has_key(const selector_key& key) const {
    return std::ranges::find(all_, key, &label_requirement::key) != all_.end();
}

bool label_selector::has_source(std::string_view source) const {
    return std::ranges::any_of(all_, [&](const label_requirement& each) { return each.key.source == source; });
}

bool label_selector::has_key_that_begins(std::string_view prefix) const {
    return std::ranges::any_of(all_, [&](const label_requirement& each) {
        return (each.key.source == "k8s" || each.key.source == "any") && each.key.key.starts_with(prefix);
    });
}

finding label_selector::matches(const identity& who) const {
    finding out = found(true);
    for (const label_requirement& each : all_)
        out = all_of(out, test(each, who));
    return out;
}

std::vector<const label_requirement*> label_selector::failing(const identity& who) const {
    std::vector<const label_requirement*> out;
    for (const label_requirement& each : all_)
        if (test(each, who).is == known::no) out.push_back(&each);
    return out;
}

std::string label_selector::text() const {
    std::vector<std::string> parts;
    for (const label_requirement& each : all_) {
        std::vector<std::string> values = each.values;
        std::ranges::sort(values);
        parts.push_back(each.key.source + "." + each.key.key + " " + std::string(text_of(each.how)) + " " +
                        join(values, ","));
    }
    std::ranges::sort(parts);
    return join(parts, ";");
}

std::string describe(const label_requirement& requirement) {
    using enum label_requirement::test;
    if (requirement.key.source == "reserved" && requirement.how != absent) return "the entity " + requirement.key.key;
    const std::string key = key_text(requirement.key);
    switch (requirement.how) {
        case in:
            return requirement.values.size() == 1 ? key + "=" + requirement.values[0]
                                                  : key + " in (" + join(requirement.values, ", ") + ")";
        case not_in: return key + " not in (" + join(requirement.values, ", ") + ")";
        case exists: return "the label " + key;
        case absent: return "no label " + key;
    }
    return {};
}

label_selector read_label_selector(const tree& selector, selector_dialect dialect, reading& reading,
                                   std::string_view prefix) {
    return selector_reader(dialect, prefix, reading).read(selector);
}

}  // namespace cpg
