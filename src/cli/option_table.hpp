// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Every option there is, a row each: what it is called, where it stands, what it may be, what stands for it in the
// environment, and which others it excludes or goes with. Parser, checks, help, manual pages and completions read it.
// A name that is in no row does not compile (option_id).

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cpg {

/// Where an option may stand; bits.
enum option_scope : std::uint16_t {
    in_generate = 1,
    in_replay = 2,
    in_explain = 4,
    in_bootstrap = 8,
    in_verify = 16,
    in_help = 32,
    in_version = 64,
    in_completion = 128,
    in_combine = 256,
    in_all = 0xffff
};

/// Headings of the help, in their order.
enum class option_group : std::uint8_t { connection, capture, filters, output, evidence, rules, global };

/// Another option that bears on one, in the commands of its scope.
struct related_option {
    std::string_view name = {};
    std::uint16_t scope = in_all;
    std::string_view said = {};  ///< behind the name of the one where they don't fit; empty: the usual words
};

/// What there is to be known of an option beside what everyone has.
struct option_meaning {
    std::string_view values = {};       ///< all there are, in any case, with `|` between; where value_name has none
    std::string_view environment = {};  ///< the variable that stands for it
    std::uint64_t least = 0;            ///< of a number
    std::uint64_t most = 1'000'000;
    bool repeats = false;  ///< and takes several with commas between
    bool filled = false;   ///< may not be empty
    std::array<related_option, 2> excludes = {};
    related_option goes_with = {};
};

struct option_spec {
    std::string_view name;  ///< without the dashes
    char short_name = 0;
    std::string_view value_name;  ///< empty for a switch; with `|`, all the values there are
    std::string_view default_text;
    std::uint16_t scope = in_all;
    option_group group = option_group::global;
    std::string_view help;
    option_meaning means = {};
};

enum class option_kind : std::uint8_t { toggle, choice, number, duration, moment, text };

/// The name of its value says it.
constexpr option_kind kind_of(const option_spec& spec) {
    if (spec.value_name.empty()) return option_kind::toggle;
    if (spec.value_name.find('|') != std::string_view::npos) return option_kind::choice;
    if (spec.value_name == "N" || spec.value_name == "PORT") return option_kind::number;
    if (spec.value_name == "DURATION") return option_kind::duration;
    return spec.value_name == "TIME" ? option_kind::moment : option_kind::text;
}

/// All that it may be, with `|` between; empty where it may be anything.
constexpr std::string_view values_of(const option_spec& spec) {
    return kind_of(spec) == option_kind::choice ? spec.value_name : spec.means.values;
}

namespace option_table_detail {

using enum option_group;

inline constexpr std::uint16_t sessions = in_generate | in_replay;
inline constexpr std::uint16_t policies = sessions | in_combine;

// What is decided when all is known; --evidence-samples and --no-evidence decide what is kept, in a part too.
inline constexpr related_option of_policies = {
    "partial", in_all, " is about policies, and --partial writes none: give it to the cpg combine that does"};
// What decides what is in a part has been decided when parts are added up.
inline constexpr related_option of_parts = {"partial", in_combine,
                                            " is for cpg replay --partial: a part has what it has"};

// clang-format off
inline constexpr auto option_rows = std::to_array<option_spec>({
    {"server", 's', "ADDR", "", in_generate, connection,
     "Hubble Relay: host:port, tls://host:port or unix:///path; more than once for several; without it, a port-forward",
     {.environment = "HUBBLE_SERVER", .repeats = true}},
    {"port-forward", 'P', "", "", in_generate, connection,
     "port-forward to the relay pod also where HUBBLE_SERVER or hubble's configuration names a server",
     {.excludes = {{{"server"}}}}},
    {"tls", 0, "", "", in_generate, connection, "connect with TLS",
     {.environment = "HUBBLE_TLS"}},
    {"tls-ca-cert-files", 0, "FILE", "", sessions, connection, "CA certificates to trust instead of the system's",
     {.environment = "HUBBLE_TLS_CA_CERT_FILES", .repeats = true, .goes_with = {"loki", in_replay}}},
    {"tls-client-cert-file", 0, "FILE", "", sessions, connection, "client certificate",
     {.environment = "HUBBLE_TLS_CLIENT_CERT_FILE", .goes_with = {"loki", in_replay}}},
    {"tls-client-key-file", 0, "FILE", "", sessions, connection, "key of the client certificate",
     {.environment = "HUBBLE_TLS_CLIENT_KEY_FILE", .goes_with = {"loki", in_replay}}},
    {"tls-server-name", 0, "NAME", "", sessions, connection, "name that the server's certificate must have",
     {.environment = "HUBBLE_TLS_SERVER_NAME", .goes_with = {"loki", in_replay}}},
    {"tls-allow-insecure", 0, "", "", sessions, connection, "do not verify the server's certificate",
     {.environment = "HUBBLE_TLS_ALLOW_INSECURE", .goes_with = {"loki", in_replay}}},
    {"loki", 0, "URL", "", in_replay, connection,
     "read the lines that Loki has instead of files; credentials are in LOKI_BEARER_TOKEN_FILE and the like"},
    {"loki-query", 0, "LOGQL", "", in_replay, connection, "which lines, as '{app=\"hubble\"}'",
     {.goes_with = {"loki"}}},
    {"timeout", 0, "DURATION", "10s", in_generate, connection,
     "time to a usable stream: name look-up, connect, TLS and first answer together"},
    {"kubeconfig", 0, "FILE", "", policies | in_bootstrap | in_verify, connection,
     "kubeconfig to use instead of $KUBECONFIG or ~/.kube/config"},
    {"context", 0, "NAME", "", policies | in_bootstrap | in_verify, connection,
     "context of the kubeconfig to use instead of the current one"},
    {"kube-context", 0, "NAME", "", policies | in_bootstrap | in_verify, connection, "the same as --context, as hubble calls it",
     {.excludes = {{{"context", in_all, " and --context are the same flag: give one"}}}}},
    {"kube-namespace", 0, "NAMESPACE", "kube-system", in_generate | in_bootstrap, connection,
     "where Cilium and its Hubble Relay run",
     {.environment = "HUBBLE_KUBE_NAMESPACE"}},
    {"as", 0, "USER", "", policies | in_bootstrap | in_verify, connection,
     "user to impersonate for what is asked of the API server"},
    {"as-group", 0, "GROUP", "", policies | in_bootstrap | in_verify, connection, "group to impersonate, together with --as",
     {.repeats = true, .goes_with = {"as"}}},
    {"config", 0, "FILE", "", in_generate, connection,
     "hubble's configuration (default: $HUBBLE_CONFIG or ~/.config/hubble/config.yaml, where there is one)",
     {.environment = "HUBBLE_CONFIG"}},
    {"capture-file", 0, "FILE", "", in_generate, capture,
     "also write what is received as a capture for replay, with gzip where the name ends in .gz"},
    {"duration", 0, "DURATION", "", in_generate, capture, "stop by itself after this long, as a signal would"},
    {"partial", 0, "OUT", "", in_replay | in_combine, capture,
     "write a part for combine instead of policies: a file (.gz and .zst are compressed), or - for standard output",
     {.filled = true, .excludes = {{{"loki", in_all, " reads captures, and --loki none: they exclude each other"}}}}},
    {"flush-interval", 0, "DURATION", "5s", sessions, capture,
     "how often what was aggregated becomes policies; where files are replayed and it is not given: at the end",
     {.excludes = {{of_policies}}}},
    {"namespace", 'n', "NAMESPACE", "", sessions | in_bootstrap, filters, "only policies for these namespaces",
     {.repeats = true}},
    {"all-namespaces", 'A', "", "", sessions, filters, "policies for all namespaces (the default)",
     {.excludes = {{{"namespace"}}}}},
    {"cluster", 0, "NAME", "", sessions, filters, "only policies for pods of this cluster of a mesh"},
    {"select-by", 0, "KEYS", "app.kubernetes.io/name,app", sessions, filters,
     "labels that select, the first entry whose keys are all there; KEY+KEY for several",
     {.repeats = true}},
    {"ignore-protocol", 0, "PROTOCOL", "", sessions, filters, "leave out flows of tcp, udp, icmpv4, icmpv6 or sctp",
     {.values = "tcp|udp|icmpv4|icmpv6|sctp", .repeats = true}},
    {"ignore-drop-reason", 0, "REASON", "", sessions, filters, "leave out flows with this Cilium drop reason",
     {.repeats = true}},
    {"since", 0, "TIME", "", sessions | in_explain | in_verify, filters,
     "only flows (explain: rules seen) from then on: a duration back from now, or an RFC 3339 time"},
    {"until", 0, "TIME", "", sessions | in_verify, filters,
     "only flows up to then: a duration back from now, or an RFC 3339 time"},
    {"include-audit", 0, "", "", sessions, filters, "also make rules of what policy audit mode would have dropped"},
    {"include-forwarded", 0, "", "", sessions, filters,
     "also make rules of the connections that are allowed now; needs -n or -A, and turns --no-default-deny on"},
    {"output-dir", 'o', "DIR", "./policies", policies | in_explain, output, "policies are in DIR/<namespace>/<workload>.yaml",
     {.filled = true, .excludes = {{of_policies}}}},
    {"by-cluster", 0, "", "", sessions, output, "keep clusters apart: policies are in DIR/<cluster>/<namespace>/<workload>.yaml",
     {.excludes = {{{"cluster-dedup", in_all, " keeps clusters apart, and --cluster-dedup asks the API server of one: give "
                     "--cluster and -o, once for each"}}}}},
    {"dry-run", 0, "", "", policies, output, "write nothing; show the changes as a unified diff",
     {.excludes = {{of_policies}}}},
    {"no-diff", 0, "", "", policies, output, "with --dry-run: only log lines",
     {.excludes = {{of_policies}}, .goes_with = {"dry-run"}}},
    {"verify", 0, "", "", sessions, output, "at the end, tell whether the files allow all that was denied",
     {.excludes = {{of_policies, {"dry-run", in_all, " asks the files that are written, and --dry-run writes none"}}}}},
    {"no-default-deny", 0, "", "", policies, output,
     "new policies only allow (enableDefaultDeny: false); =false enforces with --include-forwarded too",
     {.excludes = {{of_policies}}}},
    {"cluster-dedup", 0, "", "", policies, output, "skip policies that the cluster already has",
     {.excludes = {{of_policies}}}},
    {"fail-on-infra-drops", 0, "", "", policies, output, "exit with 1 when an infra drop was seen",
     {.excludes = {{of_policies}}}},
    {"l7", 0, "", "", sessions, output, "make HTTP and DNS rules from L7 records"},
    {"fqdn", 0, "", "", sessions, output, "write the names of addresses where Hubble knows them (--l7 does as well)"},
    {"l7-collapse-paths", 0, "", "", policies, output,
     "one pattern for paths that differ in a number, UUID, hash or date",
     {.excludes = {{of_policies}}, .goes_with = {"l7", sessions}}},
    {"l7-min-flows", 0, "N", "1", policies, output, "make no rule of requests and queries that came less often",
     {.least = 1, .excludes = {{of_policies}}, .goes_with = {"l7", sessions}}},
    {"aggregate-cidr", 0, "N[:/P]", "", policies, output,
     "prefixes, /P or longer (24, IPv6 64), where a rule has more than N addresses",
     {.excludes = {{of_policies}}}},
    {"aggregate-private", 0, "", "", policies, output, "with --aggregate-cidr: addresses of private networks too",
     {.excludes = {{of_policies}}, .goes_with = {"aggregate-cidr"}}},
    {"port-ranges", 0, "", "", policies, output, "runs of four and more ports as ranges",
     {.excludes = {{of_policies}}}},
    {"no-l7-preflight", 0, "", "", in_generate, output, "with --l7: do not look at the cluster's L7 settings first"},
    {"no-evidence", 0, "", "", policies, evidence, "do not keep which flows made each rule",
     {.excludes = {{of_parts}}}},
    {"evidence-dir", 0, "DIR", "", policies | in_explain | in_verify, evidence,
     "where evidence is kept (default: the user's cache directory)",
     {.filled = true, .excludes = {{of_policies}},
      .goes_with = {"lint", in_verify, " tells --lint what was seen before, and goes with it alone"}}},
    {"evidence-samples", 0, "N", "10", policies, evidence, "newest flows to keep of each rule",
     {.excludes = {{of_parts}}}},
    {"evidence-sessions", 0, "N", "10", policies, evidence, "newest sessions to keep of each policy",
     {.least = 1, .excludes = {{of_policies}}}},
    {"capture", 0, "FILE", "", in_verify, capture, "flows to ask about: files, folders or -, as replay reads them",
     {.repeats = true}},
    {"base", 0, "PATH", "", in_verify, rules, "policies to compare with: what newly opens, and what newly closes",
     {.repeats = true}},
    {"with-cluster", 0, "", "", in_verify, rules, "also the policies that the cluster has, but those that a file replaces"},
    {"lint", 0, "", "", in_verify, rules,
     "also tell of rules that nothing uses, that others cover, or that are wider than what was seen"},
    {"assume-default-deny", 0, "NAMESPACE", "", in_verify, rules,
     "whose pods are in default deny (default: by namespace and direction, where a policy is about them)",
     {.repeats = true}},
    {"all", 0, "", "", in_verify, rules, "show also what is allowed, and by which rule"},
    {"output", 0, "text|json|yaml|github", "text", in_verify, rules, "how to print; github: annotations of a workflow"},
    {"ingress-only", 0, "", "", in_bootstrap, rules, "deny ingress alone"},
    {"egress-only", 0, "", "", in_bootstrap, rules, "deny egress alone",
     {.excludes = {{{"ingress-only"}}}}},
    {"allow-dns", 0, "", "", in_bootstrap, rules, "let the pods ask kube-dns in kube-system",
     {.excludes = {{{"ingress-only", in_all, " is about egress, which --ingress-only does not deny"}}}}},
    {"ingress", 0, "", "", in_explain, rules, "only ingress rules"},
    {"egress", 0, "", "", in_explain, rules, "only egress rules",
     {.excludes = {{{"ingress", in_all, " and --ingress exclude each other: no rule is both"}}}}},
    {"port", 0, "PORT", "", in_explain, rules, "only rules with this port",
     {.least = 1, .most = 65'535}},
    {"peer", 0, "KEY=VAL", "", in_explain, rules, "only rules whose peer has this label"},
    {"peer-cidr", 0, "CIDR", "", in_explain, rules, "only rules whose peer lies in this CIDR"},
    {"http-method", 0, "METHOD", "", in_explain, rules, "only HTTP rules with this method",
     {.filled = true}},
    {"http-path", 0, "PATH", "", in_explain, rules, "only HTTP rules that allow this path, or have this pattern",
     {.filled = true}},
    {"dns-pattern", 0, "NAME", "", in_explain, rules, "only DNS rules with this name",
     {.filled = true}},
    {"samples-limit", 0, "N", "10", in_explain, rules, "sample flows to show of each rule"},
    {"format", 0, "text|json|yaml", "text", in_explain, rules, "how to print"},
    {"quiet", 'q', "", "", policies, global, "no line a policy: progress, warnings, errors and the closing summary",
     {.excludes = {{{"debug"}}}}},
    {"color", 0, "auto|always|never", "auto", in_all, global, "colors; auto: on a terminal, unless NO_COLOR is set or TERM=dumb"},
    {"debug", 0, "", "", in_all, global, "the same as --log-level debug"},
    {"log-level", 0, "debug|info|warn|error", "info", in_all, global, "least important log lines to show"},
    {"json", 0, "", "", in_all, global, "log lines as JSON; explain prints JSON"},
    {"help", 'h', "", "", in_all, global, "show help"},
    {"version", 'v', "", "", in_all, global, "show the version"},
    {"print-manual", 0, "", "", in_all, global, "print the manual page (roff), of the program or of a command"},
});
// clang-format on

constexpr std::size_t row_of(std::string_view name) {
    std::size_t row = 0;
    while (row < option_rows.size() && option_rows[row].name != name)
        ++row;
    return row;
}

constexpr bool is_there(const related_option& other) {
    return other.name.empty() || row_of(other.name) < option_rows.size();
}

static_assert(std::ranges::all_of(option_rows,
                                  [](const option_spec& spec) {
                                      return std::ranges::all_of(spec.means.excludes, is_there) &&
                                             is_there(spec.means.goes_with);
                                  }),
              "an option bears on one that there is not");

}  // namespace option_table_detail

/// An option by its name, which is looked up while compiling.
class option_id {
  public:
    consteval option_id(const char* name) : row_(option_table_detail::row_of(name)) {
        if (row_ == option_table_detail::option_rows.size()) throw "there is no option of this name";
    }
    constexpr const option_spec& spec() const { return option_table_detail::option_rows[row_]; }

  protected:
    consteval option_id(const char* name, bool (*fits)(const option_spec&)) : option_id(name) {
        if (!fits(spec())) throw "the option of this name is of another kind";
    }

  private:
    std::size_t row_;
};

template <option_kind kind>
struct option_of_kind : option_id {
    consteval option_of_kind(const char* name)
        : option_id(name, [](const option_spec& spec) { return kind_of(spec) == kind; }) {}
};

using toggle_id = option_of_kind<option_kind::toggle>;
using choice_id = option_of_kind<option_kind::choice>;
using number_id = option_of_kind<option_kind::number>;
using duration_id = option_of_kind<option_kind::duration>;
using moment_id = option_of_kind<option_kind::moment>;

struct value_id : option_id {
    consteval value_id(const char* name)
        : option_id(name, [](const option_spec& spec) { return kind_of(spec) != option_kind::toggle; }) {}
};
struct list_id : option_id {
    consteval list_id(const char* name) : option_id(name, [](const option_spec& spec) { return spec.means.repeats; }) {}
};

}  // namespace cpg
