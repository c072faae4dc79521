// A dashboard of a month over two million calls, with the sums of past days and without. `cpu_ms` is that of
// all threads, for each question.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <filesystem>
#include <string>

#include "base/check.h"
#include "query/call_roll_ups.h"
#include "query/calls.h"
#include "store/embedded_engine.h"
#include "store/schema/migrations.h"

namespace telltale {
namespace {

constexpr int64_t kHour = 3'600'000'000'000;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kFirst = 1'763'942'400'000'000'000;  // 2025-11-24
constexpr int kDays = 30;
constexpr int kCallsADay = 67'000;

double CpuMs() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

// Ten services with three operations each, five models.
std::unique_ptr<Engine> MakeStore() {
  std::string name = (std::filesystem::temp_directory_path() / "telltale-sums-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  auto engine = EmbeddedEngine::Open({.folder = folder / "store"});
  TELLTALE_CHECK(engine && Migrate(**engine), "no store");
  for (int day = 0; day < kDays; ++day) {
    const int64_t start = kFirst + day * kDay;
    const Status filled = (*engine)->Execute(
        "INSERT INTO calls (trace_id, span_id, start, duration, service, name, kind, provider, "
        "request_model, "
        "response_model, failed, user, time_to_first_token, input_tokens, output_tokens, counts, cost, "
        "cost_status, "
        "received) SELECT toFixedString(toString(rand()), 16), toFixedString(toString(number % 99), 8), "
        "fromUnixTimestamp64Nano(" +
        std::to_string(start) + " + number * " + std::to_string(kDay / kCallsADay) +
        ", 'UTC'), toInt64(exp(20 + randNormal(0, 1))), 'service-' || toString(number % 10), 'operation-' || "
        "toString(number % 30), if(number % 30 > 27, 5, 1), 'p', 'model-' || toString(number % 5), 'model-' "
        "|| "
        "toString(number % 5), rand() % 50 = 0, toString(rand() % 5000), exp(randNormal(0, 1)), 1000 + "
        "rand() % 3000, "
        "rand() % 500, 1, rand() % 1000000, 2, fromUnixTimestamp64Milli(" +
        std::to_string(start / 1'000'000) + ", 'UTC') FROM numbers(" + std::to_string(kCallsADay) + ")");
    TELLTALE_CHECK(filled, filled ? "" : filled.error().message);
  }
  return *std::move(engine);
}

Engine& Store() {
  static Engine* const engine = MakeStore().release();
  return *engine;
}

void Ask(benchmark::State& state, const CallSumQuery& query) {
  double rows = 0;
  const double before = CpuMs();
  for (auto _ : state) {
    const auto sums = SumCalls(Store(), query);
    TELLTALE_CHECK(sums, "no sums");
    rows = static_cast<double>(sums->size());
  }
  state.counters["cpu_ms"] = (CpuMs() - before) / static_cast<double>(state.iterations());
  state.counters["rows"] = rows;
}

// The month, but for its first half hour.
CallSumQuery Month(std::vector<CallDimension> by, int64_t step_nano) {
  CallSumQuery query{.by = std::move(by), .step_nano = step_nano, .limit = 10'000};
  query.filter.range = {.start_unix_nano = kFirst + kHour / 2, .end_unix_nano = kFirst + kDays * kDay};
  return query;
}

void MonthByModel(benchmark::State& state) {
  Ask(state, Month({CallDimension::kModel}, 0));
}
void MonthInDays(benchmark::State& state) {
  Ask(state, Month({CallDimension::kModel}, kDay));
}
void MonthInSixHours(benchmark::State& state) {
  Ask(state, Month({CallDimension::kService}, 6 * kHour));
}
void MonthByUser(benchmark::State& state) {
  Ask(state, Month({CallDimension::kUser}, 0));
}
void Build(benchmark::State& state) {
  CallRollUps roll_ups(Store());
  const double before = CpuMs();
  uint64_t generation = 1;
  for (auto _ : state) {
    for (int i = 0; i < 2; ++i) {
      const Status built = roll_ups.Build("2026-01-01", ++generation);
      TELLTALE_CHECK(built, built ? "" : built.error().message);
    }
  }
  state.counters["cpu_ms"] = (CpuMs() - before) / static_cast<double>(state.iterations());
}

// In this order: before there are sums, and after.
BENCHMARK(MonthByModel)->Name("WithoutSums/MonthByModel")->Unit(benchmark::kMillisecond);
BENCHMARK(MonthInDays)->Name("WithoutSums/MonthInDays")->Unit(benchmark::kMillisecond);
BENCHMARK(MonthInSixHours)->Name("WithoutSums/MonthInSixHours")->Unit(benchmark::kMillisecond);
BENCHMARK(Build)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(MonthByModel)->Unit(benchmark::kMillisecond);
BENCHMARK(MonthInDays)->Unit(benchmark::kMillisecond);
BENCHMARK(MonthInSixHours)->Unit(benchmark::kMillisecond);
BENCHMARK(MonthByUser)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace telltale
