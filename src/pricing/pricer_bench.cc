// What a price costs: a model seen before, and one that was not.
#include <benchmark/benchmark.h>

#include <string>

#include "pricing/built_in.h"
#include "pricing/pricer.h"

namespace telltale {
namespace {

constexpr Usage kUsage = {
    .input_tokens = 9000, .output_tokens = 500, .cache_read_tokens = 5000, .reasoning_tokens = 100};

void BM_PriceOfAKnownModel(benchmark::State& state) {
  const Pricer pricer(PriceTable::BuiltIn());
  for (auto _ : state) {
    benchmark::DoNotOptimize(pricer.Price(kUsage, {.provider = "anthropic",
                                                   .request_model = "claude-sonnet-4-5",
                                                   .response_model = "claude-sonnet-4-5-20250929",
                                                   .at_unix_nanos = 1'785'000'000'000'000'000}));
  }
}
BENCHMARK(BM_PriceOfAKnownModel);

void BM_PriceOfANewModel(benchmark::State& state) {
  const Pricer pricer(PriceTable::BuiltIn());
  uint64_t number = 0;
  for (auto _ : state) {
    const std::string model = "gpt-4o-" + std::to_string(number++);
    benchmark::DoNotOptimize(pricer.Price(kUsage, {.provider = "openai", .request_model = model}));
  }
}
BENCHMARK(BM_PriceOfANewModel);

void BM_ReadTheTable(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(PriceTable::Of(BuiltInPriceFiles(), {}));
}
BENCHMARK(BM_ReadTheTable)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace telltale
