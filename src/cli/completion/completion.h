// Scripts that complete `telltale` in a shell, made from what the command line says of itself.
//
//   std::cout << CompletionScript(Shell::kBash, commands);
//
// Names that only a running server knows (services, models ...) the script asks for with
// `telltale completion values NAME`.
//
// Thread safety  Free functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.h"

namespace telltale {

struct CompletedFlag {
  std::vector<std::string> names;  // --kind, -k
  std::string about;
  bool takes_value = false;
  bool is_list = false;             // of values with commas
  std::vector<std::string> values;  // what can stand behind it
  std::string asked;                // or what a server knows
  bool is_file = false;             // or a file or folder
};

struct CompletedCommand {
  std::vector<std::string> path;  // {"prices", "list"}; empty: the program itself
  std::string about;
  std::vector<CompletedFlag> flags;
  std::vector<std::string> words;  // subcommands, or the values of an argument
  bool takes_files = false;
};

enum class Shell { kBash, kZsh, kFish };
inline constexpr std::string_view kShellNames[] = {"bash", "zsh", "fish"};

std::string CompletionScript(Shell shell, const std::vector<CompletedCommand>& commands);

// Prints the names that a running server knows, a line each; none where it does not answer at
// once. Never an error: nobody wants to read one while typing.
void PrintKnownNames(const std::string& server, std::string_view what, Terminal& terminal);

}  // namespace telltale
