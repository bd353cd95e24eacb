// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <array>

#include "cli/options.hpp"

namespace cpg {

namespace {

using enum option_group;

constexpr std::uint16_t sessions = in_generate | in_replay;
constexpr std::uint16_t policies = sessions | in_combine;

// clang-format off
constexpr auto options = std::to_array<option_spec>({
    {"server", 's', "ADDR", "", in_generate, connection,
     "Hubble Relay: host:port, tls://host:port or unix:///path; more than once for several; without it, a port-forward"},
    {"port-forward", 'P', "", "", in_generate, connection,
     "port-forward to the relay pod also where HUBBLE_SERVER or hubble's configuration names a server"},
    {"tls", 0, "", "", in_generate, connection, "connect with TLS"},
    {"tls-ca-cert-files", 0, "FILE", "", sessions, connection, "CA certificates to trust instead of the system's"},
    {"tls-client-cert-file", 0, "FILE", "", sessions, connection, "client certificate"},
    {"tls-client-key-file", 0, "FILE", "", sessions, connection, "key of the client certificate"},
    {"tls-server-name", 0, "NAME", "", sessions, connection, "name that the server's certificate must have"},
    {"tls-allow-insecure", 0, "", "", sessions, connection, "do not verify the server's certificate"},
    {"loki", 0, "URL", "", in_replay, connection,
     "read the lines that Loki has instead of files; credentials are in LOKI_BEARER_TOKEN_FILE and the like"},
    {"loki-query", 0, "LOGQL", "", in_replay, connection, "which lines, as '{app=\"hubble\"}'"},
    {"timeout", 0, "DURATION", "10s", in_generate, connection,
     "time to a usable stream: name look-up, connect, TLS and first answer together"},
    {"kubeconfig", 0, "FILE", "", policies | in_bootstrap | in_verify, connection,
     "kubeconfig to use instead of $KUBECONFIG or ~/.kube/config"},
    {"context", 0, "NAME", "", policies | in_bootstrap | in_verify, connection,
     "context of the kubeconfig to use instead of the current one"},
    {"kube-context", 0, "NAME", "", policies | in_bootstrap | in_verify, connection, "the same as --context, as hubble calls it"},
    {"kube-namespace", 0, "NAMESPACE", "kube-system", in_generate | in_bootstrap, connection,
     "where Cilium and its Hubble Relay run"},
    {"as", 0, "USER", "", policies | in_bootstrap | in_verify, connection,
     "user to impersonate for what is asked of the API server"},
    {"as-group", 0, "GROUP", "", policies | in_bootstrap | in_verify, connection, "group to impersonate, together with --as"},
    {"config", 0, "FILE", "", in_generate, connection,
     "hubble's configuration (default: $HUBBLE_CONFIG or ~/.config/hubble/config.yaml, where there is one)"},
    {"capture-file", 0, "FILE", "", in_generate, capture,
     "also write what is received as a capture for replay, with gzip where the name ends in .gz"},
    {"duration", 0, "DURATION", "", in_generate, capture, "stop by itself after this long, as a signal would"},
    {"partial", 0, "OUT", "", in_replay | in_combine, capture,
     "write a part for combine instead of policies: a file (.gz and .zst are compressed), or - for standard output"},
    {"flush-interval", 0, "DURATION", "5s", sessions, capture, "how often what was aggregated becomes policies"},
    {"namespace", 'n', "NAMESPACE", "", sessions | in_bootstrap, filters, "only policies for these namespaces"},
    {"all-namespaces", 'A', "", "", sessions, filters, "policies for all namespaces (the default)"},
    {"cluster", 0, "NAME", "", sessions, filters, "only policies for pods of this cluster of a mesh"},
    {"select-by", 0, "KEYS", "app.kubernetes.io/name,app", sessions, filters,
     "labels that select, the first entry whose keys are all there; KEY+KEY for several"},
    {"ignore-protocol", 0, "PROTOCOL", "", sessions, filters, "leave out flows of tcp, udp, icmpv4, icmpv6 or sctp"},
    {"ignore-drop-reason", 0, "REASON", "", sessions, filters, "leave out flows with this Cilium drop reason"},
    {"since", 0, "TIME", "", sessions | in_explain | in_verify, filters,
     "only flows (explain: rules seen) from then on: a duration back from now, or an RFC 3339 time"},
    {"until", 0, "TIME", "", sessions | in_verify, filters,
     "only flows up to then: a duration back from now, or an RFC 3339 time"},
    {"include-audit", 0, "", "", sessions, filters, "also make rules of what policy audit mode would have dropped"},
    {"include-forwarded", 0, "", "", sessions, filters,
     "also make rules of the connections that are allowed now; needs -n or -A, and turns --no-default-deny on"},
    {"output-dir", 'o', "DIR", "./policies", policies | in_explain, output, "policies are in DIR/<namespace>/<workload>.yaml"},
    {"by-cluster", 0, "", "", sessions, output, "keep clusters apart: policies are in DIR/<cluster>/<namespace>/<workload>.yaml"},
    {"dry-run", 0, "", "", policies, output, "write nothing; show the changes as a unified diff"},
    {"no-diff", 0, "", "", policies, output, "with --dry-run: only log lines"},
    {"verify", 0, "", "", sessions, output, "at the end, tell whether the files allow all that was denied"},
    {"no-default-deny", 0, "", "", policies, output,
     "new policies only allow (enableDefaultDeny: false); =false enforces with --include-forwarded too"},
    {"cluster-dedup", 0, "", "", policies, output, "skip policies that the cluster already has"},
    {"fail-on-infra-drops", 0, "", "", policies, output, "exit with 1 when an infra drop was seen"},
    {"l7", 0, "", "", sessions, output, "make HTTP and DNS rules from L7 records"},
    {"fqdn", 0, "", "", sessions, output, "write the names of addresses where Hubble knows them (--l7 does as well)"},
    {"l7-collapse-paths", 0, "", "", policies, output,
     "one pattern for paths that differ in a number, UUID, hash or date"},
    {"l7-min-flows", 0, "N", "1", policies, output, "make no rule of requests and queries that came less often"},
    {"aggregate-cidr", 0, "N[:/P]", "", policies, output,
     "prefixes, /P or longer (24, IPv6 64), where a rule has more than N addresses"},
    {"aggregate-private", 0, "", "", policies, output, "with --aggregate-cidr: addresses of private networks too"},
    {"port-ranges", 0, "", "", policies, output, "runs of four and more ports as ranges"},
    {"no-l7-preflight", 0, "", "", in_generate, output, "with --l7: do not look at the cluster's L7 settings first"},
    {"no-evidence", 0, "", "", policies, evidence, "do not keep which flows made each rule"},
    {"evidence-dir", 0, "DIR", "", policies | in_explain | in_verify, evidence,
     "where evidence is kept (default: the user's cache directory)"},
    {"evidence-samples", 0, "N", "10", policies, evidence, "newest flows to keep of each rule"},
    {"evidence-sessions", 0, "N", "10", policies, evidence, "newest sessions to keep of each policy"},
    {"capture", 0, "FILE", "", in_verify, capture, "flows to ask about: files, folders or -, as replay reads them"},
    {"base", 0, "PATH", "", in_verify, rules, "policies to compare with: what newly opens, and what newly closes"},
    {"with-cluster", 0, "", "", in_verify, rules, "also the policies that the cluster has, but those that a file replaces"},
    {"lint", 0, "", "", in_verify, rules,
     "also tell of rules that nothing uses, that others cover, or that are wider than what was seen"},
    {"assume-default-deny", 0, "NAMESPACE", "", in_verify, rules,
     "whose pods are in default deny (default: by namespace and direction, where a policy is about them)"},
    {"all", 0, "", "", in_verify, rules, "show also what is allowed, and by which rule"},
    {"output", 0, "text|json|yaml|github", "text", in_verify, rules, "how to print; github: annotations of a workflow"},
    {"ingress-only", 0, "", "", in_bootstrap, rules, "deny ingress alone"},
    {"egress-only", 0, "", "", in_bootstrap, rules, "deny egress alone"},
    {"allow-dns", 0, "", "", in_bootstrap, rules, "let the pods ask kube-dns in kube-system"},
    {"ingress", 0, "", "", in_explain, rules, "only ingress rules"},
    {"egress", 0, "", "", in_explain, rules, "only egress rules"},
    {"port", 0, "PORT", "", in_explain, rules, "only rules with this port"},
    {"peer", 0, "KEY=VAL", "", in_explain, rules, "only rules whose peer has this label"},
    {"peer-cidr", 0, "CIDR", "", in_explain, rules, "only rules whose peer lies in this CIDR"},
    {"http-method", 0, "METHOD", "", in_explain, rules, "only HTTP rules with this method"},
    {"http-path", 0, "PATH", "", in_explain, rules, "only HTTP rules that allow this path, or have this pattern"},
    {"dns-pattern", 0, "NAME", "", in_explain, rules, "only DNS rules with this name"},
    {"samples-limit", 0, "N", "10", in_explain, rules, "sample flows to show of each rule"},
    {"format", 0, "text|json|yaml", "text", in_explain, rules, "how to print"},
    {"quiet", 'q', "", "", policies, global, "no line a policy: progress, warnings, errors and the closing summary"},
    {"color", 0, "auto|always|never", "auto", in_all, global, "colors; auto: on a terminal, unless NO_COLOR is set or TERM=dumb"},
    {"debug", 0, "", "", in_all, global, "the same as --log-level debug"},
    {"log-level", 0, "debug|info|warn|error", "info", in_all, global, "least important log lines to show"},
    {"json", 0, "", "", in_all, global, "log lines as JSON; explain prints JSON"},
    {"help", 'h', "", "", in_all, global, "show help"},
    {"version", 'v', "", "", in_all, global, "show the version"},
    {"print-manual", 0, "", "", in_all, global, "print the manual page (roff), of the program or of a command"},
});
// clang-format on

constexpr std::array commands = {
    command_spec{"generate", in_generate, "", 0, 0, "Watch dropped flows live and write the policies that allow them",
                 "@ generate -n production\n"
                 "@ generate --server localhost:4245 --duration 5m\n"
                 "@ generate --server eu.example.com:4245 --server us.example.com:4245 --by-cluster\n"
                 "timeout --preserve-status 300 @ generate -A -o policies --fail-on-infra-drops\n"},
    command_spec{"replay", in_replay, "FILE|FOLDER|-...", 0, any_number,
                 "Write the policies for captures of Hubble flows",
                 "@ replay capture.jsonl\n"
                 "@ replay --loki https://loki.example.com --loki-query '{app=\"hubble\"}' --since 6h\n"
                 "@ replay monday.jsonl.gz tuesday.tar.zst hubble-export/\n"
                 "hubble observe --verdict DROPPED --last 10000 -o jsonpb | @ replay -\n"
                 "@ replay capture.jsonl.gz -n production --dry-run\n"},
    command_spec{"combine", in_combine, "PART...", 1, any_number,
                 "Write the policies for parts of captures that were replayed apart",
                 "@ replay --partial monday.part.zst monday/*.jsonl.gz\n"
                 "@ combine monday.part.zst tuesday.part.zst -o policies\n"
                 "@ combine --partial week.part.zst monday.part.zst tuesday.part.zst\n"},
    command_spec{"bootstrap", in_bootstrap, "", 0, 0,
                 "Print the policy with which a namespace denies by default, for you to apply",
                 "@ bootstrap -n production > default-deny.yaml\n"
                 "@ bootstrap -n shop,data --allow-dns\n"
                 "@ bootstrap -n production --ingress-only\n"},
    command_spec{"verify", in_verify, "POLICIES...", 1, any_number,
                 "Tell what policies would do to the flows of captures, before they are applied",
                 "@ verify policies/ --capture capture.jsonl\n"
                 "@ verify policies/ cluster.yaml --capture monday.jsonl.gz --capture tuesday.jsonl.gz --all\n"
                 "@ verify policies/ --base main/policies/ --capture capture.jsonl --output github\n"},
    command_spec{"explain", in_explain, "[NAMESPACE[/WORKLOAD]|FILE.yaml]", 0, 1,
                 "Show which flows made the rules of a policy, or the workloads that have evidence",
                 "@ explain production/api-server\n"
                 "@ explain production\n"
                 "@ explain policies/production/api-server.yaml --ingress --port 8080\n"
                 "@ explain production/api-server --json | jq '.matched_rules[].key'\n"},
    command_spec{"completion", in_completion, "bash|zsh|fish", 1, 1, "Print completions for a shell",
                 "source <(@ completion bash)\n"
                 "@ completion zsh > \"${fpath[1]}/_cpg\"\n"
                 "@ completion fish > ~/.config/fish/completions/cpg.fish\n"},
    command_spec{"help", in_help, "[COMMAND]", 0, 1, "Show help, of a command if one is named", ""},
    command_spec{"version", in_version, "", 0, 0, "Show the version", ""},
};

}  // namespace

std::span<const option_spec> option_table() {
    return options;
}

std::span<const command_spec> command_table() {
    return commands;
}

const command_spec* command_named(std::string_view name) {
    const auto found = std::ranges::find(commands, name, &command_spec::name);
    return found == commands.end() ? nullptr : &*found;
}

const option_spec* option_of(std::string_view word) {
    const auto found = std::ranges::find_if(options, [&](const option_spec& spec) {
        if (word.starts_with("--")) return word.substr(2, word.find('=') - 2) == spec.name;
        return word.size() > 1 && word[0] == '-' && spec.short_name == word[1];
    });
    return found == options.end() ? nullptr : &*found;
}

std::string_view to_string(option_group group) {
    constexpr std::array<std::string_view, 7> names = {"Connection", "Capture", "Filters", "Output",
                                                       "Evidence",   "Rules",   "Global"};
    return names[static_cast<std::size_t>(group)];
}

}  // namespace cpg
