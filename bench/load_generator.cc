// load_generator: sends OTLP traces as fast as a receiver acknowledges them, or at a
// given pace, and prints one JSON line of what happened. See bench/README.md.

#include <time.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "load/random.h"
#include "load/transport.h"
#include "load/workload.h"

namespace telltale::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Distinct requests in all: enough that no dictionary or block sees the same text twice.
constexpr uint32_t kTemplates = 64;
constexpr auto kFirstBackOff = std::chrono::milliseconds(20);
constexpr auto kLongestBackOff = std::chrono::milliseconds(1000);
// A receiver that only fails is reported, not hammered.
constexpr int kFailuresInARowMax = 20;

struct Options {
  std::string endpoint = "127.0.0.1:4317";
  std::string protocol = "grpc";
  std::string workload = "small";
  uint32_t connections = 2;
  uint64_t spans = 0;
  double seconds = 0;
  double spans_per_second = 0;
  double spread_seconds = 0;
  uint32_t spans_per_request = 0;
  uint64_t seed = 1;
  std::string trace_ids_out;

  Workload Kind() const {
    if (workload == "mixed") return Workload::kMixed;
    return workload == "small" ? Workload::kSmall : Workload::kLlm;
  }
  uint32_t RequestSpans() const {
    if (spans_per_request > 0) return spans_per_request;
    return Kind() == Workload::kLlm ? 128 : 512;
  }
};

// What one connection did.
struct Tally {
  uint64_t requests = 0;
  uint64_t spans_acknowledged = 0;
  uint64_t spans_refused = 0;
  uint64_t bytes_acknowledged = 0;
  uint64_t retries = 0;
  uint64_t errors = 0;
  std::string last_error;
  std::vector<double> latencies_ms;
  std::vector<TraceId> trace_ids;
};

// How much is still to send, shared by all connections.
class Budget {
 public:
  Budget(const Options& options, Clock::time_point start)
      : start_(start),
        requests_(options.spans == 0 ? UINT64_MAX
                                     : (options.spans + options.RequestSpans() - 1) / options.RequestSpans()),
        end_(options.seconds > 0 ? start + std::chrono::duration_cast<Clock::duration>(
                                               std::chrono::duration<double>(options.seconds))
                                 : Clock::time_point::max()),
        requests_per_second_(options.spans_per_second / options.RequestSpans()) {}

  // Waits for the next request's turn; false once everything is sent.
  bool Take() {
    const uint64_t number = taken_.fetch_add(1, std::memory_order_relaxed);
    if (number >= requests_) return false;
    if (requests_per_second_ > 0) {
      const std::chrono::duration<double> turn(static_cast<double>(number) / requests_per_second_);
      const auto at = start_ + std::chrono::duration_cast<Clock::duration>(turn);
      if (at >= end_) return false;
      std::this_thread::sleep_until(at);
    }
    return Clock::now() < end_;
  }

  // Of the requests that are to be sent; 1 where nobody said how many.
  double ShareTaken() const {
    if (requests_ == UINT64_MAX) return 1;
    return static_cast<double>(taken_.load(std::memory_order_relaxed)) / static_cast<double>(requests_);
  }

 private:
  const Clock::time_point start_;
  const uint64_t requests_;
  const Clock::time_point end_;
  const double requests_per_second_;
  std::atomic<uint64_t> taken_{0};
};

uint64_t NowUnixNano() {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count());
}

