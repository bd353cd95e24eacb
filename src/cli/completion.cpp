// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/manual.hpp"

namespace cpg {

namespace {

std::string command_names() {
    std::string out;
    for (const command_spec& command : command_table())
        out += (out.empty() ? "" : " ") + std::string(command.name);
    return out;
}

std::string flags_of(std::uint8_t scope) {
    std::string out;
    for (const option_spec& spec : option_table())
        if (spec.scope & scope) out += (out.empty() ? "" : " ") + ("--" + std::string(spec.name));
    return out;
}

std::string bash_script(const std::string& program) {
    std::string out = "_cpg() {\n  local word=\"${COMP_WORDS[COMP_CWORD]}\" flags=\"" + flags_of(in_all) +
                      "\"\n  case \"${COMP_WORDS[1]}\" in\n";
    for (const command_spec& command : command_table())
        out += "    " + std::string(command.name) + ") flags=\"" + flags_of(command.scope) + "\" ;;\n";
    return out +
           "  esac\n  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"$flags\" -- \"$word\"))\n"
           "  elif (( COMP_CWORD == 1 )); then COMPREPLY=($(compgen -W \"" +
           command_names() + "\" -- \"$word\"))\n  else COMPREPLY=($(compgen -f -- \"$word\")); fi\n}\n" +
           "complete -o filenames -F _cpg " + program + "\n";
}

std::string zsh_script(const std::string& program) {
    return "#compdef " + program + "\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script(program);
}

std::string fish_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string("\\'") : std::string(1, c);
    return out + "'";
}

std::string fish_script(const std::string& program) {
    std::string out;
    for (const command_spec& command : command_table())
        out += "complete -c " + program + " -n __fish_use_subcommand -a " + std::string(command.name) + " -d " +
               fish_quoted(command.summary) + "\n";
    for (const option_spec& spec : option_table()) {
        std::string where;
        for (const command_spec& command : command_table())
            if (spec.scope & command.scope) where += " " + std::string(command.name);
        out += "complete -c " + program + " -n '__fish_seen_subcommand_from" + where + "' -l " +
               std::string(spec.name) + (spec.value_name.empty() ? "" : " -r") + " -d " + fish_quoted(spec.help) + "\n";
    }
    return out;
}

}  // namespace

std::string completion_script(std::string_view program, std::string_view shell) {
    if (shell == "bash") return bash_script(std::string(program));
    if (shell == "zsh") return zsh_script(std::string(program));
    if (shell == "fish") return fish_script(std::string(program));
    throw usage_error("no completions for " + json_quote(shell) + ": expected bash, zsh or fish");
}

}  // namespace cpg
