// tests/golden/traceql: queries, and what is read out of them: the one spelling, its tree, or
// the error with its place. TELLTALE_UPDATE_GOLDEN=1 rewrites the answers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "traceql/format.h"
#include "traceql/parse.h"
#include "traceql/testing/tree_text.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> GoldenFiles() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator("tests/golden/traceql")) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

struct Case {
  std::string comment;  // with its line breaks, as are blank lines
  std::string query;
};

// What stands before "--- query" is comment, what stands behind the query up to an empty line
// is the answer.
std::vector<Case> CasesOf(const fs::path& path) {
  std::vector<Case> cases;
  std::ifstream file(path);
  std::string line, comment;
  enum { kOutside, kQuery, kAnswer } part = kOutside;
  while (std::getline(file, line)) {
    if (line == "--- query") {
      part = kQuery;
      cases.push_back({.comment = comment, .query = {}});
      comment.clear();
    } else if (line.starts_with("--- ")) {
      part = kAnswer;
    } else if (line.empty() && part != kOutside) {
      part = kOutside;
    } else if (part == kQuery) {
      cases.back().query += (cases.back().query.empty() ? "" : "\n") + line;
    } else if (part == kOutside) {
      comment += line + "\n";
    }
  }
  return cases;
}

std::string AnswerOf(const std::string& text) {
  auto query = ParseTraceQlUntrusted(text);
  if (!query) {
    const Error error = ToError(text, query.error());
    return "--- error\n" + error.message + "\n" + CaretText(text, query.error()) +
           (error.hint.empty() ? "" : "hint: " + error.hint + "\n");
  }
  const std::string line = FormatTraceQl(*query);
  const std::string lines = FormatTraceQlLines(*query);
  const std::string tree = traceql::TreeText::Of(*query);
  for (const std::string& written : {line, lines, FormatTraceQlLines(*query, 20)}) {
    auto again = ParseTraceQlUntrusted(written);
    if (!again) {
      ADD_FAILURE() << "written, and then refused: " << written << ": " << again.error().message;
    } else {
      EXPECT_EQ(traceql::TreeText::Of(*again), tree) << written;
      EXPECT_EQ(FormatTraceQl(*again), line);
    }
  }
  return "--- text\n" + line + "\n" + (lines == line ? "" : "--- lines\n" + lines + "\n") + "--- tree\n" +
         tree;
}

class TraceQlGolden : public ::testing::TestWithParam<fs::path> {};

TEST_P(TraceQlGolden, IsReadAsTheFileShows) {
  std::string shown;
  for (const Case& one : CasesOf(GetParam()))
    shown += one.comment + "--- query\n" + one.query + "\n" + AnswerOf(one.query) + "\n";
  std::ifstream file(GetParam());
  const std::string expected{std::istreambuf_iterator<char>(file), {}};
  if (std::getenv("TELLTALE_UPDATE_GOLDEN") != nullptr) std::ofstream(GetParam()) << shown;
  EXPECT_EQ(shown, expected) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(TraceQl, TraceQlGolden, ::testing::ValuesIn(GoldenFiles()),
                         [](const auto& named) { return named.param.stem().string(); });

}  // namespace
}  // namespace telltale