double ProcessCpuSeconds() {
  timespec time = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

Result<std::unique_ptr<Transport>> Connect(const Options& options) {
  if (options.protocol == "nowhere") return ConnectNowhere();
  if (options.protocol == "http") return ConnectHttp(options.endpoint);
  return ConnectGrpc(options.endpoint);
}

// Sends until acknowledged. False when the receiver refused for good.
bool SendUntilAcknowledged(Transport& transport, const Request& request, Tally& tally) {
  for (auto back_off = kFirstBackOff;; back_off = std::min(back_off * 2, kLongestBackOff)) {
    const auto start = Clock::now();
    Answer answer = transport.Send(request.bytes());
    if (answer.outcome == Outcome::kAcknowledged) {
      tally.latencies_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
      tally.spans_acknowledged += request.span_count() - std::min(answer.refused_spans, request.span_count());
      tally.spans_refused += answer.refused_spans;
      tally.bytes_acknowledged += request.bytes().size();
      ++tally.requests;
      return true;
    }
    tally.last_error = std::move(answer.message);
    if (answer.outcome == Outcome::kFailed) {
      ++tally.errors;
      return false;
    }
    ++tally.retries;
    std::this_thread::sleep_for(back_off);
  }
}

void RunConnection(Transport& transport, std::vector<Request>& requests, Budget& budget,
                   double spread_seconds, Random random, Tally& tally) {
  int failures_in_a_row = 0;
  for (size_t next = 0; budget.Take(); next = (next + 1) % requests.size()) {
    Request& request = requests[next];
    const auto ago = static_cast<uint64_t>(std::max(0.0, spread_seconds * (1 - budget.ShareTaken())) * 1e9);
    request.Stamp(NowUnixNano() - ago, random);
    if (!SendUntilAcknowledged(transport, request, tally)) {
      if (++failures_in_a_row >= kFailuresInARowMax) return;
      continue;
    }
    failures_in_a_row = 0;
    tally.trace_ids.insert(tally.trace_ids.end(), request.trace_ids().begin(), request.trace_ids().end());
  }
}

double Percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<size_t>(share * static_cast<double>(sorted.size())))];
}

nlohmann::ordered_json Report(const Options& options, std::vector<Tally>& tallies, double seconds,
                              double cpu_seconds) {
  Tally sum;
  for (Tally& tally : tallies) {
    sum.requests += tally.requests;
    sum.spans_acknowledged += tally.spans_acknowledged;
    sum.spans_refused += tally.spans_refused;
    sum.bytes_acknowledged += tally.bytes_acknowledged;
    sum.retries += tally.retries;
    sum.errors += tally.errors;
    if (!tally.last_error.empty()) sum.last_error = tally.last_error;
    sum.latencies_ms.insert(sum.latencies_ms.end(), tally.latencies_ms.begin(), tally.latencies_ms.end());
  }
  std::ranges::sort(sum.latencies_ms);
  const std::vector<TraceId>& first = tallies.front().trace_ids;
  const std::vector<TraceId>& last = tallies.back().trace_ids;
  const auto spans = static_cast<double>(std::max<uint64_t>(sum.spans_acknowledged, 1));
  return {{"workload", options.workload},
          {"protocol", options.protocol},
          {"connections", options.connections},
          {"spans_per_request", options.RequestSpans()},
          {"requests", sum.requests},
          {"spans_acknowledged", sum.spans_acknowledged},
          {"spans_refused", sum.spans_refused},
          {"bytes_per_span", static_cast<double>(sum.bytes_acknowledged) / spans},
          {"seconds", seconds},
          {"spans_per_second", static_cast<double>(sum.spans_acknowledged) / seconds},
          {"cpu_seconds", cpu_seconds},
          {"retries", sum.retries},
          {"errors", sum.errors},
          {"last_error", sum.last_error},
          {"latency_ms",
           {{"p50", Percentile(sum.latencies_ms, 0.5)},
            {"p90", Percentile(sum.latencies_ms, 0.9)},
            {"p99", Percentile(sum.latencies_ms, 0.99)},
            {"max", sum.latencies_ms.empty() ? 0 : sum.latencies_ms.back()}}},
          {"first_trace_id", first.empty() ? "" : Hex(first.front())},
          {"last_trace_id", last.empty() ? "" : Hex(last.back())}};
}

