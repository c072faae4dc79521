#include "cli/completion/completion.h"

#include <algorithm>
#include <utility>

#include "cli/api_answers.h"
#include "cli/api_client.h"

namespace telltale {
namespace {

// Longer than a server that is near takes, shorter than anybody waits.
constexpr int kAskMs = 400;
constexpr size_t kNamesMax = 500;

std::string Joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : between).append(word);
  return text;
}

// In single quotes, for every shell.
std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c == '\n' ? ' ' : c;
    }
  }
  return out + "'";
}

std::string PathOf(const CompletedCommand& command) {
  return command.path.empty() ? "telltale" : "telltale " + Joined(command.path, " ");
}

std::string WordsOf(const CompletedCommand& command) {
  std::vector<std::string> words = command.words;
  for (const CompletedFlag& flag : command.flags)
    words.insert(words.end(), flag.names.begin(), flag.names.end());
  return Joined(words, " ");
}

// The parts that bash and zsh share: which command stands there, and what may follow.
//
//   case "$place $before" in
//     'telltale calls --kind') offers='llm tool' ;;
std::string Cases(const std::vector<CompletedCommand>& commands) {
  std::string out = "  case \"$place $before\" in\n";
  for (const CompletedCommand& command : commands) {
    for (const CompletedFlag& flag : command.flags) {
      if (!flag.takes_value) continue;
      std::string pattern;
      for (const std::string& name : flag.names)
        pattern.append(pattern.empty() ? "" : "|").append(Quoted(PathOf(command) + " " + name));
      out += "    " + pattern + ") ";
      if (!flag.values.empty()) out += "offers=" + Quoted(Joined(flag.values, " "));
      if (!flag.asked.empty()) out += "asked=" + flag.asked;
      if (flag.is_file) out += "files=yes";
      if (flag.is_list) out += " list=yes";
      out += " ;;\n";
    }
  }
  out += "    *)\n      case \"$place\" in\n";
  for (const CompletedCommand& command : commands) {
    out += "        " + Quoted(PathOf(command)) + ") offers=" + Quoted(WordsOf(command));
    if (command.takes_files) out += " files=yes";
    out += " ;;\n";
  }
  return out + "      esac ;;\n  esac\n";
}

// Every command below the program, as `case` patterns.
std::string PathPatterns(const std::vector<CompletedCommand>& commands) {
  std::string out;
  for (const CompletedCommand& command : commands) {
    if (!command.path.empty()) out.append(out.empty() ? "" : "|").append(Quoted(PathOf(command)));
  }
  return out;
}

std::string BashScript(const std::vector<CompletedCommand>& commands) {
  return R"sh(# Completes telltale in bash:  source <(telltale completion bash)
_telltale() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  local place=telltale offers= asked= files= list= done= i line
  COMPREPLY=()
  # --flag=value comes as three words.
  if [ "$current" = = ]; then
    current=
  elif [ "$before" = = ] && [ "$COMP_CWORD" -ge 2 ]; then
    before=${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "$place ${COMP_WORDS[i]}" in
      )sh" +
         PathPatterns(commands) +
         R"sh() place="$place ${COMP_WORDS[i]}" ;;
    esac
  done
)sh" + Cases(commands) +
         R"sh(  if [ -n "$list" ] && [[ $current == *,* ]]; then
    done=${current%,*},
    current=${current##*,}
  fi
  if [ -n "$asked" ]; then
    while IFS= read -r line; do
      [[ $line == "$current"* ]] && COMPREPLY+=("$(printf '%q' "$line")")
    done < <("${COMP_WORDS[0]}" completion values "$asked" 2>/dev/null)
    return
  fi
  [ -n "$offers" ] && COMPREPLY=($(compgen -P "$done" -W "$offers" -- "$current"))
  [ -n "$files" ] && [[ $current != -* ]] && COMPREPLY+=($(compgen -f -- "$current"))
  return 0
}
complete -F _telltale telltale
)sh";
}

