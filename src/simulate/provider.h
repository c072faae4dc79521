// A model provider that is not one: it speaks the OpenAI API, so that demo and tests
// need neither key nor network.
//
//   auto provider = SimulatedProvider::Start({.port = 0, .seed = 7, .latency_ms = 20});
//   // OPENAI_BASE_URL=http://127.0.0.1:<(*provider)->port()>/v1
//
// Answers chat completions (streamed too, with tools, JSON and several choices),
// completions, embeddings and models. What it says depends on seed and request only;
// whether it fails also on how often the same request came before, so that a retry can
// succeed. Token counts are estimates: about four bytes a token.
//
// A client decides over its own request with headers:
//   x-simulate-status: 429          this error instead of an answer (400 to 599)
//   x-simulate-latency-ms: 250      exactly this long (a stream: to its first event)
//   x-simulate-tokens-per-second: 0 a stream's pace; 0: all at once
//   x-simulate-timeout: 30          no answer; the connection ends after so many seconds
//   x-simulate-usage: 1234,56       these prompt and completion tokens
//
// Thread safety  port and Stop may be called from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace telltale {

struct SimulateOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  int threads = 1;
  uint64_t seed = 1;

  // Time to an answer: the median, spread log-normally by `latency_spread` (0: none; 0.35
  // puts nine in ten between 0.56 and 1.8 times the median). Unless a model has a median of its
  // own, small models take half, reasoning models 2.5 times and embeddings a fifth of it.
  double latency_ms = 600;
  double latency_spread = 0.35;
  std::map<std::string, double> latency_ms_by_model;
  // A stream's first event comes after a third of that time, the rest at this pace;
  // 0: all at once.
  double tokens_per_second = 80;

  // Shares of requests, 0 to 1, that fail without being asked to.
  double error_rate = 0;       // 500 or 503
  double rate_limit_rate = 0;  // 429 with Retry-After
  double timeout_rate = 0;     // no answer within `timeout_seconds`
  double timeout_seconds = 60;
};

class SimulatedProvider {
 public:
  static Result<std::unique_ptr<SimulatedProvider>> Start(const SimulateOptions& options,
                                                          const Clock* clock = Clock::System());

  virtual ~SimulatedProvider() = default;  // Stops.
  virtual uint16_t port() const = 0;
  // Answers still waiting for their time are dropped.
  virtual void Stop() = 0;
};

}  // namespace telltale
