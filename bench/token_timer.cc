// token_timer: how long tokenizing a file takes, on one thread, in CPU time.
//
//   token_timer --encoding o200k_base --rounds 5 FILE
//   token_timer --encoding o200k_base --split --warm OTHER FILE
//
// Prints one JSON object: tokens, and the nanoseconds of each round or, with --split, of each
// of the texts that NUL bytes part, each of which is met once.

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
  bool split = false;
  bool ids = false;
};

uint64_t Tokenize(const telltale::Tokenizer& tokenizer, std::string_view text, bool ids,
                  std::vector<uint32_t>& out) {
  if (!ids) return tokenizer.Count(text);
  out.clear();
  tokenizer.Encode(text, out);
  return out.size();
}

std::vector<std::string_view> TextsOf(std::string_view file, const Options& options) {
  if (!options.split) return std::vector(options.rounds, file);
  std::vector<std::string_view> texts;
  for (size_t end = file.find('\0'); end != std::string_view::npos; end = file.find('\0')) {
    texts.push_back(file.substr(0, end));
    file.remove_prefix(end + 1);
  }
  texts.push_back(file);
  return texts;
}

void Measure(const telltale::Tokenizer& tokenizer, const Options& options, std::string_view file,
             nlohmann::json& result) {
  std::vector<uint32_t> out;
  uint64_t tokens = 0;
  const std::vector<std::string_view> texts = TextsOf(file, options);
  for (const std::string_view text : texts) {
    const uint64_t start = CpuNanos();
    tokens += Tokenize(tokenizer, text, options.ids, out);
    result["nanos"].push_back(CpuNanos() - start);
  }
  result["tokens"] = options.split ? tokens : tokens / texts.size();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("How long tokenizing takes");
  Options options;
  app.add_option("FILE", options.file)->required();
  app.add_option("--encoding", options.encoding);
  app.add_option("--rounds", options.rounds)->check(CLI::PositiveNumber);
  app.add_flag("--split", options.split, "FILE is many texts with NUL bytes between them");
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
