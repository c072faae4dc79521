#include "ingest/encode.h"

#include "trace/service_name.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace telltale {
namespace {

std::string TextOf(Value value) {
  std::string out;
  AppendValueText(value, out);
  return out;
}

TEST(AppendValueText, WritesEachTypeAsItIsSearched) {
  EXPECT_EQ(TextOf(Value::String("a\tb")), "a\tb");
  EXPECT_EQ(TextOf({.type = ValueType::kBool, .boolean = true}), "true");
  EXPECT_EQ(TextOf({.type = ValueType::kInt, .integer = std::numeric_limits<int64_t>::min()}),
            "-9223372036854775808");
  EXPECT_EQ(TextOf({.type = ValueType::kDouble, .real = 0.1}), "0.1");
  EXPECT_EQ(TextOf({.type = ValueType::kDouble, .real = std::numeric_limits<double>::infinity()}), "inf");
  EXPECT_EQ(TextOf({.type = ValueType::kBytes, .text = "foo"}), "Zm9v");
  EXPECT_EQ(TextOf({}), "");
}

Batch TwoSpans() {
  Batch batch;
  batch.attributes = {{"service.name", Value::String("shop")},
                      {"model", Value::String("m")},
                      {"tokens", {.type = ValueType::kInt, .integer = 7}}};
  batch.resources = {{.attributes = {0, 1}}};
  batch.scopes = {{.name = "scope", .version = "1"}};
  batch.events = {{.time_unix_nano = 5, .name = "exception"}};
  Span first;
  first.trace_id.bytes.fill(1);
  first.span_id.bytes.fill(2);
  first.name = "chat";
  first.start_unix_nano = 10;
  first.end_unix_nano = 30;
  first.attributes = {1, 2};
  first.events = {0, 1};
  Span second = first;
  second.attributes = {};
  second.events = {};
  batch.spans = {first, second};
  return batch;
}

// Nothing was stored before.
Block Encode(const Batch& batch) {
  static SpanEncoder encoder;
  RecentChunks recent;
  ContentKeeper keeper(recent, 1000);
  return encoder.Encode(batch, 1000, &keeper);
}

TEST(SpanEncoder, WritesOneBlockWithARowASpan) {
  const Batch batch = TwoSpans();
  const Block block = Encode(batch);
  EXPECT_EQ(block.rows, 2u);
  EXPECT_EQ(block.bytes.substr(0, 2), "\x16\x02") << "22 columns, 2 rows";
  for (const char* part :
       {"trace_id", "shop", "chat", "attr_types", "si", R"([{"timeUnixNano":"5","name":"exception"}])",
        R"({"name":"scope","version":"1"})",
        R"({"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]})"}) {
    EXPECT_NE(block.bytes.find(part), std::string::npos) << part;
  }
}

TEST(SpanEncoder, GivesTheSameBytesWhenItsBuffersAreReused) {
  const Batch batch = TwoSpans();
  const std::string first = Encode(batch).bytes;
  EXPECT_EQ(Encode(batch).bytes, first);
}

TEST(SpanEncoder, LeavesReferencesWhereAValueIsLarge) {
  const std::string prompt(600, 'p');
  Batch batch = TwoSpans();
  batch.attributes[1].value = Value::String(prompt);
  batch.attributes[2].value = {.type = ValueType::kMap, .text = prompt};
  RecentChunks recent;
  ContentKeeper keeper(recent, 1000);
  SpanEncoder encoder;
  const Block block = encoder.Encode(batch, 1000, &keeper);
  EXPECT_FALSE(block.bytes.contains(prompt));
  EXPECT_TRUE(block.bytes.contains(KeptBeginning(prompt)));
  EXPECT_TRUE(block.bytes.contains("SM"));
  ASSERT_EQ(keeper.fresh().size(), 1u);
  EXPECT_EQ(keeper.fresh()[0].bytes, prompt);
}

