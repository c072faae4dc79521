// Reads and writes price files: our own format, docs/reference/price_file.md.
//
//   TELLTALE_ASSIGN_OR_RETURN(const PriceFile file, ReadPriceFileUntrusted(text, "prices.toml"));
//   for (const PriceRule& rule : file.rules) ...
//
//   provider = "openai"
//   [[rule]]
//   model = "ft:gpt-4o-mini-2024-07-18:acme:*"
//   input = 0.30                       # dollars per million tokens
//   output = 1.20
//
// Failure        The first mistake: "read prices: prices.toml: line 3: input: -1: ...".
// Thread safety  Free functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pricing/price_rule.h"

namespace telltale {

// Every model of every provider is a few thousand rules and 200 KB.
constexpr size_t kPriceFileBytesMax = 16u << 20;
constexpr size_t kPriceRulesMax = 100'000;
constexpr size_t kPriceNameBytesMax = 256;

struct PriceFile {
  std::string name;
  std::string hash;  // 12 hex digits of the text
  std::vector<PriceRule> rules;
};

// REQUIRES nothing of `text`. `name` is how messages call the file.
Result<PriceFile> ReadPriceFileUntrusted(std::string_view text, const std::string& name);

// Reads the file at `path`, up to kPriceFileBytesMax.
Result<std::string> ReadPriceFileText(const std::string& path);
Result<PriceFile> ReadPriceFile(const std::string& path);

// Days as price files tell them: 2026-07-24, midnight UTC. Empty: not a day.
Result<uint64_t> UnixNanosOfDay(std::string_view day);

// `text`, one line, as a TOML string with its quotes.
std::string TomlText(std::string_view text);

// A [[rule]] entry, with a line end after each line, that reads back as this rule.
std::string RuleText(const PriceRule& rule);

}  // namespace telltale
