// What /api/v1/search answers, read into plain structs, and printed.
//
//   TELLTALE_ASSIGN_OR_RETURN(FoundTexts found, ReadFoundTextsUntrusted(body));
//   PrintFoundTexts(found.items, now, terminal);
//
// Ownership      The structs own all their text.
// Thread safety  Free functions.
// Failure        kCorrupt: not that answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/terminal.h"

namespace telltale {

struct FoundText {
  struct Piece {
    std::string text;
    bool is_match = false;
  };
  std::string trace_id;
  std::string span_id;
  uint64_t start_unix_nano = 0;
  std::string service;
  std::string name;
  std::string field;
  std::string role;
  std::string model;
  std::optional<double> cost;  // dollars
  uint64_t occurrences = 0;
  std::vector<Piece> snippet;
  std::string json;  // the item as it came
};

struct FoundTexts {
  std::vector<FoundText> items;
  std::string next;
  uint64_t searched_back_to_unix_nano = 0;  // 0: as far as was asked
};

Result<FoundTexts> ReadFoundTextsUntrusted(std::string_view body);

// Two lines each: who said it, and the snippet with its matches.
void PrintFoundTexts(const std::vector<FoundText>& items, uint64_t now_unix_nanos, Terminal& terminal);
std::string FoundTextsCsv(const std::vector<FoundText>& items);

}  // namespace telltale
