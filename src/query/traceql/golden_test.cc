// tests/golden/traceql_sql: queries, and the SQL that they become: the condition that names
// candidates, with what else a trace needs, and the statement that reads traces whole.
// TELLTALE_UPDATE_GOLDEN=1 rewrites the answers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "query/testing/fake_engine.h"
#include "query/traceql/joined_rows.h"
#include "query/traceql/matched_spans.h"
#include "query/traceql/search.h"

namespace telltale::traceql {
namespace {

namespace fs = std::filesystem;

std::string Shown(std::string_view text, const std::vector<QueryParameter>& parameters) {
  std::string shown;
  for (const char byte : text) {
    if (byte == kRangeMark) {
      shown += "<range>";
    } else if (byte == kTracesRangeMark) {
      shown += "<range of traces>";
    } else {
      shown += byte;
    }
  }
  for (const QueryParameter& parameter : parameters)
    shown += "\n  " + parameter.name + " = " + parameter.value;
  return shown + "\n";
}

std::string AnswerOf(const std::string& text) {
  const auto query = TraceQuery::Parse(text);
  if (!query) return "--- error\n" + query.error().message + "\n";
  const Plan& plan = (*query)->plan();
  const DriverCondition alone = DriverOf(plan, DriverForm::kAlone, {});
  std::string answer = std::string("--- driver, ") + (alone.is_exact ? "exact" : "at most") + "\n" +
                       Shown(alone.piece.text, alone.piece.parameters);
  const DriverCondition needs = DriverOf(plan, DriverForm::kWithNeeds, {});
  if (needs.piece.text != alone.piece.text)
    answer += "--- with needs\n" + Shown(needs.piece.text, needs.piece.parameters);
  if (!alone.is_exact) {
    const TraceId id = IdOf<16>(1);
    const QueryRequest rows = TraceTablesStatement(plan, {.ids = {&id, 1}, .range = {}});
    answer += "--- rows\n" + Shown(rows.sql, rows.parameters);
  }
  // Some resource has each of the attributes.
  FakeEngine engine;
  Rows found;
  for (size_t i = 0; i < plan.UnscopedKeys().size(); ++i) found.Number<uint8_t>(1);
  engine.Answer(found);
  const auto calls =
      (*query)->is_metric() ? nullptr : CallConditionOfFilter(engine, **query, {}).value_or(nullptr);
  if (calls) answer += "--- calls\n" + Shown(calls->text, calls->parameters);
  return answer;
}

// "# comment" lines, then "--- query", the query, and its answer up to an empty line.
std::string Rewritten(const fs::path& path) {
  std::ifstream file(path);
  std::string shown, line, query;
  bool in_query = false;
  const auto end_query = [&] {
    if (!query.empty()) shown += "--- query\n" + query + "\n" + AnswerOf(query) + "\n";
    query.clear();
  };
  while (std::getline(file, line)) {
    if (line == "--- query") {
      in_query = true;
    } else if (line.starts_with("--- ") || line.empty()) {
      in_query = false;
      end_query();
    } else if (in_query) {
      query += (query.empty() ? "" : "\n") + line;
    } else if (line.starts_with("#")) {
      shown += line + "\n";
    }
  }
  end_query();
  return shown;
}

TEST(TraceQlSql, IsWhatTheFilesShow) {
  for (const auto& entry : fs::directory_iterator("tests/golden/traceql_sql")) {
    const std::string shown = Rewritten(entry.path());
    std::ifstream file(entry.path());
    const std::string expected{std::istreambuf_iterator<char>(file), {}};
    if (std::getenv("TELLTALE_UPDATE_GOLDEN") != nullptr) std::ofstream(entry.path()) << shown;
    EXPECT_EQ(shown, expected) << entry.path();
  }
}

}  // namespace
}  // namespace telltale::traceql