std::string ZshScript(const std::vector<CompletedCommand>& commands) {
  return R"sh(#compdef telltale
# Completes telltale in zsh:  source <(telltale completion zsh)
_telltale() {
  local current=${words[CURRENT]} before=${words[CURRENT-1]} place=telltale
  local asked= files= list= offers= i
  local -a typed=("${words[@]}")
  for ((i = 2; i < CURRENT; ++i)); do
    case "$place ${typed[i]}" in
      )sh" +
         PathPatterns(commands) +
         R"sh() place="$place ${typed[i]}" ;;
    esac
  done
  if [[ $current == --*=* ]]; then
    before=${current%%=*}
    compset -P '*='
    current=${current#*=}
  fi
)sh" + Cases(commands) +
         R"sh(  if [[ -n $list && $current == *,* ]]; then
    compset -P '*,'
  fi
  if [[ -n $asked ]]; then
    compadd -- "${(@f)$("${typed[1]}" completion values "$asked" 2>/dev/null)}"
    return
  fi
  [[ -n $offers ]] && compadd -- ${=offers}
  [[ -n $files && $current != -* ]] && _files
  return 0
}
compdef _telltale telltale
)sh";
}

// The condition under which fish offers what follows a command.
std::string FishCondition(const std::vector<CompletedCommand>& commands, const CompletedCommand& command) {
  if (command.path.empty()) return "__fish_use_subcommand";
  std::string condition = "__fish_seen_subcommand_from " + command.path.front();
  if (command.path.size() > 1) return condition + "; and __fish_seen_subcommand_from " + command.path.back();
  std::vector<std::string> below;
  for (const CompletedCommand& other : commands) {
    if (other.path.size() == 2 && other.path.front() == command.path.front())
      below.push_back(other.path.back());
  }
  if (!below.empty()) condition += "; and not __fish_seen_subcommand_from " + Joined(below, " ");
  return condition;
}

std::string FishFlag(const CompletedFlag& flag) {
  std::string line;
  for (const std::string& name : flag.names)
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (flag.takes_value) line += flag.is_file ? " -r -F" : " -x";
  if (!flag.values.empty()) line += " -a " + Quoted(Joined(flag.values, " "));
  if (!flag.asked.empty()) line += " -a " + Quoted("(telltale completion values " + flag.asked + ")");
  return line + " -d " + Quoted(flag.about);
}

std::string FishScript(const std::vector<CompletedCommand>& commands) {
  std::string out =
      "# Completes telltale in fish:  telltale completion fish | source\ncomplete -c telltale -f\n";
  for (const CompletedCommand& command : commands) {
    const std::string begin = "complete -c telltale -n " + Quoted(FishCondition(commands, command));
    for (const std::string& word : command.words) {
      const auto named = std::ranges::find_if(commands, [&](const CompletedCommand& other) {
        return other.path.size() == command.path.size() + 1 && other.path.back() == word &&
               std::equal(command.path.begin(), command.path.end(), other.path.begin());
      });
      out += begin + " -a " + Quoted(word);
      if (named != commands.end()) out += " -d " + Quoted(named->about);
      out += '\n';
    }
    for (const CompletedFlag& flag : command.flags) out += begin + FishFlag(flag) + '\n';
    if (command.takes_files) out += begin + " -F\n";
  }
  return out;
}

struct KnownNames {
  std::string_view what;
  std::string path;
  const char* key;
};

}  // namespace

std::string CompletionScript(Shell shell, const std::vector<CompletedCommand>& commands) {
  switch (shell) {
    case Shell::kBash:
      return BashScript(commands);
    case Shell::kZsh:
      return ZshScript(commands);
    case Shell::kFish:
      return FishScript(commands);
  }
  return {};
}

void PrintKnownNames(const std::string& server, std::string_view what, Terminal& terminal) {
  const KnownNames known[] = {
      {"services", "/api/v1/services", "name"},
      {"models", "/api/v1/aggregate?by=model&sort=calls", "model"},
      {"users", "/api/v1/users?limit=100", "user"},
      {"conversations", "/api/v1/conversations?limit=50", "id"},
  };
  const auto asked = std::ranges::find(known, what, &KnownNames::what);
  if (asked == std::end(known)) return;
  const auto body = ApiClient(server, kAskMs).Get(asked->path);
  if (!body) return;
  auto names = ReadNamesUntrusted(*body, asked->key);
  if (!names) return;
  names->resize(std::min(names->size(), kNamesMax));
  for (const std::string& name : *names) {
    // A line each; what would break a line, or drive a terminal, is not offered.
    const bool is_plain =
        std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
    if (is_plain) terminal.out << name << '\n';
  }
}

}  // namespace telltale
