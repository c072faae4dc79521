#include <gtest/gtest.h>

#include <sstream>

#include "cli/commands.h"
#include "cli/test_terminal.h"
#include "tokenizer/tokenizer.h"

namespace telltale {
namespace {

int RunWith(const TokensOptions& options, TestTerminal& test, const std::string& input) {
  std::istringstream in(input);
  return RunTokens(options, in, test.terminal);
}

class Tokens : public testing::Test {
 protected:
  void SetUp() override {
    if (!Tokenizer::ForEncoding("cl100k_base")) {
      GTEST_SKIP() << "this build has no vocabularies: ./dev build fetches them";
    }
  }

  TestTerminal test{0};
};

TEST_F(Tokens, OfStandardInputAreOneNumber) {
  EXPECT_EQ(RunWith({.model = "gpt-4"}, test, "hello world"), kExitOk);
  EXPECT_EQ(test.out.str(), "2\n");
}

TEST_F(Tokens, OfNothingAreNone) {
  EXPECT_EQ(RunWith({.model = "gpt-4"}, test, ""), kExitOk);
  EXPECT_EQ(RunWith({.model = "gpt-4", .ids = true}, test, ""), kExitOk);
  EXPECT_EQ(test.out.str(), "0\n\n");
}

TEST_F(Tokens, CanBeListed) {
  EXPECT_EQ(RunWith({.encoding = "cl100k_base", .ids = true}, test, "hello world"), kExitOk);
  EXPECT_EQ(test.out.str(), "15339 1917\n");
}

TEST_F(Tokens, AreJsonWhereAskedFor) {
  EXPECT_EQ(RunWith({.model = "gpt-4", .ids = true, .json = true}, test, "hello world"), kExitOk);
  EXPECT_EQ(
      test.out.str(),
      R"({"file":"-","encoding":"cl100k_base","bytes":11,"tokens":2,"counted_as":"text","ids":[15339,1917]})"
      "\n");
}

TEST_F(Tokens, OfSeveralFilesStandBesideTheirNames) {
  EXPECT_EQ(RunWith({.files = {"-", "LICENSE", "/nowhere"}, .model = "gpt-4"}, test, "hi"), kExitNotFound);
  EXPECT_TRUE(test.out.str().starts_with("1\t-\n")) << test.out.str();
  EXPECT_TRUE(test.out.str().ends_with("\tLICENSE\n")) << test.out.str();
  EXPECT_EQ(test.err.str(), "error: read /nowhere: no such file, or it cannot be read\n");
}

TEST_F(Tokens, AFolderCannotBeCounted) {
  EXPECT_EQ(RunWith({.files = {"src"}, .model = "gpt-4"}, test, ""), kExitNotFound);
  EXPECT_EQ(test.out.str(), "");
}

TEST_F(Tokens, SpecialTextIsOneTokenWhereAskedFor) {
  EXPECT_EQ(RunWith({.encoding = "cl100k_base", .ids = true, .special = true}, test, "<|endoftext|>"),
            kExitOk);
  EXPECT_EQ(test.out.str(), "100257\n");
}

TEST(TokensUsage, NeedsExactlyOneWayToCount) {
  TestTerminal test(0);
  EXPECT_EQ(RunWith({}, test, "x"), kExitUsage);
  EXPECT_EQ(RunWith({.model = "gpt-4", .encoding = "gpt2"}, test, "x"), kExitUsage);
  EXPECT_EQ(RunWith({.model = "nobody-knows"}, test, "x"), kExitUsage);
  EXPECT_EQ(test.out.str(), "");
}

TEST(TokensOfLlama, NeedAFileThatIsLlamas) {
  TestTerminal test{0};
  EXPECT_EQ(RunWith({.llama_file = "/nowhere"}, test, "hi"), kExitNotFound);
  EXPECT_EQ(test.err.str(), "error: read /nowhere: no such file, or it cannot be read\n");
  EXPECT_NE(RunWith({.llama_file = "LICENSE"}, test, "hi"), kExitOk);
  EXPECT_NE(test.err.str().find("it is the file tokenizer.model of Llama 3"), std::string::npos);
}

}  // namespace
}  // namespace telltale
