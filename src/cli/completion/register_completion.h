// Adds `telltale completion` to the command line.
//
//   CompletionCommands completion(app);       // after every other command
//   if (completion.parsed()) return completion.Run(terminal);
//
// What a value can be is read from the words in the help: ONE|OTHER are its values, with
// ",..." behind them a list of such, and SERVICE, MODEL, USER and CONVERSATION what a server knows.
//
// Ownership      `app` must outlive it, and the other way round while it parses.
// Thread safety  One thread at a time.
#pragma once

#include <memory>

namespace CLI {
class App;
}

namespace telltale {

struct Terminal;

class CompletionCommands {
 public:
  explicit CompletionCommands(CLI::App& app);
  ~CompletionCommands();
  CompletionCommands(const CompletionCommands&) = delete;

  bool parsed() const;
  // REQUIRES: parsed().
  int Run(Terminal& terminal);

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace telltale