TEST(LogEncoder, LeavesAReferenceWhereABodyIsLarge) {
  const std::string body(600, 'b');
  Batch batch;
  batch.resources.emplace_back();
  batch.scopes.emplace_back();
  batch.logs.resize(2);
  batch.logs[0].body = Value::String(body);
  batch.logs[1].body = Value::String("short");
  RecentChunks recent;
  ContentKeeper keeper(recent, 1000);
  LogEncoder encoder;
  const Block block = encoder.Encode(batch, 1000, &keeper);
  EXPECT_FALSE(block.bytes.contains(body));
  EXPECT_TRUE(block.bytes.contains("short"));
  EXPECT_TRUE(block.bytes.contains("body_type\x05UInt8Ss"));
  std::string kept;
  ASSERT_TRUE(ContentKeeper(recent, 1000).KeepBody(body, kept));
  EXPECT_TRUE(block.bytes.contains(kept));
}

TEST(ContentEncoder, WritesARowAChunkWithWhoSaidItFirst) {
  ChunkOwner owner{.start_unix_nano = 10, .service = "shop", .name = "chat"};
  owner.trace_id.bytes.fill(1);
  const std::vector<FreshChunk> chunks = {{.hash = {.low = 7, .high = 9},
                                           .bytes = "one",
                                           .owner = owner,
                                           .place = ChunkPlace::kAttribute,
                                           .field = "input.value",
                                           .group = 1000},
                                          {.hash = {.low = 8, .high = 9}, .bytes = "two"}};
  ContentEncoder encoder;
  const Block block = encoder.Encode(chunks, 1000);
  EXPECT_EQ(block.kind, BlockKind::kSaidContent);
  EXPECT_EQ(block.rows, 2u);
  EXPECT_NE(block.bytes.find("bytes\x06String\x03one\x03two"), std::string::npos);
  EXPECT_NE(block.bytes.find("input.value"), std::string::npos);
}

// key: [ bucket 4 bits ][ 3 bytes ]
TEST(EncodeWords, WritesARowABucket) {
  const std::vector<GroupWords> groups = {
      {.kind = GroupKind::kOnTime, .group = 1000, .keys = {0x0414243, 0xF646566, 0x0616263}},
      {.kind = GroupKind::kLate, .group = 1000, .keys = {0x0414243}}};
  const Block block = EncodeWords(groups);
  EXPECT_EQ(block.kind, BlockKind::kWords);
  EXPECT_EQ(block.rows, 3u);
  EXPECT_TRUE(
      block.bytes.ends_with("\x06"
                            "ABCabc"
                            "\x03"
                            "def"
                            "\x03"
                            "ABC"));
  EXPECT_NE(block.bytes.find(std::string("UInt8\x00\x0f\x10", 8)), std::string::npos);
}

// Which of a span's short values are kept to be found by their words.
TEST(SpanEncoder, KeepsShortTextThatIsSaidBesideItsRow) {
  Batch batch = TwoSpans();
  batch.attributes[1] = {"gen_ai.prompt.0.content", Value::String("where is my order")};
  batch.attributes[2] = {"http.route", Value::String("/orders")};
  batch.attributes.push_back({"exception.message", Value::String("no such order")});
  batch.events[0].attributes = {3, 1};
  RecentChunks recent;
  ContentKeeper keeper(recent, 1000);
  SpanEncoder encoder;
  EXPECT_NE(encoder.Encode(batch, 1000, &keeper).bytes.find("where is my order"), std::string::npos);
  ASSERT_EQ(keeper.fresh().size(), 2u);
  EXPECT_EQ(keeper.fresh()[0].field, "gen_ai.prompt.0.content");
  EXPECT_EQ(keeper.fresh()[0].owner.service, "shop");
  EXPECT_EQ(keeper.fresh()[0].place, ChunkPlace::kAttribute);
  EXPECT_EQ(keeper.fresh()[1].bytes, "no such order");
  EXPECT_EQ(keeper.fresh()[1].place, ChunkPlace::kEvent);
}

TEST(SpanEncoder, FilesSpansWithoutServiceNameUnderUnknownService) {
  Batch batch = TwoSpans();
  batch.attributes[0].key = "host.name";
  EXPECT_NE(Encode(batch).bytes.find(kUnknownService), std::string::npos);
}

}  // namespace
}  // namespace telltale
