// What keeping content once costs on the way of every span: to cut, and to cut, hash and look
// up. Counted in bytes of the values.
#include <benchmark/benchmark.h>

#include <string>

#include "content/content_keeper.h"
#include "content/word_groups.h"

namespace telltale {
namespace {

constexpr uint64_t kNow = 1'764'028'800'000;

// A history of `messages` messages of some 700 bytes with what prose and code have to escape.
std::string History(int messages) {
  std::string json = "[";
  for (int i = 0; i < messages; ++i) {
    if (i > 0) json += ',';
    json += R"({"role":"user","parts":[{"type":"text","content":")" + std::to_string(i);
    for (int line = 0; line < 8; ++line) {
      json += R"( The quick brown fox said \"yes\" to the lazy dog, and went on its way.\n)";
    }
    json += R"("}]})";
  }
  return json + "]";
}

void CutHistory(benchmark::State& state) {
  const std::string value = History(static_cast<int>(state.range(0)));
  std::vector<Piece> pieces;
  for (auto _ : state) {
    CutUntrusted(value, pieces);
    benchmark::DoNotOptimize(pieces.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(value.size()));
}
BENCHMARK(CutHistory)->Arg(5)->Arg(100);

void CutNumbers(benchmark::State& state) {
  std::string value = "[";
  for (int i = 0; i < 1536; ++i) value += "-0.0123456789,";
  value += "1]";
  std::vector<Piece> pieces;
  for (auto _ : state) {
    CutUntrusted(value, pieces);
    benchmark::DoNotOptimize(pieces.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(value.size()));
}
BENCHMARK(CutNumbers);

// What a search needs: the words of what is new.
void WordsOfHistory(benchmark::State& state) {
  const std::string value = History(100);
  WordSet words;
  for (auto _ : state) {
    words.Clear();
    words.AddUntrusted(value);
    benchmark::DoNotOptimize(words.keys().size());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(value.size()));
}
BENCHMARK(WordsOfHistory);

// Prose of 3,000 words by frequency, as much as a request of LLM spans has.
void WordsOfProse(benchmark::State& state) {
  std::string text;
  uint32_t random = 1;
  const auto next = [&](uint32_t below) {
    random = random * 1664525 + 1013904223;
    return (random >> 8) % below;
  };
  while (text.size() < 600'000) {
    uint32_t word = next(next(next(3000) + 1) + 1) + 1;
    for (uint32_t letters = 2 + word % 9; letters > 0; --letters, word = word * 7 + 3)
      text += static_cast<char>('a' + word % 23);
    text += ' ';
  }
  WordSet words;
  for (auto _ : state) {
    words.Clear();
    words.AddUntrusted(text);
    benchmark::DoNotOptimize(words.keys().size());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
BENCHMARK(WordsOfProse);

// Everything is known: what a history that is sent again costs.
void KeepKnownHistory(benchmark::State& state) {
  const std::string value = History(static_cast<int>(state.range(0)));
  RecentChunks recent;
  std::string out;
  ContentKeeper first(recent, kNow);
  first.Keep(value, out);
  for (const FreshChunk& chunk : first.fresh()) recent.Remember({&chunk.hash, 1}, kNow);
  ContentKeeper keeper(recent, kNow);
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(keeper.Keep(value, out));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(value.size()));
}
BENCHMARK(KeepKnownHistory)->Arg(5)->Arg(100);

}  // namespace
}  // namespace telltale
