// Searches on the real engine: what is found, in which order, and what a store that changes does to it.
#include "query/text_search.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "base/bytes.h"
#include "content/word_groups.h"
#include "store/chdb.h"
#include "store/embedded_engine.h"
#include "store/schema/migrations.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kDayMs = 86'400'000;
constexpr int64_t kFirst = 1'763'942'400'000;  // 2025-11-24, in ms

class TextSearchTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!FindChdb()) GTEST_SKIP() << FindChdb().error().message;
    std::string name = (fs::temp_directory_path() / "telltale-text-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    auto opened = EmbeddedEngine::Open({.folder = folder_ / "store"});
    ASSERT_TRUE(opened) << opened.error().message;
    engine_ = *std::move(opened);
    ASSERT_TRUE(Migrate(*engine_));
  }
  void TearDown() override {
    engine_.reset();
    fs::remove_all(folder_);
  }

  void Run(const std::string& sql) {
    const Status done = engine_->Execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }

  // A text that a span brought which started `late_ms` before, as ingest keeps it: in a group of its own.
  void Say(std::string_view text, int64_t stored_ms, int64_t late_ms = 0) {
    FreshChunk chunk{.place = ChunkPlace::kAttribute, .field = "input.value"};
    chunk.owner.service = "shop";
    std::string source;
    AppendChunkSource(chunk, source);
    const int64_t start = (stored_ms - late_ms) * 1'000'000;
    char owner[32] = {};
    owner[15] = static_cast<char>(++spans_);
    owner[23] = 1;
    std::memcpy(owner + 24, &start, sizeof start);
    Run("INSERT INTO content (stored, hash, bytes, text_group, owner, source) SELECT " +
        std::to_string(stored_ms) + ", " + std::to_string(spans_) + ", unhex('" + ToHex(text) + "'), " +
        std::to_string(stored_ms) + ", unhex('" + ToHex({owner, sizeof owner}) + "'), unhex('" +
        ToHex(source) + "')");
    WordSet words;
    words.AddUntrusted(text);
    std::array<std::string, kWordBuckets> buckets;
    for (const uint32_t key : words.keys()) {
      for (const int shift : {16, 8, 0}) buckets[key >> 24] += static_cast<char>(key >> shift);
    }
    for (uint32_t i = 0; i < kWordBuckets; ++i) {
      if (buckets[i].empty()) continue;
      Run("INSERT INTO words SELECT " + std::to_string(BucketOf(GroupKindOf(start, stored_ms), i)) + ", " +
          std::to_string(stored_ms) + ", unhex('" + ToHex(buckets[i]) + "')");
    }
  }

  TextPage Page(std::string_view words, TextSearch search = {}) {
    const auto query = ParseTextQueryUntrusted(words);
    EXPECT_TRUE(query);
    search.query = *query;
    auto page = SearchText(*engine_, search);
    EXPECT_TRUE(page) << page.error().message;
    return page ? *std::move(page) : TextPage();
  }

  // The snippets, in order.
  std::string Found(std::string_view words, const TextSearch& search = {}) {
    std::string text;
    for (const TextItem& item : Page(words, search).items)
      text.append(text.empty() ? "" : "|").append(item.snippet.text);
    return text;
  }

  fs::path folder_;
  std::unique_ptr<Engine> engine_;
  int spans_ = 0;
};

TEST_F(TextSearchTest, FindsWholeWordsNewestFirst) {
  EXPECT_EQ(Found("order"), "");
  Say("my first order", kFirst);
  Say("an order of two", kFirst + 1000);
  Say("nothing", kFirst + 2000);
  EXPECT_EQ(Found("order"), "an order of two|my first order");
  EXPECT_EQ(Found("order two"), "an order of two");
  EXPECT_EQ(Found("order -two"), "my first order");
  EXPECT_EQ(Found("ord"), "");
}

TEST_F(TextSearchTest, ReadsWhatSharesAKeyAndDoesNotShowIt) {
  // The words of this group claim a word that the text does not have.
  Say("my order", kFirst);
  Run("INSERT INTO content (stored, hash, bytes, text_group, owner, source) SELECT stored, 99, 'no such "
      "word', text_group, "
      "owner, source FROM content");
  EXPECT_EQ(Found("order"), "my order");
}

TEST_F(TextSearchTest, LosesTheTextOfADayThatIsDropped) {
  Say("an order", kFirst);
  Say("an order of tomorrow", kFirst + kDayMs);
  Run("ALTER TABLE content DROP PARTITION '2025-11-24'");
  EXPECT_EQ(Found("order"), "an order of tomorrow") << "words are still there";
  Run("ALTER TABLE words DROP PARTITION '2025-11-24'");
  EXPECT_EQ(Found("order"), "an order of tomorrow");
}

TEST_F(TextSearchTest, FindsLateTextByTheTimeOfItsSpan) {
  Say("order on time", kFirst + 2 * kDayMs);
  Say("order of yesterday", kFirst + 2 * kDayMs + 10, kDayMs);
  TextSearch search;
  search.filter.calls.range = {.start_unix_nano = (kFirst + kDayMs) * 1'000'000,
                               .end_unix_nano = (kFirst + kDayMs + kDayMs / 2) * 1'000'000};
  EXPECT_EQ(Found("order", search), "order of yesterday");
  search.filter.calls.range = {.start_unix_nano = (kFirst + 2 * kDayMs) * 1'000'000};
  EXPECT_EQ(Found("order", search), "order on time");
}

// 40 groups, one text each, in pages of 7.
TEST_F(TextSearchTest, ShowsEachOnceOverPages) {
  for (int i = 0; i < 40; ++i) Say("order " + std::to_string(i) + "x", kFirst + i * 1000);
  TextSearch search{.limit = 7};
  std::string all;
  int pages = 0;
  do {
    const TextPage page = Page("order", search);
    for (const TextItem& item : page.items) all += item.snippet.text.substr(6) + " ";
    search.cursor = page.next;
    ++pages;
  } while (search.cursor && pages < 20);
  std::string expected;
  for (int i = 39; i >= 0; --i) expected += std::to_string(i) + "x ";
  EXPECT_EQ(all, expected);
  EXPECT_EQ(pages, 6);
}

TEST_F(TextSearchTest, SaysHowFarBackItGotWhereMuchMatches) {
  for (int i = 0; i < 40; ++i) Say("order " + std::to_string(i), kFirst + i * 1000);
  TextSearch search{.limit = 100, .bytes_max = 1};
  const TextPage page = Page("order", search);
  ASSERT_TRUE(page.next && page.searched_back_to_unix_nano);
  EXPECT_LT(page.items.size(), 40u);
  search = {.limit = 100, .cursor = page.next};
  const TextPage rest = Page("order", search);
  EXPECT_EQ(page.items.size() + rest.items.size(), 40u) << "the next page goes on";
  EXPECT_FALSE(rest.next || rest.searched_back_to_unix_nano);
}

}  // namespace
}  // namespace telltale
