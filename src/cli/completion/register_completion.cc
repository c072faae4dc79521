#include "cli/completion/register_completion.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/api_client.h"
#include "cli/completion/completion.h"
#include "cli/terminal.h"

namespace telltale {
namespace {

constexpr std::string_view kListEnd = ",...";

// What a server knows, by the word in the help.
constexpr std::pair<std::string_view, std::string_view> kAsked[] = {
    {"SERVICE", "services"}, {"MODEL", "models"}, {"USER", "users"}, {"CONVERSATION", "conversations"}};

// Flags whose value is a path; the help calls it a text.
constexpr std::string_view kPaths[] = {"--config",     "--data",  "--prices", "--mapping",
                                       "--ready-file", "--llama", "--python", "--app"};

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t bar = std::min(text.find('|'), text.size());
    parts.emplace_back(text.substr(0, bar));
    text.remove_prefix(std::min(bar + 1, text.size()));
  }
  return parts;
}

CompletedFlag FlagOf(const CLI::Option& option) {
  CompletedFlag flag{.names = {}, .about = option.get_description()};
  for (const std::string& name : option.get_lnames()) flag.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) flag.names.push_back("-" + name);
  flag.takes_value = option.get_items_expected_max() > 0;
  flag.is_file = std::ranges::any_of(flag.names, [](const std::string& name) {
    return std::ranges::find(kPaths, name) != std::end(kPaths);
  });
  std::string type = option.get_type_name();
  if (type.ends_with(kListEnd)) {
    flag.is_list = true;
    type.resize(type.size() - kListEnd.size());
  }
  if (type.find('|') != std::string::npos) flag.values = Split(type);
  for (const auto& [word, asked] : kAsked) {
    if (type == word) flag.asked = asked;
  }
  return flag;
}

void AddCommands(const CLI::App& app, const std::vector<std::string>& path,
                 std::vector<CompletedCommand>& commands) {
  CompletedCommand command{.path = path, .about = app.get_description()};
  const std::vector<const CLI::App*> below = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* sub : below) command.words.push_back(sub->get_name());
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      const CompletedFlag argument = FlagOf(*option);
      command.words.insert(command.words.end(), argument.values.begin(), argument.values.end());
      command.takes_files = command.takes_files || option->get_name() == "FILE";
    } else {
      command.flags.push_back(FlagOf(*option));
    }
  }
  commands.push_back(std::move(command));
  for (const CLI::App* sub : below) {
    std::vector<std::string> further = path;
    further.push_back(sub->get_name());
    AddCommands(*sub, further, commands);
  }
}

}  // namespace

struct CompletionCommands::Parsed {
  explicit Parsed(CLI::App& the_app) : app(the_app) {
    completion = app.add_subcommand("completion", "Print a script that completes telltale in a shell");
    completion->require_subcommand(1);
    constexpr const char* kAbout[] = {"For bash: source <(telltale completion bash)",
                                      "For zsh: source <(telltale completion zsh)",
                                      "For fish: telltale completion fish | source"};
    for (size_t i = 0; i < std::size(kShellNames); ++i)
      shells.push_back(completion->add_subcommand(std::string(kShellNames[i]), kAbout[i]));
    values = completion->add_subcommand("values", "What a running server knows, for the scripts above");
    values->add_option("WHAT", what, "services, models, users or conversations")
        ->type_name("services|models|users|conversations")
        ->required();
    values
        ->add_option("--server", server,
                     "Address of the server; " + std::string(kDefaultServer) + " when not given")
        ->envname("TELLTALE_SERVER");
  }

  CLI::App& app;
  CLI::App* completion = nullptr;
  std::vector<CLI::App*> shells;
  CLI::App* values = nullptr;
  std::string what;
  std::string server;
};

CompletionCommands::CompletionCommands(CLI::App& app) : parsed_(std::make_unique<Parsed>(app)) {}
CompletionCommands::~CompletionCommands() = default;

bool CompletionCommands::parsed() const {
  return parsed_->completion->parsed();
}

int CompletionCommands::Run(Terminal& terminal) {
  if (parsed_->values->parsed()) {
    PrintKnownNames(parsed_->server, parsed_->what, terminal);
    return kExitOk;
  }
  std::vector<CompletedCommand> commands;
  AddCommands(parsed_->app, {}, commands);
  for (size_t i = 0; i < parsed_->shells.size(); ++i) {
    if (parsed_->shells[i]->parsed()) terminal.out << CompletionScript(static_cast<Shell>(i), commands);
  }
  return kExitOk;
}

}  // namespace telltale
