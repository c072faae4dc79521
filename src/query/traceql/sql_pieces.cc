#include "query/traceql/sql_pieces.h"

#include <fmt/format.h>

#include <limits>

namespace telltale::traceql {
namespace {

// Times are ours, so they may be text.
void AddRange(const TimeRange& range, Statement& sql) {
  const TimeRange all;
  const auto add = [&](std::string_view comparison, int64_t unix_nano) {
    sql << " AND start " << comparison << " fromUnixTimestamp64Nano(" << std::to_string(unix_nano)
        << ", 'UTC')";
  };
  if (range.start_unix_nano > all.start_unix_nano) add(">=", range.start_unix_nano);
  if (range.end_unix_nano < all.end_unix_nano) add("<", range.end_unix_nano);
}

}  // namespace

TimeRange Widened(const TimeRange& range, int64_t by_nano) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  return {.start_unix_nano = range.start_unix_nano > by_nano ? range.start_unix_nano - by_nano : 0,
          .end_unix_nano = range.end_unix_nano < kMost - by_nano ? range.end_unix_nano + by_nano : kMost};
}

std::string SqlParameters::Real(double value) {
  return Add("Float64", fmt::format("{}", value));
}

std::string SqlParameters::Add(std::string_view type, std::string value) {
  std::string name = prefix_ + std::to_string(list_.size());
  std::string text = "{" + name + ":" + std::string(type) + "}";
  list_.push_back({std::move(name), std::move(value)});
  return text;
}

void AddText(std::string_view text, const TimeRange& range, Statement& sql) {
  constexpr char kMarks[] = {kRangeMark, kTracesRangeMark};
  while (true) {
    const size_t mark = text.find_first_of(std::string_view(kMarks, sizeof kMarks));
    sql << text.substr(0, mark);
    if (mark == std::string_view::npos) return;
    AddRange(text[mark] == kRangeMark ? range : Widened(range, kTraceReachNano), sql);
    text.remove_prefix(mark + 1);
  }
}

void AddPiece(const SqlPiece& piece, const TimeRange& range, Statement& sql) {
  AddText(piece.text, range, sql);
  sql.Parameters(piece.parameters);
}

}  // namespace telltale::traceql
