// `telltale demo`: a server, a simulated provider and a small LLM app whose traces one
// then looks at. The app is examples/guide/demo_app.py, with the real OpenTelemetry SDK
// and the real openai client.
#pragma once

#include <string>

#include "settings.h"

namespace CLI {
class App;
}

namespace telltale {

struct DemoOptions {
  Settings settings;
  std::string python = "python3";
  std::string app;  // empty: examples/guide/demo_app.py of the checkout
};

void AddDemo(CLI::App& command, DemoOptions& options);

// Runs until SIGINT or SIGTERM, or until the app ends; gives the exit code.
int RunDemo(CLI::App& command, const DemoOptions& options);

}  // namespace telltale
