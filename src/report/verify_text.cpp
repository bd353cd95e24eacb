// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/verify_text.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cpg {

namespace {

std::string count_of(std::uint64_t number, std::string_view what) {
    return std::to_string(number) + " " + std::string(what) + (number == 1 ? "" : "s");
}

std::string_view label_of(effect effect) {
    switch (effect) {
        case effect::breaks: return "BREAKS";
        case effect::left_denied: return "DENIED";
        case effect::unknown: return "unknown";
        case effect::mended: return "mended";
        case effect::allowed: return "allowed";
    }
    return {};
}

std::string_view colour_of(effect effect) {
    switch (effect) {
        case effect::breaks:
        case effect::left_denied: return "\x1b[31m";
        case effect::unknown: return "\x1b[33m";
        default: return "\x1b[32m";
    }
}

class text_report {
  public:
    text_report(const verify_report& report, const verify_style& style) : report_(report), style_(style) {}

    std::string write() {
        for (const judged_policy& each : report_.policies->all())
            add_refused(each);
        const auto& all = report_.verification.all;
        for (auto at = all.begin(); at != all.end();) {
            const auto* const subject = at->seen.connection.subject.get();
            const auto end = std::find_if(
                at, all.end(), [&](const verified& each) { return each.seen.connection.subject.get() != subject; });
            add_subject({at, end});
            at = end;
        }
        if (report_.findings) add_findings(*report_.findings);
        if (report_.difference) {
            add_changes("opens", report_.difference->opened);
            add_changes("closes", report_.difference->closed);
            if (!report_.difference->complete)
                out_ +=
                    "The rules are about more peers and ports than were asked for; compare smaller sets for the "
                    "rest\n\n";
        }
        add_totals();
        return std::move(out_);
    }

  private:
    void add_refused(const judged_policy& policy) {
        for (const policy_fault& each : policy.refusals)
            out_ += paint(effect::breaks, "REFUSED") + "  " + printable(policy.file) + ":" + std::to_string(each.line) +
                    "  " + std::string(to_string(policy.kind)) + " " + printable(policy.name) + ": " +
                    printable(each.text) + "\n";
        if (policy.is_refused()) out_ += "\n";
    }

    bool is_shown(const verified& one) const {
        return style_.all || one.effect == effect::breaks || one.effect == effect::left_denied ||
               one.effect == effect::unknown;
    }

    void add_subject(std::span<const verified> all) {
        if (std::ranges::none_of(all, [&](const verified& each) { return is_shown(each); })) return;
        out_ += printable(name_of_end(*all.front().seen.connection.subject)) + "\n";
        std::size_t of_effect = 0;
        std::size_t hidden = 0;
        effect last = effect::allowed;
        for (const verified& each : all) {
            if (!is_shown(each)) continue;
            of_effect = each.effect == last ? of_effect + 1 : 1;
            last = each.effect;
            if (of_effect > style_.most_of_subject)
                ++hidden;
            else
                add_connection(each);
        }
        if (hidden > 0) out_ += "  (+" + std::to_string(hidden) + " more: --output json has them all)\n";
        out_ += "\n";
    }

    void add_connection(const verified& one) {
        const connection& what = one.seen.connection;
        const std::string way = what.direction == direction::ingress ? "from " : "to ";
        std::string label(label_of(one.effect));
        out_ += "  " + paint(one.effect, label) + std::string(9 - std::min<std::size_t>(label.size(), 8), ' ') + way +
                printable(name_of_end(*what.peer, what.address)) + "  " + printable(name_of_port(what)) + "  " +
                count_of(one.seen.flows(), "flow") + "\n";
        if (!one.why.text.empty()) out_ += "           " + printable(one.why.text) + place_of(one.why) + "\n";
        if (one.effect == effect::mended || one.effect == effect::allowed) add_rule(one.decision);
    }

    void add_rule(const decision& decision) {
        if (decision.rule)
            out_ += "           by " + printable(decision.policy->name) + ": " + printable(describe(*decision.rule)) +
                    " (" + printable(cpg::place_of(*decision.policy, *decision.rule)) + ")\n";
        else
            out_ += "           no policy denies it\n";
    }

    static std::string place_of(const near_miss& miss) {
        return miss.policy ? " (" + printable(miss.policy->file) + ":" + std::to_string(miss.line) + ")" : "";
    }

    void add_findings(const std::vector<lint_finding>& findings) {
        for (const lint_finding& each : findings) {
            const std::string kind(to_string(each.kind));
            out_ += kind + std::string(11 - std::min<std::size_t>(kind.size(), 10), ' ') +
                    printable(each.policy->file) + ":" + std::to_string(each.line) + "  " +
                    printable(each.policy->name) + ": " + printable(each.text) + "\n";
        }
        out_ += findings.empty() ? "lint: nothing to say\n\n" : "\n";
    }

    void add_changes(std::string_view what, const std::vector<changed_connection>& changes) {
        constexpr std::size_t most_shown = 50;
        if (changes.empty()) out_ += "Against the base nothing newly " + std::string(what) + "\n\n";
        if (changes.empty()) return;
        out_ += "Against the base newly " + std::string(what) + ":\n";
        for (std::size_t i = 0; i < std::min(changes.size(), most_shown); ++i)
            out_ += "  " + printable(sentence_of(changes[i].connection)) + "  " +
                    (changes[i].flows == 0 ? "not seen" : count_of(changes[i].flows, "flow")) + "\n";
        if (changes.size() > most_shown) out_ += "  (+" + std::to_string(changes.size() - most_shown) + " more)\n";
        out_ += "\n";
    }

    void add_totals() {
        add_total(effect::mended, "denied today, would be allowed");
        add_total(effect::left_denied, "denied today, would stay denied");
        add_total(effect::breaks, "allowed today, would be denied");
        add_total(effect::allowed, "allowed today, would stay allowed");
        add_total(effect::unknown, "no policy can tell from what was captured");
        std::uint64_t passed = 0;
        for (const std::uint64_t each : report_.passed_over)
            passed += each;
        out_ += count_of(report_.flows, "flow") + " read, " + std::to_string(passed) +
                " of them show no connection to ask about\n";
    }

    void add_total(effect which, std::string_view text) {
        const effect_count& count = report_.verification.count(which);
        if (count.connections == 0) return;
        const std::string number = std::to_string(count.connections);
        out_ += std::string(8 - std::min<std::size_t>(number.size(), 7), ' ') + paint(which, number) + "  " +
                std::string(text) + "  (" + count_of(count.flows, "flow") + ")\n";
    }

    std::string paint(effect effect, std::string_view text) const {
        return style_.colour ? std::string(colour_of(effect)) + std::string(text) + "\x1b[0m" : std::string(text);
    }

    const verify_report& report_;
    const verify_style& style_;
    std::string out_;
};

}  // namespace

std::string verify_text(const verify_report& report, const verify_style& style) {
    return text_report(report, style).write();
}

}  // namespace cpg