Status WriteTraceIds(const std::string& path, const std::vector<Tally>& tallies) {
  std::ofstream out(path);
  for (const Tally& tally : tallies) {
    for (const TraceId& id : tally.trace_ids) out << Hex(id) << '\n';
  }
  if (!out.flush()) return Fail(ErrorCode::kUnavailable, "--trace-ids-out: " + path + ": cannot be written");
  return {};
}

Result<int> Run(const Options& options) {
  std::vector<std::unique_ptr<Transport>> transports;
  std::vector<std::vector<Request>> requests;
  Random random(options.seed);
  // Ids must differ from run to run even where the content is the same.
  Random ids(NowUnixNano() ^ options.seed);
  const uint32_t templates = std::max(kTemplates / options.connections, 4u);
  for (uint32_t i = 0; i < options.connections; ++i) {
    std::vector<Request>& own = requests.emplace_back();
    for (uint32_t k = 0; k < templates; ++k)
      own.push_back(MakeRequest(options.Kind(), options.RequestSpans(), random));
    TELLTALE_ASSIGN_OR_RETURN(auto transport, Connect(options));
    transports.push_back(std::move(transport));
  }

  std::vector<Tally> tallies(options.connections);
  const double cpu_before = ProcessCpuSeconds();
  const auto start = Clock::now();
  Budget budget(options, start);
  {
    std::vector<std::jthread> threads;
    for (uint32_t i = 0; i < options.connections; ++i) {
      threads.emplace_back([&, i, own = Random(ids.Next())] {
        RunConnection(*transports[i], requests[i], budget, options.spread_seconds, own, tallies[i]);
      });
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const double cpu_seconds = ProcessCpuSeconds() - cpu_before;

  if (!options.trace_ids_out.empty()) TELLTALE_RETURN_IF_ERROR(WriteTraceIds(options.trace_ids_out, tallies));
  const nlohmann::ordered_json report = Report(options, tallies, seconds, cpu_seconds);
  std::cout << report.dump() << '\n';
  return report["errors"] == 0 ? 0 : 1;
}

int Main(int argc, char** argv) {
  CLI::App app("Sends OTLP traces as fast as the receiver acknowledges them.", "load_generator");
  Options options;
  app.add_option("--endpoint", options.endpoint, "HOST:PORT of the receiver")->capture_default_str();
  app.add_option("--protocol", options.protocol, "nowhere sends nothing: what the generator itself costs")
      ->check(CLI::IsMember({"grpc", "http", "nowhere"}))
      ->capture_default_str();
  app.add_option("--workload", options.workload,
                 "small: 11 attributes; mixed: the same, where one span in five is a model call; llm: 14 "
                 "attributes, 4 KB of messages")
      ->check(CLI::IsMember({"small", "mixed", "llm"}))
      ->capture_default_str();
  app.add_option("--connections", options.connections, "Each has one request in flight")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--spans", options.spans,
                 "Stop after so many, rounded up to whole requests; default 100000");
  app.add_option("--seconds", options.seconds, "Stop after so long");
  app.add_option("--spans-per-second", options.spans_per_second, "Pace; as fast as possible when not given");
  app.add_option("--spread-seconds", options.spread_seconds,
                 "Spans started evenly over so long before now, the oldest first; needs --spans");
  app.add_option("--spans-per-request", options.spans_per_request,
                 "512 for small, 128 for llm when not given")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--seed", options.seed, "Of the content; ids are always new")->capture_default_str();
  app.add_option("--trace-ids-out", options.trace_ids_out,
                 "Write every acknowledged trace id here, one a line");
  CLI11_PARSE(app, argc, argv);
  if (options.spans == 0 && options.seconds == 0) options.spans = 100'000;

  const Result<int> code = Run(options);
  if (!code) {
    std::cerr << "error: " << code.error().message << '\n';
    return 1;
  }
  return *code;
}

}  // namespace
}  // namespace telltale::bench

int main(int argc, char** argv) {
  return telltale::bench::Main(argc, argv);
}
