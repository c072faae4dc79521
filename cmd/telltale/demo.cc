#include "demo.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "process.h"
#include "server.h"
#include "simulate/provider.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

Result<fs::path> FindApp(const std::string& given) {
  if (!given.empty()) {
    if (fs::exists(given)) return fs::path(given);
    return Fail(ErrorCode::kNotFound, "find the demo app: " + given + ": no such file");
  }
  std::error_code ec;
  for (fs::path folder = fs::read_symlink("/proc/self/exe", ec).parent_path(); folder != folder.root_path();
       folder = folder.parent_path()) {
    fs::path app = folder / "examples/guide/demo_app.py";
    if (fs::exists(app, ec)) return app;
  }
  return Fail(ErrorCode::kNotFound, "find the demo app: no examples/guide/demo_app.py above this program",
              "run ./dev demo in a checkout, or name the app with --app");
}

std::vector<std::string> EnvironmentFor(const Server& server, uint16_t provider_port) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    // The app reads these from us, not from whoever started us.
    if (!text.starts_with("OTEL_") && !text.starts_with("OPENAI_")) environment.emplace_back(text);
  }
  environment.push_back("OTEL_EXPORTER_OTLP_ENDPOINT=http://" + server.otlp_grpc().Text());
  environment.push_back("OPENAI_BASE_URL=http://127.0.0.1:" + std::to_string(provider_port) + "/v1");
  environment.push_back("OPENAI_API_KEY=sk-simulated");
  return environment;
}

Result<pid_t> StartApp(const std::string& python, const fs::path& app,
                       const std::vector<std::string>& environment) {
  std::vector<std::string> arguments = {python, app.string()};
  std::vector<char*> argv, envp;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  for (const std::string& entry : environment) envp.push_back(const_cast<char*>(entry.c_str()));
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  // The app gets its signals from us, once, not from the terminal as well.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, argv[0], nullptr, &attributes, argv.data(), envp.data());
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return Fail(ErrorCode::kUnavailable, "start the demo app: " + python + ": " + std::strerror(error),
                "give a Python with the packages of examples/guide/requirements.txt as --python");
  }
  return pid;
}

// True once the app has ended; its exit code is then in `code`.
bool AppEnded(pid_t pid, int options, int& code) {
  int status = 0;
  if (::waitpid(pid, &status, options) != pid) return false;
  code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  return true;
}

}  // namespace

void AddDemo(CLI::App& command, DemoOptions& options) {
  AddSettings(command, options.settings);
  command
      .add_option("--python", options.python, "A Python with the packages of examples/guide/requirements.txt")
      ->capture_default_str();
  command.add_option("--app", options.app, "The app to run; examples/guide/demo_app.py when not given");
}

int RunDemo(CLI::App& command, const DemoOptions& options) {
  if (Status read = ApplySettingsFile(command); !read) return Report(read.error());
  auto serve_options = ServeOptions::From(options.settings);
  if (!serve_options) return Report(serve_options.error());
  auto app = FindApp(options.app);
  if (!app) return Report(app.error());
  auto provider = SimulatedProvider::Start({});
  if (!provider) return Report(provider.error());
  auto server = Server::Start(*serve_options);
  if (!server) return Report(server.error());
  auto pid = StartApp(options.python, *app, EnvironmentFor(**server, (*provider)->port()));
  if (!pid) return Report(pid.error());

  std::cerr << "\n  Telltale is at   http://" << (*server)->http().Text()
            << "\n  A small LLM app sends it traces. Ctrl-C stops everything.\n\n";
  int code = 0;
  bool ended = false;
  while (!ended && !WaitForStopSignal(500)) ended = AppEnded(*pid, WNOHANG, code);
  if (ended) {
    std::cerr << "error: the demo app ended with code " << code << ", see above\n"
              << "hint: are the packages of examples/guide/requirements.txt in this Python? ./dev demo "
                 "installs them\n";
  } else {
    ::kill(*pid, SIGTERM);
    AppEnded(*pid, 0, code);
    code = 0;
  }
  (*server)->Stop();
  return code;
}

}  // namespace telltale
