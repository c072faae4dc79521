// token_timer: how long tokenizing a file takes, on one thread, in CPU time.
//
//   token_timer --encoding o200k_base --rounds 5 FILE
//   token_timer --encoding o200k_base --prompts 4600 --warm OTHER FILE
//
// Prints one JSON object: bytes, tokens and nanoseconds of each round, or of each prompt,
// each of which is met once.

#include <CLI/CLI.hpp>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace {

uint64_t CpuNanos() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Options {
  std::string encoding = "o200k_base";
  std::string file;
  std::string warm;
  size_t rounds = 5;
  size_t prompt_bytes = 0;
  bool ids = false;
};

uint64_t Tokenize(const telltale::Tokenizer& tokenizer, std::string_view text, bool ids,
                  std::vector<uint32_t>& out) {
  if (!ids) return tokenizer.Count(text);
  out.clear();
  tokenizer.Encode(text, out);
  return out.size();
}

void Measure(const telltale::Tokenizer& tokenizer, const Options& options, std::string_view text,
             nlohmann::json& result) {
  std::vector<uint32_t> out;
  uint64_t tokens = 0;
  const size_t step = options.prompt_bytes == 0 ? text.size() : options.prompt_bytes;
  const size_t rounds = options.prompt_bytes == 0 ? options.rounds : text.size() / step;
  for (size_t round = 0; round < rounds; ++round) {
    const std::string_view part = options.prompt_bytes == 0 ? text : text.substr(round * step, step);
    const uint64_t start = CpuNanos();
    tokens = Tokenize(tokenizer, part, options.ids, out);
    result["nanos"].push_back(CpuNanos() - start);
  }
  result["tokens"] = tokens;
  result["bytes"] = step;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("How long tokenizing takes");
  Options options;
  app.add_option("FILE", options.file)->required();
  app.add_option("--encoding", options.encoding);
  app.add_option("--rounds", options.rounds);
  app.add_option("--prompts", options.prompt_bytes, "Cut FILE into prompts of so many bytes");
  app.add_option("--warm", options.warm, "Tokenize this file first");
  app.add_flag("--ids", options.ids, "Encode, not only count");
  CLI11_PARSE(app, argc, argv);

  const uint64_t start = CpuNanos();
  const auto tokenizer = telltale::Tokenizer::ForEncoding(options.encoding);
  if (!tokenizer) {
    std::cerr << "error: " << tokenizer.error().message << '\n';
    return 1;
  }
  nlohmann::json result = {{"open_nanos", CpuNanos() - start}, {"nanos", nlohmann::json::array()}};
  if (!options.warm.empty()) (*tokenizer)->Count(ReadFile(options.warm));
  Measure(**tokenizer, options, ReadFile(options.file), result);
  std::cout << result.dump() << '\n';
  return 0;
}
