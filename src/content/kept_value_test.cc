#include "content/kept_value.h"

#include <gtest/gtest.h>

#include <string>

namespace telltale {
namespace {

const std::string kValue =
    "[{\"a\":\"" + std::string(100, 'x') + "\"},{\"a\":\"" + std::string(100, 'y') + "\"}]";

std::string Kept(std::string_view value, uint64_t first_stored) {
  std::vector<Piece> pieces;
  CutUntrusted(value, pieces);
  std::vector<ChunkKey> keys;
  for (const Piece& piece : pieces) {
    if (piece.is_chunk) keys.push_back({first_stored + keys.size(), HashOfChunk(piece.bytes).low});
  }
  std::string out;
  AppendKeptValue(pieces, keys, out);
  return out;
}

TEST(KeptValue, ReadsBackWhatWasWritten) {
  const std::string text = Kept(kValue, 1'764'000'000'000);
  KeptValue kept;
  ASSERT_TRUE(kept.ParseUntrusted(text));
  EXPECT_EQ(kept.size_bytes(), kValue.size());
  ASSERT_EQ(kept.pieces().size(), 5u);
  EXPECT_EQ(kept.pieces()[0].literal, "[");
  EXPECT_EQ(kept.pieces()[1].chunk.size_bytes, 108u);
  EXPECT_EQ(kept.pieces()[1].chunk.key.stored_unix_ms, 1'764'000'000'000u);
  EXPECT_EQ(kept.pieces()[2].literal, ",");
  EXPECT_EQ(kept.pieces()[3].chunk.key.stored_unix_ms, 1'764'000'000'001u);
  EXPECT_EQ(kept.pieces()[4].literal, "]");
}

TEST(KeptValue, BeginsAlikeWheneverItsChunksWereStored) {
  const std::string beginning = KeptBeginning(kValue);
  EXPECT_TRUE(Kept(kValue, 5).starts_with(beginning));
  EXPECT_TRUE(Kept(kValue, 1'764'000'000'000).starts_with(beginning));
  EXPECT_FALSE(Kept(kValue + " ", 5).starts_with(beginning));
  EXPECT_FALSE(Kept("[" + kValue + "]", 5).starts_with(beginning));
}

TEST(KeptValue, RefusesWhatIsNone) {
  const std::string text = Kept(kValue, 1000);
  KeptValue kept;
  for (size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(kept.ParseUntrusted(text.substr(0, size))) << size;
  EXPECT_FALSE(kept.ParseUntrusted(text + "x"));
  EXPECT_FALSE(kept.ParseUntrusted(std::string(11, '\xff')));
  EXPECT_TRUE(kept.pieces().empty());
}

TEST(KeptValue, WritesABodyInPlacesThatSqlKnows) {
  std::string text;
  AppendKeptBody({.key = {.stored_unix_ms = 7, .hash = 9}, .size_bytes = 600}, text);
  EXPECT_EQ(text, std::string("\x09\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0\x58\x02\0\0", 20));
  ChunkRef chunk;
  ASSERT_TRUE(ParseKeptBodyUntrusted(text, chunk));
  EXPECT_EQ(chunk.key, (ChunkKey{7, 9}));
  EXPECT_EQ(chunk.size_bytes, 600u);
  EXPECT_FALSE(ParseKeptBodyUntrusted(text + "x", chunk));
  EXPECT_FALSE(ParseKeptBodyUntrusted(text.substr(1), chunk));
}

TEST(KeptValue, TellsItsLettersFromPlainOnes) {
  for (const char letter : {'n', 's', 'b', 'i', 'd', 'y', 'a', 'm'}) {
    EXPECT_FALSE(IsKeptLetter(letter));
    EXPECT_TRUE(IsKeptLetter(KeptLetterOf(letter)));
    EXPECT_EQ(PlainLetterOf(KeptLetterOf(letter)), letter);
    EXPECT_EQ(PlainLetterOf(letter), letter);
  }
}

}  // namespace
}  // namespace telltale
