// telltale: reads the command line and starts what it names.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <string>

#include "base/log.h"
#include "cli/register.h"
#include "demo.h"
#include "process.h"
#include "server.h"
#include "settings.h"
#include "simulate/provider.h"

namespace telltale {
namespace {

int UseLogLevel(const std::string& name) {
  constexpr std::pair<std::string_view, LogLevel> kLevels[] = {{"debug", LogLevel::kDebug},
                                                               {"info", LogLevel::kInfo},
                                                               {"warn", LogLevel::kWarn},
                                                               {"error", LogLevel::kError}};
  for (const auto& [text, level] : kLevels) {
    if (name != text) continue;
    SetLogLevel(level);
    return 0;
  }
  return Report(
      {ErrorCode::kInvalidInput, "--log-level: '" + name + "': not one of debug, info, warn, error", {}});
}

void Announce(const Server& server) {
  std::cerr << "telltale " << TELLTALE_VERSION << " is ready\n";
  if (server.http().on) std::cerr << "  UI and API   http://" << server.http().Text() << '\n';
  if (server.tempo().on) std::cerr << "  Tempo API    http://" << server.tempo().Text() << '\n';
  if (server.otlp_grpc().on) std::cerr << "  OTLP/gRPC    http://" << server.otlp_grpc().Text() << '\n';
  if (server.otlp_http().on) std::cerr << "  OTLP/HTTP    http://" << server.otlp_http().Text() << '\n';
  if (server.clickhouse().on) std::cerr << "  ClickHouse   http://" << server.clickhouse().Text() << '\n';
}

int Serve(CLI::App& command, const Settings& settings) {
  if (Status read = ApplySettingsFile(command); !read) return Report(read.error());
  if (const int bad = UseLogLevel(settings.log_level); bad != 0) return bad;
  auto options = ServeOptions::From(settings);
  if (!options) return Report(options.error());
  auto server = Server::Start(*options);
  if (!server) return Report(server.error());
  Announce(**server);
  WaitForStopSignal();
  std::cerr << "stopping\n";
  (*server)->Stop();
  return 0;
}

struct SimulateFlags {
  std::string listen = "127.0.0.1:4010";
  std::string ready_file;
  SimulateOptions options;
};

int Simulate(SimulateFlags& flags) {
  auto address = ParseListenAddress(flags.listen);
  if (!address) return Report(address.error());
  flags.options.address = address->address;
  flags.options.port = address->port;
  auto provider = SimulatedProvider::Start(flags.options);
  if (!provider) return Report(provider.error());
  address->port = (*provider)->port();
  if (!flags.ready_file.empty()) {
    if (Status written = WriteReady(flags.ready_file, {{"http", address->Text()}}); !written)
      return Report(written.error());
  }
  std::cerr << "simulated provider: OPENAI_BASE_URL=http://" << address->Text() << "/v1\n";
  WaitForStopSignal();
  return 0;
}

void AddSimulate(CLI::App& app, SimulateFlags& flags) {
  CLI::App* command = app.add_subcommand("simulate", "An OpenAI-compatible provider that answers by itself");
  command->add_option("--listen", flags.listen, "ADDR:PORT or PORT; 0 is any free port")
      ->capture_default_str();
  command->add_option("--ready-file", flags.ready_file, "Write pid and address here once it listens");
  command->add_option("--seed", flags.options.seed, "The same seed and request give the same answer")
      ->capture_default_str();
  command->add_option("--latency-ms", flags.options.latency_ms, "Median time to an answer")
      ->capture_default_str();
  command->add_option("--error-rate", flags.options.error_rate, "Share of requests answered 500")
      ->capture_default_str();
  command->add_option("--rate-limit-rate", flags.options.rate_limit_rate, "Share answered 429")
      ->capture_default_str();
  command->add_option("--timeout-rate", flags.options.timeout_rate, "Share never answered")
      ->capture_default_str();
}

int Main(int argc, char** argv) {
  HoldSignals();
  CLI::App app("Telltale tells what every call to a language model did, took, cost and answered.",
               "telltale");
  app.require_subcommand(1);

  Settings settings;
  CLI::App* serve = app.add_subcommand("serve", "Receive, keep and show traces");
  AddSettings(*serve, settings);

  DemoOptions demo_options;
  CLI::App* demo = app.add_subcommand("demo", "serve, with a simulated provider and a small LLM app");
  AddDemo(*demo, demo_options);

  SimulateFlags simulate_flags;
  AddSimulate(app, simulate_flags);
  const CLI::App* version = app.add_subcommand("version", "The version of this program");
  ClientCommands client(app);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, std::cout, std::cerr);
    return code == 0 ? 0 : 2;
  }
  if (serve->parsed()) return Serve(*serve, settings);
  if (demo->parsed()) return RunDemo(*demo, demo_options);
  if (version->parsed()) {
    std::cout << "telltale " << TELLTALE_VERSION << '\n';
    return 0;
  }
  if (app.got_subcommand("simulate")) return Simulate(simulate_flags);
  return client.Run();
}

}  // namespace
}  // namespace telltale

int main(int argc, char** argv) {
  return telltale::Main(argc, argv);
}
