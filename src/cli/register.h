// Adds the commands that ask a running server to the command line.
//
//   CLI::App app;
//   ClientCommands client(app);
//   app.parse(argc, argv);
//   if (client.parsed()) return client.Run();
//
// Ownership      `app` must outlive the ClientCommands, and the other way round while
//                it parses: options are written into it.
// Thread safety  One thread at a time.
#pragma once

#include <memory>

namespace CLI {
class App;
}

namespace telltale {

class ClientCommands {
 public:
  explicit ClientCommands(CLI::App& app);
  ~ClientCommands();
  ClientCommands(const ClientCommands&) = delete;

  // True when the command line named one of these commands.
  bool parsed() const;
  // Runs it and gives the exit code. REQUIRES: parsed().
  int Run();

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace telltale
