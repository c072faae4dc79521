// The answer of GET /api/v1/series, read into plain structs.
//
//   TELLTALE_ASSIGN_OR_RETURN(ShownSeriesSet answer, ReadSeriesUntrusted(body));
//
// Ownership      The structs own all their text.
// Thread safety  Free functions; may be called from any thread.
// Failure        kCorrupt: not JSON, or not the document that was asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace telltale {

struct ShownSeries {
  std::vector<std::pair<std::string, std::string>> labels;  // a name, and its value as text
  std::vector<std::optional<double>> values;                // one a step
};

struct ShownSeriesSet {
  uint64_t start_unix_nano = 0;
  uint64_t step_nano = 0;
  std::vector<ShownSeries> series;
  bool truncated = false;
};

Result<ShownSeriesSet> ReadSeriesUntrusted(std::string_view body);

}  // namespace telltale
