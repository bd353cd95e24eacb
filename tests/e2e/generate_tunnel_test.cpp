// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors

// `cpg generate` with nothing but a kubeconfig: the API server's stand-in finds the pod, containerd's own
// port-forward reaches relay-sim on port 4245 in it. All of it in a network namespace of its own, so that the
// port is free and whatever socket is left behind shows. Exits 77 where containerd can't run.
#define BOOST_TEST_NO_MAIN
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdio>

#include "e2e/cluster_case.hpp"
#include "support/container_runtime.hpp"

namespace cpg::test {

namespace {

container_runtime* runtime = nullptr;  // started by main

enum class transports : std::uint8_t { all, spdy_only };

// Passes an upgrade on to the container runtime, as the API server and the kubelet do.
api_stand_in::handler cluster_with_pod(transports offered) {
    return [offered](const seen_request& request, k8s::connection& stream) -> asio::awaitable<void> {
        std::string answer = pod_list_text();
        if (request.method == "GET" && offered == transports::spdy_only && request.target.starts_with(forward_target))
            answer = http_text(403, status_text(403, "Forbidden", "cannot get pods/portforward", "pods"));
        else if (request.target.starts_with(forward_target))
            answer.clear();
        if (!answer.empty()) {
            co_await stream.write(answer);
            co_return;
        }
        const std::string url = runtime->port_forward_url(4245);
        const auto colon = url.rfind(':');
        const auto slash = url.find('/', colon);
        const auto port = static_cast<unsigned short>(std::stoi(url.substr(colon + 1, slash - colon - 1)));
        const auto below = co_await connect_local(port);
        std::string head = request.method + " " + url.substr(slash) + " HTTP/1.1\r\n";
        for (const auto& [name, value] : request.headers)
            if (name != "authorization") head += name + ": " + value + "\r\n";
        head += "\r\n";
        co_await below->write(head);
        co_await pump_bytes(stream, *below);
    };
}

struct tunnel_case : cluster_case {
    file_texts wanted = replayed(example("shop.jsonl"));
    words shop = {"--capture", example("shop.jsonl").string()};
    const std::string in_pod = "127.0.0.1:4245";

    std::string last_log() const { return read_text(dir / ("err." + std::to_string(runs - 1))); }

    // cpg's near end of the tunnel has no name in the file system; the kernel lists it while it lives.
    static bool has_near_end() { return read_text("/proc/net/unix").find("@cpg-") != std::string::npos; }

