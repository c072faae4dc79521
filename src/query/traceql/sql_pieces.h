// Text of SQL whose values are parameters, and which is read over a range that is known only
// when it becomes part of a statement.
//
//   SqlParameters parameters;
//   SqlPiece piece{.text = "name = " + parameters.Text("GET /"), .parameters = parameters.list()};
//   AddPiece(piece, window, sql);         // sql << ...
//
// Thread safety  Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/filter.h"
#include "query/statement.h"
#include "store/engine.h"

namespace telltale::traceql {

// Stand in a text for ` AND start >= ... AND start < ...`: of the statement's own range, and of
// everything that can belong to a trace of it. User input is never text, so they are only ours.
inline constexpr char kRangeMark = '\x01';
inline constexpr char kTracesRangeMark = '\x02';

// How far the spans of one trace are looked for from a match: a day holds a conversation that
// is one trace.
inline constexpr int64_t kTraceReachNano = 24 * 3'600'000'000'000;

TimeRange Widened(const TimeRange& range, int64_t by_nano);

// Values of users, each under a name of its own. Of two that go into one statement each needs
// a prefix of its own.
class SqlParameters {
 public:
  explicit SqlParameters(std::string_view prefix = "q") : prefix_(prefix) {}

  std::string Text(std::string_view value) { return Add("String", std::string(value)); }
  std::string Integer(int64_t value) { return Add("Int64", std::to_string(value)); }
  std::string Real(double value);

  const std::vector<QueryParameter>& list() const { return list_; }

 private:
  std::string Add(std::string_view type, std::string value);

  const std::string prefix_;
  std::vector<QueryParameter> list_;
};

struct SqlPiece {
  std::string text;
  std::vector<QueryParameter> parameters;
};

void AddText(std::string_view text, const TimeRange& range, Statement& sql);
void AddPiece(const SqlPiece& piece, const TimeRange& range, Statement& sql);

}  // namespace telltale::traceql
