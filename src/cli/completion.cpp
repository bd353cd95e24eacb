// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/manual.hpp"

namespace cpg {

namespace {

// Each asks the program itself, with the words so far, and falls back on the shell's own names of files. FILE is the
// program's name, NAME that with `_` for what no function's name has.

// For bash 3.2 too, as macOS has it. Readline replaces what stands behind the last of COMP_WORDBREAKS alone.
constexpr std::string_view bash_script = R"(# bash completion for FILE
_NAME() {
  local line="${COMP_LINE:0:$COMP_POINT}" directive=4 value rest prefix="" word quotes="[\\\"']"
  local -a words=()
  read -a words <<<"${line//$quotes/}"
  case "$line" in *[[:blank:]]) words+=("") ;; esac
  [ "${#words[@]}" -gt 1 ] || return 0
  word="${words[${#words[@]}-1]}"
  case "$COMP_WORDBREAKS" in *=*) prefix="${word%"${word##*=}"}" ;; esac
  COMPREPLY=()
  while IFS=$'\t' read -r value rest; do
    case "$value" in
      :*) directive="${value#:}" ;;
      *) COMPREPLY+=("${value#"$prefix"}") ;;
    esac
  done < <("${1/#\~/$HOME}" __complete "${words[@]:1}" 2>/dev/null)
  word="${word##*=}"
  if [ "${#COMPREPLY[@]}" -eq 0 ] && (( !(directive & 4) )); then
    local how=-f
    (( directive & 16 )) && how=-d
    compopt -o filenames 2>/dev/null
    while IFS= read -r value; do
      COMPREPLY+=("$value")
    done < <(compgen "$how" -- "$word")
  elif (( directive & 2 )); then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F _NAME FILE
)";

constexpr std::string_view zsh_script = R"(#compdef FILE
_NAME() {
  local line directive=4
  local -a candidates space
  for line in "${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
    if [[ $line == :* ]]; then
      directive=${line#:}
    else
      line=${line//:/\\:}
      candidates+=("${line/$'\t'/:}")
    fi
  done
  (( directive & 2 )) && space=(-S '')
  if (( $#candidates )); then
    _describe -V FILE candidates "${(@)space}"
  elif (( !(directive & 4) )); then
    compset -P '-[^=]#=' || compset -P '*='
    if (( directive & 16 )); then _path_files -/; else _files; fi
  fi
}
if [ "$funcstack[1]" = "_NAME" ]; then
  _NAME "$@"
elif (( $+functions[compdef] )); then
  compdef _NAME FILE
fi
)";

constexpr std::string_view fish_script = R"(# fish completion for FILE
function __NAME_complete
    set -l words (commandline -opc)
    set -l word (string replace -ra '["\'\\\\]' '' -- (commandline -ct))
    set -l answer ($words[1] __complete $words[2..-1] "$word" 2>/dev/null)
    set -l directive $answer[-1]
    set -e answer[-1]
    if test (count $answer) -gt 0
        printf '%s\n' $answer
        return
    end
    set -l prefix (string match -r -- '^--[^=]*=' "$word")
    set -l path (string replace -r -- '^--[^=]*=' '' "$word")
    if test "$directive" = :16
        __fish_complete_directories "$path" '' | string replace -r '^' -- "$prefix"
    else if test "$directive" = :0
        __fish_complete_path "$path" | string replace -r '^' -- "$prefix"
    end
end
complete -c FILE -e
complete -c FILE -f -k -a '(__NAME_complete)'
)";

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t found = std::min(text.find(what, at), text.size());
        out += text.substr(at, found - at);
        if (found < text.size()) out += with;
        at = found + what.size();
    }
    return out;
}

std::string function_name(std::string_view file) {
    std::string out(file);
    for (char& c : out)
        if (!is_letter(c) && !is_digit(c)) c = '_';
    return out;
}

std::string_view script_of(std::string_view shell) {
    if (shell == "bash") return bash_script;
    if (shell == "zsh") return zsh_script;
    if (shell == "fish") return fish_script;
    throw usage_error("no completions for " + json_quote(shell) + ": expected bash, zsh or fish");
}

}  // namespace

std::string completion_script(std::string_view file, std::string_view shell) {
    return replaced(replaced(script_of(shell), "NAME", function_name(file)), "FILE", file);
}

}  // namespace cpg
