// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "e2e/live_case.hpp"

#include <signal.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace cpg::test {

namespace {

std::string from_build(const char* name) {
    const char* const value = std::getenv(name);
    if (!value) throw std::runtime_error(std::string(name) + " is not set; run this by `meson test`");
    return value;
}

boost::json::object endpoint(const std::string& name, unsigned identity) {
    return {{"ID", identity},
            {"identity", identity},
            {"namespace", "team"},
            {"pod_name", name + "-0"},
            {"labels", {"k8s:app=" + name, "k8s:io.kubernetes.pod.namespace=team"}}};
}

boost::json::object distinct_flow(unsigned index, bool infra) {
    std::array<char, 64> time{};
    std::snprintf(time.data(), time.size(), "2026-02-03T10:%02u:%02u.%03u000000Z", index / 60000, index / 1000 % 60,
                  index % 1000);
    std::array<char, 64> uuid{};
    std::snprintf(uuid.data(), uuid.size(), "%08x-0000-4000-8000-000000000000", index);
    const std::string server = "server-" + std::to_string(index % 20);
    const std::string client = "client-" + std::to_string(index / 20 % 10);
    const boost::json::object tcp = {
        {"source_port", 40000}, {"destination_port", 1 + index / 200}, {"flags", {{"SYN", true}}}};
    return {{"time", time.data()},
            {"uuid", uuid.data()},
            {"verdict", "DROPPED"},
            {"IP", {{"source", "10.0.0.1"}, {"destination", "10.0.0.2"}, {"ipVersion", "IPv4"}}},
            {"l4", {{"TCP", tcp}}},
            {"source", endpoint(client, 2000 + index / 20 % 10)},
            {"destination", endpoint(server, 1000 + index % 20)},
            {"Type", "L3_L4"},
            {"node_name", "node-a"},
            {"traffic_direction", "INGRESS"},
            {"event_type", {{"type", 1}}},
            {"drop_reason_desc", infra ? "CT_MAP_INSERTION_FAILED" : "POLICY_DENIED"}};
}

}  // namespace

file_texts files_below(const std::filesystem::path& folder) {
    file_texts out;
    if (!std::filesystem::exists(folder)) return out;
    // A temporary file may go while this looks.
    std::error_code gone;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file(gone))
            out[entry.path().lexically_relative(folder).string()] = read_text(entry.path());
    return out;
}

boost::json::object summary_in(const std::string& json_log) {
    const std::string line = line_with(json_log, "\"session summary\"");
    if (line.empty()) throw std::runtime_error("no session summary in: " + json_log);
    return boost::json::parse(line).as_object();
}

std::uint64_t number_in(const boost::json::object& summary, const words& path) {
    const boost::json::object* at = &summary;
    for (const std::string& name : path) {
        const boost::json::value* const found = at->if_contains(name);
        if (!found) return 0;
        if (!found->is_object()) return found->to_number<std::uint64_t>();
        at = &found->get_object();
    }
    throw std::runtime_error(path.back() + " is no number");
}

std::string line_with(const std::string& text, const std::string& part) {
    const std::size_t at = text.find(part);
    if (at == std::string::npos) return {};
    const std::size_t begin = text.rfind('\n', at) + 1;
    return text.substr(begin, text.find('\n', at) - begin);
}

std::string distinct_flows(unsigned count, unsigned infra_each) {
    std::ostringstream out;
    for (unsigned i = 0; i < count; ++i) {
        const boost::json::object flow = distinct_flow(i, infra_each && i % infra_each == 0);
        out << boost::json::object({{"flow", flow}, {"node_name", "node-a"}, {"time", flow.at("time")}}) << "\n";
    }
    return out.str();
}

std::string first_lines(const std::string& text, std::uint64_t count) {
    std::size_t end = 0;
    for (std::uint64_t i = 0; i < count && end != std::string::npos; ++i)
        end = text.find('\n', end ? end + 1 : 0);
    return end == std::string::npos ? text : text.substr(0, end + 1);
}

