#include "query/content_joiner.h"

#include <gtest/gtest.h>

#include <string>

#include "base/counters.h"
#include "content/content_keeper.h"
#include "query/testing/fake_engine.h"

namespace telltale {
namespace {

constexpr uint64_t kStored = 1'764'028'800'000;

const std::string kMessage = R"({"role":"user","content":")" + std::string(600, 'x') + R"("})";
const std::string kOther = R"({"role":"user","content":")" + std::string(600, 'y') + R"("})";

// A row as the encoder would store it, and the chunks that it refers to.
struct StoredRow {
  explicit StoredRow(const std::vector<FakeAttribute>& attributes) {
    std::vector<FakeAttribute> kept = attributes;
    for (size_t i = 0; i < kept.size(); ++i) {
      std::string text;
      if (keeper.Keep(attributes[i].text, text)) kept[i] = {.key = kept[i].key, .type = 'S', .text = text};
    }
    row = SpanRows({{.attributes = kept}});
    for (const FreshChunk& chunk : keeper.fresh()) {
      chunks.Number<uint64_t>(kStored).Number(chunk.hash.low).String(chunk.bytes);
    }
    RowReader reader(row.bytes());
    read = ReadSpanRow(reader).attributes;
  }

  RecentChunks recent;
  ContentKeeper keeper{recent, kStored};
  Rows row;
  Rows chunks;
  StoredAttributes read;
};

// "key=value key=value", of plain strings only.
std::string Shown(const StoredAttributes& attributes) {
  std::string shown;
  StoredAttribute attribute;
  for (AttributeReader reader(attributes); reader.Next(attribute);) {
    EXPECT_EQ(static_cast<char>(attribute.type), 's');
    shown += (shown.empty() ? "" : " ") + std::string(attribute.key) + "=" + std::string(attribute.text);
  }
  return shown;
}

TEST(ContentJoiner, PutsValuesBackAmongOthers) {
  const std::string history = "[" + kMessage + "," + kOther + "]";
  StoredRow stored({{.key = "a", .text = "1"}, {.key = "in", .text = history}, {.key = "b", .text = "2"}});
  FakeEngine engine;
  engine.Answer(stored.chunks);
  Arena arena;
  ContentJoiner joiner(engine, 1'000'000, arena);
  ASSERT_TRUE(joiner.Add(stored.read));
  ASSERT_TRUE(joiner.Run());
  EXPECT_EQ(Shown(stored.read), "a=1 in=" + history + " b=2");
  EXPECT_EQ(stored.read.missing_chunks, 0u);
}

TEST(ContentJoiner, AsksForAChunkOnceAndForNothingWhereNothingIsKept) {
  StoredRow twice(
      {{.key = "in", .text = "[" + kMessage + "]"}, {.key = "again", .text = "[" + kMessage + ",1]"}});
  StoredRow plain({{.key = "a", .text = "1"}});
  FakeEngine engine;
  engine.Answer(twice.chunks);
  Arena arena;
  ContentJoiner joiner(engine, 1'000'000, arena);
  ASSERT_TRUE(joiner.Add(twice.read));
  ASSERT_TRUE(joiner.Add(plain.read));
  ASSERT_TRUE(joiner.Run());
  ASSERT_EQ(engine.asked.size(), 1u);
  EXPECT_EQ(engine.asked[0].sql,
            "SELECT stored, hash, bytes FROM content PREWHERE stored IN (1764028800000) AND hash IN (" +
                std::to_string(HashOfChunk(kMessage).low) + ")");
  ContentJoiner nothing(engine, 0, arena);
  ASSERT_TRUE(nothing.Add(plain.read));
  ASSERT_TRUE(nothing.Run());
  EXPECT_EQ(engine.asked.size(), 1u);
}

TEST(ContentJoiner, SaysInTheValueWhatIsNotInTheStore) {
  StoredRow stored({{.key = "in", .text = "[" + kMessage + "]"}});
  FakeEngine engine;  // answers with nothing
  Arena arena;
  ContentJoiner joiner(engine, 1'000'000, arena);
  ASSERT_TRUE(joiner.Add(stored.read));
  const uint64_t before = CounterValue(Counter::kContentMissing);
  ASSERT_TRUE(joiner.Run());
  EXPECT_EQ(Shown(stored.read), "in=[[telltale: " + std::to_string(kMessage.size()) +
                                    " bytes that were here are not in the store]]");
  EXPECT_EQ(stored.read.missing_chunks, 1u);
  EXPECT_EQ(CounterValue(Counter::kContentMissing), before + 1);
}

TEST(ContentJoiner, SaysWhereAReferenceCannotBeRead) {
  const Rows row = SpanRows({{.attributes = {{"in", 'S', "\xff\xff"}}}});
  RowReader reader(row.bytes());
  StoredAttributes attributes = ReadSpanRow(reader).attributes;
  FakeEngine engine;
  Arena arena;
  ContentJoiner joiner(engine, 1'000'000, arena);
  ASSERT_TRUE(joiner.Add(attributes));
  ASSERT_TRUE(joiner.Run());
  EXPECT_EQ(Shown(attributes), "in=[telltale: what was here cannot be read]");
}

TEST(ContentJoiner, TakesNoMoreThanItsLimitButTheFirst) {
  StoredRow first({{.key = "in", .text = "[" + kMessage + "]"}});
  StoredRow second({{.key = "in", .text = "[" + kMessage + "]"}});
  FakeEngine engine;
  Arena arena;
  ContentJoiner joiner(engine, 100, arena);
  EXPECT_TRUE(joiner.Add(first.read));
  EXPECT_FALSE(joiner.Add(second.read));
}

TEST(ContentJoiner, PutsABodyBackWithItsType) {
  RecentChunks recent;
  ContentKeeper keeper(recent, kStored);
  std::string kept;
  ASSERT_TRUE(keeper.KeepBody(kMessage, kept));
  StoredAttribute body{.type = static_cast<ValueType>('M'), .text = kept};
  FakeEngine engine;
  engine.Answer(Rows().Number<uint64_t>(kStored).Number(HashOfChunk(kMessage).low).String(kMessage));
  Arena arena;
  ContentJoiner joiner(engine, 1'000'000, arena);
  ASSERT_TRUE(joiner.Add(body));
  ASSERT_TRUE(joiner.Run());
  EXPECT_EQ(body.text, kMessage);
  EXPECT_EQ(body.type, ValueType::kMap);
}

TEST(ContentJoiner, LeavesAllAsItWasWhenTheStoreFails) {
  StoredRow stored({{.key = "in", .text = "[" + kMessage + "]"}});
  const std::string before(stored.read.entries);
  FakeEngine engine;
  engine.AnswerError({ErrorCode::kOverLimit, "memory", {}});
  Arena arena;
  ContentJoiner joiner(engine, 1'000'000, arena);
  ASSERT_TRUE(joiner.Add(stored.read));
  EXPECT_FALSE(joiner.Run());
  EXPECT_EQ(stored.read.entries, before);
}

}  // namespace
}  // namespace telltale