    void check_nothing_is_left(const file_texts& before) {
        BOOST_TEST(!has_near_end());
        file_texts after = files_below(dir.path());
        for (const auto& [path, text] : before)
            after.erase(path);
        for (const auto& [path, text] : after)
            BOOST_TEST((path.starts_with("policies/") || path.starts_with("cache/cpg/") || path.starts_with("out.") ||
                        path.starts_with("err.")),
                       path);
    }
    void check_same_as_replay(const words& flags) {
        const file_texts before = files_below(dir.path());
        const boost::json::object live = generate_until(flags, wanted);
        BOOST_TEST(number_in(live, {"flows_seen"}) ==
                   number_in(replay_summary, {"flows_seen"}) - number_in(replay_summary, {"flows_not_dropped"}));
        check_nothing_is_left(before);
    }
    void check_survives_restart() {
        const auto cpg = start_cpg({"--flush-interval", "100ms", "--debug"});
        BOOST_TEST(eventually([&] { return policies() == wanted; }), cpg->err());
        BOOST_TEST(has_near_end());
        stop_sim();
        BOOST_TEST(eventually([&] { return cpg->said("no connection to Hubble Relay, trying again"); }), cpg->err());
        // More to see than before: the same flows and some of later time.
        const auto more = write("more.jsonl", read_text(example("shop.jsonl")) + later_flows());
        wanted = replayed(more);
        start_sim({"--capture", more.string()}, in_pod);
        BOOST_TEST(eventually([&] { return policies() == wanted; }), cpg->err());
        BOOST_TEST(cpg->said("connected to Hubble Relay again"), cpg->err());
        cpg->signal(SIGTERM);
        BOOST_TEST(cpg->exit_code(20s) == 0, cpg->err());
        BOOST_TEST(number_in(summary_in(cpg->err()), {"flows_seen"}) ==
                   number_in(replay_summary, {"flows_seen"}) - number_in(replay_summary, {"flows_not_dropped"}));
        BOOST_TEST(!has_near_end());
    }
    static std::string later_flows() {
        std::string out = distinct_flows(50);
        for (std::size_t at = out.find("2026-02-03"); at != std::string::npos; at = out.find("2026-02-03", at))
            out.replace(at, 10, "2026-08-03");
        return out;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tunnel, tunnel_case)

BOOST_AUTO_TEST_CASE(the_environments_kubeconfig_and_a_websocket_make_the_policies_of_a_replay) {
    start_api(cluster_with_pod(transports::all));
    start_sim(shop, in_pod);
    environment["KUBECONFIG"] = (dir / "kubeconfig").string();
    check_same_as_replay({"--debug"});
    BOOST_TEST(last_log().find("\"transport\":\"websocket\"") != std::string::npos, last_log());
    BOOST_TEST(last_log().find("secret-of-the-test") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_kubeconfig_by_flag_and_spdy_make_the_policies_of_a_replay) {
    start_api(cluster_with_pod(transports::spdy_only));
    start_sim(shop, in_pod);
    check_same_as_replay({"--kubeconfig", "kubeconfig", "--context", "test", "--debug"});
    BOOST_TEST(last_log().find("\"transport\":\"spdy\"") != std::string::npos, last_log());
}

BOOST_AUTO_TEST_CASE(the_kubeconfig_at_home_is_enough) {
    start_api(cluster_with_pod(transports::all));
    start_sim(shop, in_pod);
    write(".kube/config", read_text(dir / "kubeconfig"));
    write(".kube/cluster.crt", read_text(dir / "cluster.crt"));
    check_same_as_replay({});
}

BOOST_AUTO_TEST_CASE(a_relay_with_tls_is_reached_through_the_tunnel) {
    const certificate ca = make_certificate({.common_name = "relay CA", .names = {}, .authority = true});
    const certificate relay =
        make_certificate({.common_name = "relay", .names = "DNS:instance.hubble-relay.cilium.io"}, &ca);
    write("relay-ca.crt", ca.pem);
    write("relay.crt", relay.pem);
    write("relay.key", relay.key);
    words flags = shop;
    flags.insert(flags.end(), {"--tls-cert", "relay.crt", "--tls-key", "relay.key"});
    start_api(cluster_with_pod(transports::all));
    start_sim(flags, in_pod);
    check_same_as_replay({"--kubeconfig", "kubeconfig", "--tls", "--tls-ca-cert-files", "relay-ca.crt",
                          "--tls-server-name", "instance.hubble-relay.cilium.io"});
}

BOOST_AUTO_TEST_CASE(a_relay_that_restarts_behind_a_websocket_is_found_again) {
    start_api(cluster_with_pod(transports::all));
    start_sim(shop, in_pod);
    environment["KUBECONFIG"] = (dir / "kubeconfig").string();
    check_survives_restart();
}

BOOST_AUTO_TEST_CASE(a_relay_that_restarts_behind_spdy_is_found_again) {
    start_api(cluster_with_pod(transports::spdy_only));
    start_sim(shop, in_pod);
    environment["KUBECONFIG"] = (dir / "kubeconfig").string();
    check_survives_restart();
}

// The first of the ready pods has no relay in it; and where it all is, is said before.
BOOST_AUTO_TEST_CASE(another_ready_pod_is_tried_where_the_first_is_of_no_use) {
    const auto pass_on = cluster_with_pod(transports::all);
    start_api([pass_on](const seen_request& request, k8s::connection& stream) -> asio::awaitable<void> {
        const std::string ready = R"(,"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})";
        std::string text;
        if (request.target.starts_with("/api/v1/namespaces/cilium/pods?"))
            text = http_text(200, R"({"kind":"PodList","items":[{"metadata":{"name":"first"})" + ready +
                                      R"(,{"metadata":{"name":"relay-0"})" + ready + "]}");
        if (request.target.starts_with("/api/v1/namespaces/cilium/pods/first/"))
            text = http_text(500, "no route to the node", "text/plain");
        if (!text.empty()) co_return co_await stream.write(text);
        seen_request moved = request;
        if (const auto at = moved.target.find("namespaces/cilium/"); at != std::string::npos)
            moved.target.replace(at, 18, "namespaces/kube-system/");
        co_await pass_on(moved, stream);
    });
    start_sim(shop, in_pod);
    environment["KUBECONFIG"] = (dir / "kubeconfig").string();
    check_same_as_replay({"--kube-namespace", "cilium"});
    BOOST_TEST(last_log().find("\"context\":\"test\",\"api_server\":\"https://127.0.0.1:") != std::string::npos);
    BOOST_TEST(last_log().find("\"user\":\"me\",\"namespace\":\"cilium\"") != std::string::npos, last_log());
    BOOST_TEST(last_log().find("trying its next pod") != std::string::npos, last_log());
    BOOST_TEST(last_log().find("cpg-") == std::string::npos, last_log());  // the socket's name
    const auto lists = std::ranges::count_if(
        requests(), [](const seen_request& each) { return each.target.find("/pods?") != std::string::npos; });
    BOOST_TEST(lists == 2);
}

BOOST_AUTO_TEST_CASE(a_pod_without_a_relay_is_a_failure_that_says_why) {
    start_api(cluster_with_pod(transports::all));
    const file_texts before = files_below(dir.path());
    check_fails({"--kubeconfig", "kubeconfig", "--timeout", "3s"}, {"relay-0", "4245", "refused"});
    check_nothing_is_left(before);
}

BOOST_AUTO_TEST_CASE(a_signal_under_full_load_closes_the_tunnel) {
    start_api(cluster_with_pod(transports::all));
    words flags = shop;
    flags.insert(flags.end(), {"--loop", "--tells-end"});
    start_sim(flags, in_pod);
    const file_texts before = files_below(dir.path());
    const auto cpg = start_cpg({"--kubeconfig", "kubeconfig", "--flush-interval", "1h"});
    BOOST_TEST(eventually([&] { return cpg->said("sim/no-more"); }), cpg->err());
    cpg->signal(SIGTERM);
    BOOST_TEST(cpg->exit_code(20s) == 0, cpg->err());
    BOOST_TEST((policies() == wanted));
    check_nothing_is_left(before);
}

BOOST_AUTO_TEST_CASE(cluster_dedup_and_tunnel_share_one_kubeconfig) {
    const auto pass_on = cluster_with_pod(transports::all);
    start_api([pass_on](const seen_request& request, k8s::connection& stream) -> asio::awaitable<void> {
        const std::string none = http_text(200, R"({"kind":"CiliumNetworkPolicyList","metadata":{},"items":[]})");
        if (request.target.starts_with("/apis/cilium.io/v2/ciliumnetworkpolicies"))
            co_await stream.write(none);
        else
            co_await pass_on(request, stream);
    });
    start_sim(shop, in_pod);
    check_same_as_replay({"--kubeconfig", "kubeconfig", "--cluster-dedup"});
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

// A network of this program's own, with nothing but a loopback.
void enter_own_network() {
    if (::unshare(CLONE_NEWNET) != 0) throw std::runtime_error("a network namespace can't be made here");
    const int any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq loopback{};
    std::snprintf(loopback.ifr_name, IFNAMSIZ, "lo");
    loopback.ifr_flags = IFF_UP | IFF_RUNNING;
    const int failed = ::ioctl(any, SIOCSIFFLAGS, &loopback);
    ::close(any);
    if (failed != 0) throw std::runtime_error("the loopback can't be brought up");
}

}  // namespace

}  // namespace cpg::test

int main(int argc, char** argv) {
    try {
        cpg::test::enter_own_network();
        cpg::test::container_runtime started("4h");
        cpg::test::runtime = &started;
        return boost::unit_test::unit_test_main([] { return true; }, argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "skipped: %s\n", error.what());
        return 77;
    }
}
