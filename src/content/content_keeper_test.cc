#include "content/content_keeper.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace telltale {
namespace {

constexpr uint64_t kNow = 1'764'028'800'000;

// The table `content`, in memory.
class Table {
 public:
  void Store(const ContentKeeper& keeper, uint64_t stored) {
    for (const FreshChunk& chunk : keeper.fresh()) rows_[{stored, chunk.hash.low}] = chunk.bytes;
  }
  std::string Join(std::string_view text) const {
    KeptValue kept;
    EXPECT_TRUE(kept.ParseUntrusted(text));
    std::string value;
    for (const KeptPiece& piece : kept.pieces()) {
      value += piece.literal.empty() ? rows_.at({piece.chunk.key.stored_unix_ms, piece.chunk.key.hash})
                                     : std::string(piece.literal);
    }
    return value;
  }
  size_t size() const { return rows_.size(); }

 private:
  std::map<std::pair<uint64_t, uint64_t>, std::string> rows_;
};

std::vector<ChunkHash> HashesOf(const ContentKeeper& keeper) {
  std::vector<ChunkHash> hashes;
  for (const FreshChunk& chunk : keeper.fresh()) hashes.push_back(chunk.hash);
  return hashes;
}

std::string Message(int number) {
  return R"({"role":"user","content":")" + std::to_string(number) + std::string(700, 'x') + R"("})";
}

TEST(ContentKeeper, StoresAHistoryThatIsSentAgainOnce) {
  RecentChunks recent;
  Table table;
  std::string history = "[" + Message(0);
  for (int turn = 1; turn <= 50; ++turn) {
    history += "," + Message(turn);
    ContentKeeper keeper(recent, kNow + static_cast<uint64_t>(turn));
    std::string kept;
    const std::string value = history + "]";
    ASSERT_TRUE(keeper.Keep(value, kept));
    EXPECT_EQ(keeper.fresh().size(), turn == 1 ? 2u : 1u);
    table.Store(keeper, kNow + static_cast<uint64_t>(turn));
    recent.Remember(HashesOf(keeper), kNow + static_cast<uint64_t>(turn));
    EXPECT_EQ(table.Join(kept), value);
  }
  EXPECT_EQ(table.size(), 51u);
}

TEST(ContentKeeper, GathersAChunkOnceABatch) {
  RecentChunks recent;
  ContentKeeper keeper(recent, kNow);
  std::string kept;
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(keeper.Keep("[" + Message(i % 500) + "]", kept));
  EXPECT_EQ(keeper.fresh().size(), 500u);
}

// What was gathered may never have become durable.
TEST(ContentKeeper, GathersAgainWhatNobodySaidIsStored) {
  RecentChunks recent;
  const std::string value(600, 'x');
  for (int i = 0; i < 2; ++i) {
    std::string kept;
    ContentKeeper keeper(recent, kNow);
    ASSERT_TRUE(keeper.Keep(value, kept));
    EXPECT_EQ(keeper.fresh().size(), 1u);
  }
}

TEST(ContentKeeper, GathersAgainOnAnotherDay) {
  RecentChunks recent;
  const std::string value(600, 'x');
  std::string kept;
  ContentKeeper today(recent, kNow);
  ASSERT_TRUE(today.Keep(value, kept));
  recent.Remember(HashesOf(today), kNow);
  ContentKeeper tomorrow(recent, kNow + 86'400'000);
  ASSERT_TRUE(tomorrow.Keep(value, kept));
  EXPECT_EQ(tomorrow.fresh().size(), 1u);
}

TEST(ContentKeeper, LeavesSmallValues) {
  RecentChunks recent;
  ContentKeeper keeper(recent, kNow);
  std::string out = "before";
  EXPECT_FALSE(keeper.Keep(std::string(kKeptBytesMin - 1, 'x'), out));
  EXPECT_FALSE(keeper.KeepBody("", out));
  EXPECT_EQ(out, "before");
}

TEST(ContentKeeper, KeepsABodyInOneChunk) {
  RecentChunks recent;
  ContentKeeper keeper(recent, kNow);
  const std::string body = "[" + Message(1) + "," + Message(2) + "]";
  std::string out;
  ASSERT_TRUE(keeper.KeepBody(body, out));
  ASSERT_EQ(keeper.fresh().size(), 1u);
  EXPECT_EQ(keeper.fresh()[0].bytes, body);
  ChunkRef chunk;
  ASSERT_TRUE(ParseKeptBodyUntrusted(out, chunk));
  EXPECT_EQ(chunk.key, (ChunkKey{kNow, HashOfChunk(body).low}));
}

TEST(ChunkSource, ComesBackAsItWas) {
  FreshChunk chunk{.place = ChunkPlace::kEvent, .field = "gen_ai.prompt"};
  chunk.owner.service = "shop";
  chunk.owner.name = "chat gpt-4o";
  std::string bytes;
  AppendChunkSource(chunk, bytes);
  const ChunkSource source = ParseChunkSourceUntrusted(bytes);
  EXPECT_EQ(source.place, ChunkPlace::kEvent);
  EXPECT_EQ(source.field, "gen_ai.prompt");
  EXPECT_EQ(source.service, "shop");
  EXPECT_EQ(source.name, "chat gpt-4o");
  for (size_t size = 0; size < 14; ++size) ParseChunkSourceUntrusted(std::string_view(bytes).substr(0, size));
  EXPECT_EQ(ParseChunkSourceUntrusted("\x09xx").place, ChunkPlace::kNone);
}

}  // namespace
}  // namespace telltale
