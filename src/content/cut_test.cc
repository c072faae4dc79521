#include "content/cut.h"

#include <gtest/gtest.h>

#include <string>

namespace telltale {
namespace {

std::vector<Piece> Cut(std::string_view value) {
  std::vector<Piece> pieces;
  CutUntrusted(value, pieces);
  std::string joined;
  for (const Piece& piece : pieces) joined += piece.bytes;
  EXPECT_EQ(joined, value) << "the pieces are not the value";
  return pieces;
}

// "|" where the value is cut; chunks in <>.
std::string Drawn(std::string_view value) {
  std::string drawn;
  for (const Piece& piece : Cut(value)) {
    if (!drawn.empty()) drawn += '|';
    drawn += piece.is_chunk ? "<" + std::string(piece.bytes) + ">" : std::string(piece.bytes);
  }
  return drawn;
}

std::string Text(char letter) {
  return std::string(80, letter);
}
std::string Part(char letter) {
  return R"({"type":"text","content":")" + Text(letter) + R"("})";
}
std::string Message(std::string_view role, char letter) {
  return R"({"role":")" + std::string(role) + R"(","parts":[)" + Part(letter) + "]}";
}

TEST(Cut, LeavesAnythingButJsonInOnePiece) {
  EXPECT_EQ(Drawn("plain, [not] {json}"), "<plain, [not] {json}>");
  EXPECT_EQ(Drawn(""), "");
}

TEST(Cut, CutsAMessageAroundItsParts) {
  EXPECT_EQ(Drawn("[" + Message("user", 'a') + "," + Message("assistant", 'b') + "]"),
            R"([{"role":"user","parts":[|<)" + Part('a') + R"(>|]},{"role":"assistant","parts":[|<)" +
                Part('b') + ">|]}]");
}

TEST(Cut, FindsTheSamePartInTheAnswerAndInTheNextQuestion) {
  const std::string answer =
      "[{\"role\":\"assistant\",\"parts\":[" + Part('b') + "],\"finish_reason\":\"stop\"}]";
  const std::string question = "[" + Message("user", 'a') + ", " + Message("assistant", 'b') + "]";
  EXPECT_EQ(Cut(answer)[1].bytes, Part('b'));
  EXPECT_EQ(Cut(question)[3].bytes, Part('b'));
}

TEST(Cut, WhatIsAppendedMovesNoCut) {
  std::string history = "[" + Message("user", 'a');
  std::vector<Piece> before = Cut(history + "]");
  for (char letter = 'b'; letter < 'z'; ++letter) {
    history += ", " + Message("user", letter);
    const std::string value = history + "]";
    const std::vector<Piece> after = Cut(value);
    ASSERT_EQ(after.size(), before.size() + 2);
    for (size_t i = 0; i + 1 < before.size(); ++i) EXPECT_EQ(after[i].bytes.size(), before[i].bytes.size());
    before = after;
  }
}

TEST(Cut, CutsMessagesThatAreMembersOfAnObject) {
  const std::string message = R"({"role":"user","content":")" + Text('a') + R"("})";
  EXPECT_EQ(Drawn(R"({"model":"m","messages":[)" + message + R"(],"n":1})"),
            R"({"model":"m","messages":[|<)" + message + R"(>|],"n":1})");
}

TEST(Cut, CutsListsOfLists) {
  EXPECT_EQ(Drawn("[[" + Part('a') + "],[" + Part('b') + "]]"),
            "[[|<" + Part('a') + ">|],[|<" + Part('b') + ">|]]");
}

TEST(Cut, KeepsSmallElementsTogether) {
  EXPECT_EQ(Drawn(R"(["a","b",")" + Text('c') + R"(","d"])"), R"(["a","b",|<")" + Text('c') + R"(">|,"d"])");
}

// Numbers of an embedding, or many short messages: pieces of about kJoinedBytes.
TEST(Cut, CutsALongListOfSmallElementsNowAndThen) {
  std::string list = "[";
  for (int i = 0; i < 1000; ++i) list += "0.125,";
  list += "1]";
  const std::vector<Piece> pieces = Cut(list);
  EXPECT_EQ(pieces.size(), 6u);
  for (size_t i = 0; i + 1 < pieces.size(); ++i) {
    EXPECT_TRUE(pieces[i].is_chunk);
    EXPECT_LT(pieces[i].bytes.size(), kJoinedBytes + 10);
  }
}

TEST(Cut, DoesNotCutInsideOfStrings) {
  const std::string part = R"({"text":"a\"],[{\\\"b)" + Text('c') + R"("})";
  EXPECT_EQ(Drawn("[" + part + "]"), "[|<" + part + ">|]");
}

TEST(Cut, DoesNotCutDeeperThanFourLevels) {
  const std::string deep = R"({"a":{"b":{"c":[)" + Part('a') + "," + Part('b') + "]}}}";
  EXPECT_EQ(Drawn("[" + deep + "]"), "[|<" + deep + ">|]");
}

TEST(Cut, LeavesSpaceBetweenElementsOutOfThem) {
  EXPECT_EQ(Drawn("[\n  " + Part('a') + "\n  ,\n  " + Part('b') + "\n]"),
            "[\n  |<" + Part('a') + ">|\n  ,\n  |<" + Part('b') + ">|\n]");
}

TEST(Cut, CutsBrokenJsonSomewhere) {
  for (const std::string_view broken :
       {"[", "{", "[[[[[[", "]]]]", "[}", "[\"", "[\"\\", "[{]},{[}", "  [,,,,"}) {
    Cut(broken);
    Cut(std::string(broken) + Part('a') + std::string(broken) + "," + Part('b') + std::string(broken));
  }
}

TEST(Cut, StopsCuttingAtTheLimit) {
  std::string list = "[";
  for (int i = 0; i < 10'000; ++i) list += Part('a') + ",";
  const std::vector<Piece> pieces = Cut(list);
  EXPECT_LE(pieces.size(), kPiecesMax);
  EXPECT_GT(pieces.back().bytes.size(), list.size() / 2);
}

}  // namespace
}  // namespace telltale
