// Adds `telltale prices` to the command line.
//
// Ownership      `app` must outlive the PricesCommands, and the other way round while
//                it parses: options are written into it.
// Thread safety  One thread at a time.
#pragma once

#include <memory>

namespace CLI {
class App;
}

namespace telltale {

struct Terminal;

class PricesCommands {
 public:
  explicit PricesCommands(CLI::App& app);
  ~PricesCommands();
  PricesCommands(const PricesCommands&) = delete;

  bool parsed() const;
  // REQUIRES: parsed().
  int Run(Terminal& terminal);

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace telltale