// Nothing of the developer's own: no kubeconfig, no relay, no cache.
live_case::live_case()
    : environment{{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
                  {"HOME", dir.path().string()},
                  {"XDG_CACHE_HOME", (dir / "cache").string()},
                  {"TZ", "UTC"}} {
    for (const char* const name : {"ASAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"})
        if (const char* const value = std::getenv(name)) environment[name] = value;
}

std::filesystem::path live_case::example(const std::string& name) const {
    return std::filesystem::path(from_build("EXAMPLES")) / name;
}

std::filesystem::path live_case::write(const std::string& name, const std::string& text) const {
    write_text(dir / name, text);
    return dir / name;
}

std::unique_ptr<program> live_case::start(words command, int out, int err) {
    const std::string run = std::to_string(runs++);
    std::map<int, int> streams;
    for (const auto& [stream, in_its_place] : {std::pair(1, out), {2, err}})
        if (in_its_place >= 0) streams[stream] = in_its_place;
    return std::make_unique<program>(program_settings{.words = std::move(command),
                                                      .environment = environment,
                                                      .folder = dir.path(),
                                                      .out = dir / ("out." + run),
                                                      .err = dir / ("err." + run),
                                                      .streams = streams});
}

program& live_case::start_sim(const words& flags, const std::string& listen) {
    words command = {from_build("RELAY_SIM"), "--listen", listen};
    command.insert(command.end(), flags.begin(), flags.end());
    sim = start(command);
    const std::string greeting = "listening on ";
    const bool listens = eventually([&] { return !sim->is_running() || sim->out().ends_with('\n'); });
    if (!listens || !sim->out().starts_with(greeting)) throw std::runtime_error("no relay-sim: " + sim->err());
    address = sim->out().substr(greeting.size());
    address.pop_back();
    return *sim;
}

program& live_case::restart_sim(const words& flags) {
    stop_sim();
    return start_sim(flags, address.starts_with("tls://") ? address.substr(6) : address);
}

void live_case::stop_sim() {
    sim->signal(SIGTERM);
    sim->exit_code(20s);
}

words live_case::at_sim(words more) const {
    more.insert(more.begin(), {"--server", address});
    return more;
}

std::unique_ptr<program> live_case::start_cpg(const words& flags, const words& before) {
    words command = before;
    command.insert(command.end(), {cpg_binary().string(), "generate", "--json", "-o", "policies"});
    command.insert(command.end(), flags.begin(), flags.end());
    return start(command, cpg_out, cpg_err);
}

std::unique_ptr<program> live_case::run_cpg(const words& flags, int expected_code) {
    auto cpg = start_cpg(flags);
    const int code = cpg->exit_code(60s);
    BOOST_TEST(code == expected_code, cpg->err());
    return cpg;
}

std::unique_ptr<program> live_case::run_command(const words& command_and_flags, int expected_code) {
    words command = {cpg_binary().string()};
    command.insert(command.end(), command_and_flags.begin(), command_and_flags.end());
    auto cpg = start(command);
    BOOST_TEST(cpg->exit_code(60s) == expected_code, cpg->err());
    return cpg;
}

boost::json::object live_case::generate_until(const words& flags, const file_texts& wanted) {
    words all = flags;
    all.insert(all.end(), {"--flush-interval", "100ms"});
    const auto cpg = start_cpg(all);
    eventually([&] { return policies() == wanted || !cpg->is_running(); });
    cpg->signal(SIGTERM);
    BOOST_TEST(cpg->exit_code(60s) == 0, cpg->err());
    BOOST_TEST((policies() == wanted), cpg->err());
    return summary_in(cpg->err());
}

file_texts live_case::replayed(const std::filesystem::path& capture, const words& flags) {
    const std::string folder = "replayed." + std::to_string(runs);
    words command = {cpg_binary().string(), "replay", "--json", "-o", folder, capture.string()};
    command.insert(command.end(), flags.begin(), flags.end());
    const auto cpg = start(command);
    if (cpg->exit_code(60s) != 0) throw std::runtime_error("replay failed: " + cpg->err());
    replay_summary = summary_in(cpg->err());
    return files_below(dir / folder);
}

}  // namespace cpg::test
