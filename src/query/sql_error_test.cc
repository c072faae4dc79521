#include "query/sql_error.h"

#include <gtest/gtest.h>

#include <string>

namespace telltale {
namespace {

Error Say(const std::string& text) {
  return SayEngineErrorUntrusted({ErrorCode::kInvalidInput, text, {}}, "answer the statement");
}

// What the engine said, word for word.
TEST(SqlError, LeavesOutNumbersVersionsAndTheStatementItself) {
  EXPECT_EQ(Say("Code: 47. DB::Exception: Unknown expression identifier `nme` in scope SELECT nme FROM "
                "telltale_sql.spans LIMIT 5. Maybe you meant: ['name']. (UNKNOWN_IDENTIFIER)")
                .message,
            "answer the statement: Unknown expression identifier `nme`. Maybe you meant: ['name']");
  EXPECT_EQ(
      Say("Code: 43. DB::Exception: Illegal types String and UInt8 of arguments of function plus: In scope "
          "SELECT 'a' + 1. (ILLEGAL_TYPE_OF_ARGUMENT)")
          .message,
      "answer the statement: Illegal types String and UInt8 of arguments of function plus");
  EXPECT_EQ(Say("Code: 182. DB::Exception: Storage View (table telltale_sql.spans "
                "(93374d2b-4821-4390-a4cb-26d6f8e5b86b)) does not support PREWHERE. (ILLEGAL_PREWHERE)")
                .message,
            "answer the statement: Storage View (table spans) does not support PREWHERE");
  EXPECT_EQ(Say("Code: 395. DB::Exception: Value passed to 'throwIf' function is non-zero: while executing "
                "'FUNCTION "
                "throwIf(__table1.number)'. (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)")
                .message,
            "answer the statement: Value passed to 'throwIf' function is non-zero");
}

TEST(SqlError, SaysWhereASyntaxErrorIsAndWhatWasExpected) {
  const Error error =
      Say("Code: 62. DB::Exception: Syntax error: failed at position 26 (1) (line 3, col 7): 1. Expected one "
          "of: token, "
          "Comma, FROM: In scope SELECT formatQuerySingleLine('...'). (SYNTAX_ERROR)");
  EXPECT_EQ(error.message, "read the statement: syntax error at line 3, column 7: 1");
  EXPECT_EQ(error.hint, "expected one of: token, Comma, FROM");
  EXPECT_EQ(Say("Code: 62. DB::Exception: Syntax error: failed at position 7 (end of query): . Expected x. "
                "(SYNTAX_ERROR)")
                .message,
            "read the statement: syntax error at position 7: end of query");
}

TEST(SqlError, SaysThatSettingsAreNotForUsers) {
  EXPECT_EQ(Say("Code: 164. DB::Exception: Code: 164. DB::Exception: Cannot modify 'max_threads' setting in "
                "readonly "
                "mode. (READONLY) (version 26.7.2.1). (READONLY)")
                .message,
            "check the statement: SETTINGS may not stand in it");
}

TEST(SqlError, SaysThatTheServerIsShortOfMemory) {
  const Error error = SayEngineErrorUntrusted(
      {ErrorCode::kOverLimit,
       "Code: 241. DB::Exception: (total) memory limit exceeded: would use 78.28 MiB (attempt to allocate "
       "chunk of "
       "0.00 B), current RSS: 447.32 MiB, maximum: 409.60 MiB. (MEMORY_LIMIT_EXCEEDED)",
       {}},
      "answer the statement");
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_TRUE(error.message.starts_with("answer the statement: (total) memory limit exceeded"))
      << error.message;
}

TEST(SqlError, StaysShortAndWholeUtf8) {
  std::string text = "Code: 1. DB::Exception: ";
  for (int i = 0; i < 1000; ++i) text += "\xc3\xa4";
  const std::string message = Say(text).message;
  EXPECT_LT(message.size(), 600u);
  EXPECT_TRUE(message.ends_with("\xa4 ...")) << message;
  EXPECT_EQ(Say("").message, "answer the statement: ");
}

}  // namespace
}  // namespace telltale
