#include "json/tree.h"

#include <gtest/gtest.h>

#include <string>

namespace telltale {
namespace {

struct Read {
  explicit Read(std::string json, JsonNotation notation = JsonNotation::kJson) : text(std::move(json)) {
    ok = tree.ParseUntrusted(text, notation);
  }
  std::string Text(JsonValue value) { return std::string(value.Text(arena)); }

  std::string text;
  JsonTree tree;
  Arena arena;
  bool ok = false;
};

TEST(JsonTree, FindsMembersAndItemsAtAnyDepth) {
  Read read(R"({"a":[1,{"b":"two"},[]],"c":null,"d":true})");
  ASSERT_TRUE(read.ok);
  const JsonValue root = read.tree.root();
  std::string seen;
  for (JsonValue item : root["a"].items()) seen += std::string(item.json()) + ";";
  EXPECT_EQ(seen, R"(1;{"b":"two"};[];)");
  EXPECT_TRUE(root["c"].is_null());
  EXPECT_EQ(root["d"].Bool(), true);
  EXPECT_TRUE(root["nowhere"]["deeper"].is_missing());
  EXPECT_EQ(root.FirstOf("c", "nowhere", "d").json(), "true");
}

TEST(JsonTree, ResolvesEscapesAndSurrogatePairsOnlyWhenAsked) {
  Read read(R"({"t":"a\n\"b\" \u00e9 \ud83d\ude00 \ud83d"})");
  ASSERT_TRUE(read.ok);
  EXPECT_EQ(read.Text(read.tree.root()["t"]), "a\n\"b\" \u00e9 \U0001F600 \uFFFD");
  EXPECT_TRUE(read.tree.root()["t"].raw().starts_with("a\\n"));
}

TEST(JsonTree, ReadsWhatPythonPrintsForDictsAndLists) {
  Read read(R"({'a': None, 'b': (1, True), "it's": 'x\'y', 0: []})", JsonNotation::kPython);
  ASSERT_TRUE(read.ok);
  EXPECT_TRUE(read.tree.root()["a"].is_null());
  EXPECT_EQ(read.Text(read.tree.root()["it's"]), "x'y");
  EXPECT_EQ(read.tree.root()["b"].json(), "(1, True)");
}

TEST(JsonTree, ReadsWhatPythonsObjectsPrintOfThemselves) {
  Read read(
      R"(Answer(id='a', choices=[Choice(role=<Role.USER: 'user'>, n=1)], at=datetime.datetime(2025, 1)))",
      JsonNotation::kPython);
  ASSERT_TRUE(read.ok);
  EXPECT_EQ(read.Text(read.tree.root()["id"]), "a");
  for (const JsonValue choice : read.tree.root()["choices"].items()) {
    EXPECT_EQ(read.Text(choice["role"]), "user");
    EXPECT_EQ(choice["n"].Number(), 1);
  }
  EXPECT_EQ(read.tree.root()["at"].json(), "datetime.datetime(2025, 1)");
}

TEST(JsonTree, RefusesWhatIsNoObjectOfPython) {
  for (const char* text :
       {"f(", "f(a=", "f(a=1", "f(a=1 b=2)", "<", "<A", "<A: 1", "<object at 0x7f>", "f (a=1)", "(a=1)"}) {
    EXPECT_FALSE(Read(text, JsonNotation::kPython).ok) << text;
  }
  EXPECT_FALSE(Read("f(a=1)").ok);
}

TEST(JsonTree, RefusesWhatIsNotJson) {
  for (const char* text :
       {"", "{", "[1,]", "{'a':1}", "[1 2]", "\"open", "{\"a\"}", "word", "1 2", "[\"\\"}) {
    EXPECT_FALSE(Read(text).ok) << text;
  }
}

TEST(JsonTree, RefusesWhatIsNestedTooDeepAndKeepsWhatIsJustNotTooDeep) {
  const auto nested = [](int depth) {
    return std::string(static_cast<size_t>(depth), '[') + std::string(static_cast<size_t>(depth), ']');
  };
  EXPECT_TRUE(Read(nested(kJsonDepthMax)).ok);
  EXPECT_FALSE(Read(nested(kJsonDepthMax + 1)).ok);
  EXPECT_FALSE(Read(nested(100'000)).ok);
}

TEST(JsonTree, ReadsNumbersAlsoFromStrings) {
  Read read(R"([1234, "56", 1.5e3, "x", true])");
  std::string seen;
  for (JsonValue item : read.tree.root().items()) {
    seen += item.Number() ? std::to_string(static_cast<int>(*item.Number())) : "none";
    seen += ' ';
  }
  EXPECT_EQ(seen, "1234 56 1500 none none ");
}

}  // namespace
}  // namespace telltale
