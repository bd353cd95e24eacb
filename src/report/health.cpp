// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "report/health.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <tuple>

#include "base/text.hpp"
#include "base/timestamp.hpp"
#include "evidence/json_text.hpp"

namespace cpg {

namespace {

using counts = std::map<std::string, std::uint64_t>;

constexpr std::size_t rule_width = 66;
constexpr std::size_t reason_width = 38;
constexpr std::size_t top_places = 3;

std::string horizontal_rule() {
    std::string out;
    for (std::size_t i = 0; i < rule_width; ++i)
        out += "━";
    return out + "\n";
}

boost::json::object counts_json(const counts& counts) {
    boost::json::object out;
    for (const auto& [name, count] : counts)
        out[printable(name)] = count;
    return out;
}

boost::json::object drop_json(const health_drop& health_drop) {
    boost::json::object out{{"reason", health_drop.reason},
                            {"class", health_drop.infra ? "infra" : "transient"},
                            {"count", health_drop.count}};
    if (!health_drop.hint.empty()) out["remediation"] = health_drop.hint;
    out["by_node"] = counts_json(health_drop.by_node);
    out["by_workload"] = counts_json(health_drop.by_workload);
    return out;
}

// The three with most flows; hundreds may share the third place.
std::string top(const counts& counts) {
    std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
    std::ranges::stable_sort(sorted, std::greater<>{}, [](const auto& each) { return each.second; });
    const std::size_t shown = std::min(top_places, sorted.size());
    std::string out;
    for (std::size_t i = 0; i < shown; ++i)
        out += (i == 0 ? "" : ", ") + printable(sorted[i].first) + " (" + std::to_string(sorted[i].second) + ")";
    return shown < sorted.size() ? out + " (+" + std::to_string(sorted.size() - shown) + " more)" : out;
}

std::string drop_text(const health_drop& health_drop) {
    std::string name = health_drop.reason;
    if (name.size() < reason_width) name.resize(reason_width, ' ');
    std::string out = "  " + name + " [" + (health_drop.infra ? "infra" : "transient") + "]  " +
                      std::to_string(health_drop.count) + (health_drop.count == 1 ? " flow\n" : " flows\n");
    out += "    Top nodes:     " + top(health_drop.by_node) + "\n";
    out += "    Top workloads: " + top(health_drop.by_workload) + "\n";
    if (!health_drop.hint.empty()) out += "    Hint: " + health_drop.hint + "\n";
    return out;
}

}  // namespace

std::uint64_t health_report::infra_total() const {
    std::uint64_t total = 0;
    for (const health_drop& each : drops)
        if (each.infra) total += each.count;
    return total;
}

std::string health_json(const health_report& report) {
    std::vector<health_drop> sorted = report.drops;
    std::ranges::sort(sorted, {}, &health_drop::reason);
    boost::json::array drops;
    for (const health_drop& each : sorted)
        drops.push_back(drop_json(each));
    return pretty_json(boost::json::object{{"schema_version", 1},
                                           {"classifier_version", report.classifier_version},
                                           {"session",
                                            {{"started", format_timestamp(report.started_ns)},
                                             {"ended", format_timestamp(report.ended_ns)},
                                             {"flows_seen", report.flows_seen},
                                             {"infra_drops_total", report.infra_total()}}},
                                           {"drops", std::move(drops)}});
}

std::string health_block(const health_report& report, std::string_view file) {
    std::vector<health_drop> sorted = report.drops;
    std::ranges::sort(sorted, [](const health_drop& a, const health_drop& b) {
        return std::tuple(!a.infra, b.count, a.reason) < std::tuple(!b.infra, a.count, b.reason);
    });
    const std::string_view what = report.infra_total() > 0 ? "! Cluster-critical drops" : "! Transient drops";
    std::string out = horizontal_rule() + std::string(what) + " detected (NOT a policy issue)\n" + horizontal_rule();
    for (const health_drop& each : sorted)
        out += drop_text(each);
    return out + "\ncluster-health.json: " + std::string(file) + "\n" + horizontal_rule();
}

}  // namespace cpg
