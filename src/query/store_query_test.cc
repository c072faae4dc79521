// The statements of this module against the real engine: skipped, and saying so, where
// libchdb is not installed.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/bytes.h"
#include "content/content_keeper.h"
#include "query/catalogue.h"
#include "query/columns.h"
#include "query/testing/fake_engine.h"
#include "query/trace_reader.h"
#include "query/trace_search.h"
#include "store/chdb.h"
#include "store/embedded_engine.h"
#include "store/schema/migrations.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kStart = 1'700'000'000'000'000'000;
constexpr int64_t kSecond = 1'000'000'000;

// 300 traces, one a second, of four spans each: web (root) -> shop -> db, and a second
// call to db that is orphaned in every tenth trace. Odd traces fail in db.
constexpr std::string_view kFill = R"sql(
INSERT INTO spans SELECT
  toFixedString(unhex(leftPad(lower(hex(trace + 1)), 32, '0')), 16),
  toFixedString(unhex(leftPad(lower(hex(number + 1)), 16, '0')), 8),
  if(place = 0, toFixedString('', 8),
     toFixedString(unhex(leftPad(lower(hex(if(place = 3 AND trace % 10 = 0, 9999, trace * 4 + place))), 16, '0')), 8)),
  fromUnixTimestamp64Nano(toInt64(1700000000000000000 + trace * 1000000000 + place * 1000000), 'UTC'),
  toInt64(10000000 - place * 1000000),
  ['web', 'shop', 'db', 'db'][place + 1], ['GET /', 'cart', 'SELECT', 'INSERT'][place + 1],
  toUInt8([2, 3, 3, 3][place + 1]), toUInt8(if(trace % 2 = 1 AND place = 2, 2, 0)), '', '', 1,
  map('trace.number', toString(trace), 'place', toString(place), 'empty', ''), 'sis', 0, 0, 0,
  '{"attributes":[{"key":"service.name","value":{"stringValue":"' || ['web', 'shop', 'db', 'db'][place + 1] ||
    '"}},{"key":"pid","value":{"intValue":"' || toString(place) || '"}}]}',
  '{"name":"test"}', '', '', fromUnixTimestamp64Milli(toInt64(1700000000000 + trace * 1000), 'UTC')
FROM (SELECT number, intDiv(number, 4) AS trace, number % 4 AS place FROM numbers(1200)))sql";

// The engine allows one folder a process, so all tests share one.
class StoreQuery : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!FindChdb()) return;
    std::string name = (fs::temp_directory_path() / "telltale-query-XXXXXX").string();
    folder_ = new fs::path(::mkdtemp(name.data()));
    auto opened = EmbeddedEngine::Open({.folder = *folder_ / "store"});
    ASSERT_TRUE(opened) << opened.error().message;
    engine_ = opened->release();
    ASSERT_TRUE(Migrate(*engine_));
    const Status filled = engine_->Execute(std::string(kFill));
    ASSERT_TRUE(filled) << filled.error().message;
  }
  static void TearDownTestSuite() {
    delete engine_;
    if (folder_ != nullptr) fs::remove_all(*folder_);
    delete folder_;
  }
  void SetUp() override {
    if (engine_ == nullptr) GTEST_SKIP() << FindChdb().error().message;
  }

  static TraceSearch SearchAll(size_t limit) {
    TraceSearch search;
    search.filter.range = {.start_unix_nano = kStart, .end_unix_nano = kStart + 300 * kSecond};
    search.limit = limit;
    return search;
  }

  static TraceId TraceNumber(uint16_t number) {
    TraceId id;
    id.bytes[14] = static_cast<uint8_t>((number + 1) >> 8);
    id.bytes[15] = static_cast<uint8_t>(number + 1);
    return id;
  }

  static FoundTraces Find(const TraceSearch& search) {
    auto found = FindTraces(*engine_, search);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *std::move(found) : FoundTraces{};
  }

  inline static fs::path* folder_ = nullptr;
  inline static Engine* engine_ = nullptr;
};

TEST_F(StoreQuery, ReadsATraceWithEveryField) {
  const auto set = ReadTraces(*engine_, std::array{TraceNumber(7)}, {});
  ASSERT_TRUE(set) << set.error().message;
  ASSERT_EQ(set->traces.size(), 1u);
  const Trace& trace = set->traces[0];
  ASSERT_EQ(trace.spans.size(), 4u);
  EXPECT_EQ(trace.start_unix_nano, kStart + 7 * kSecond);
  EXPECT_EQ(trace.end_unix_nano, kStart + 7 * kSecond + 10'000'000);
  EXPECT_TRUE(trace.completeness.complete());
  EXPECT_EQ(trace.spans[1].row.service, "shop");
  EXPECT_EQ(trace.spans[2].row.status, 2);
  EXPECT_EQ(trace.spans[3].row.attributes.count, 3u);
  EXPECT_EQ(set->resources.size(), 4u);
  EXPECT_EQ(set->scopes, (std::vector<std::string_view>{"{\"name\":\"test\"}"}));
}

TEST_F(StoreQuery, ReadsMoreSpansThanOnePieceHolds) {
  std::vector<TraceId> ids;
  for (uint16_t i = 0; i < 300; ++i) ids.push_back(TraceNumber(i));
  const auto set = ReadTraces(*engine_, ids, {});
  ASSERT_TRUE(set) << set.error().message;
  ASSERT_EQ(set->traces.size(), 300u);
  for (const Trace& trace : set->traces) {
    EXPECT_EQ(trace.spans.size(), 4u);
    EXPECT_EQ(trace.completeness.duplicate_spans, 0u);
    for (const TraceSpan& span : trace.spans) EXPECT_FALSE(set->resources[span.resource].empty());
  }
  EXPECT_EQ(set->resources.size(), 4u);
}

TEST_F(StoreQuery, FindsTheNewestTracesFirst) {
  const FoundTraces found = Find(SearchAll(3));
  ASSERT_EQ(found.traces.size(), 3u);
  EXPECT_EQ(found.traces[0].trace_id, TraceNumber(299));
  EXPECT_EQ(found.traces[2].trace_id, TraceNumber(297));
  EXPECT_TRUE(found.next);
}

TEST_F(StoreQuery, PagesShowEveryTraceOnceAndEnd) {
  TraceSearch search = SearchAll(70);
  std::set<TraceId> seen;
  int pages = 0;
  do {
    const FoundTraces found = Find(search);
    for (const MatchRow& trace : found.traces) EXPECT_TRUE(seen.insert(trace.trace_id).second);
    search.cursor = found.next;
    ++pages;
  } while (search.cursor && pages < 10);
  EXPECT_EQ(seen.size(), 300u);
  EXPECT_EQ(pages, 5);
}

TEST_F(StoreQuery, EveryConditionHoldsOnOneSpan) {
  TraceSearch search = SearchAll(1000);
  search.filter.service = "db";
  search.filter.status = uint8_t{2};
  EXPECT_EQ(Find(search).traces.size(), 150u);
  search.filter.operation = "INSERT";
  EXPECT_EQ(Find(search).traces.size(), 0u);
}

TEST_F(StoreQuery, DurationsBoundTheMatchingSpan) {
  TraceSearch search = SearchAll(1000);
  search.filter.duration_nano_min = 10'000'000;
  search.filter.service = "web";
  EXPECT_EQ(Find(search).traces.size(), 300u);
  search.filter.service = "db";
  EXPECT_EQ(Find(search).traces.size(), 0u);
}

TEST_F(StoreQuery, FindsAttributesOfSpansAndOfResources) {
  const auto count = [](std::string key, std::optional<std::string> value) {
    TraceSearch search = SearchAll(1000);
    search.filter.attributes = {{.key = std::move(key), .value = std::move(value)}};
    return Find(search).traces.size();
  };
  EXPECT_EQ(count("trace.number", "42"), 1u);
  EXPECT_EQ(count("trace.number", "no such"), 0u);
  EXPECT_EQ(count("trace.number", std::nullopt), 300u);
  EXPECT_EQ(count("empty", ""), 300u);
  EXPECT_EQ(count("absent", ""), 0u);
  EXPECT_EQ(count("absent", std::nullopt), 0u);
  EXPECT_EQ(count("pid", "2"), 300u);
  EXPECT_EQ(count("pid", "7"), 0u);
  EXPECT_EQ(count("service.name", "shop"), 300u);
}

TEST_F(StoreQuery, TwoAttributesMustBeOnOneSpan) {
  TraceSearch search = SearchAll(1000);
  search.filter.attributes = {{.key = "place", .value = "1"}, {.key = "service.name", .value = "shop"}};
  EXPECT_EQ(Find(search).traces.size(), 300u);
  search.filter.attributes[1].value = "web";
  EXPECT_EQ(Find(search).traces.size(), 0u);
}

TEST_F(StoreQuery, SummariesTellRootServicesErrorsAndOrphans) {
  const FoundTraces found = Find(SearchAll(300));
  auto summaries = SummariseTraces(*engine_, found.traces);
  ASSERT_TRUE(summaries) << summaries.error().message;
  const Status counted = CountOrphans(*engine_, *summaries);
  ASSERT_TRUE(counted) << counted.error().message;
  ASSERT_EQ(summaries->size(), 300u);
  const TraceSummary& odd = (*summaries)[0];    // trace 299
  const TraceSummary& tenth = (*summaries)[9];  // trace 290
  EXPECT_EQ(odd.service, "web");
  EXPECT_EQ(odd.name, "GET /");
  EXPECT_EQ(odd.spans, 4u);
  EXPECT_EQ(odd.errors, 1u);
  EXPECT_EQ(odd.orphans, 0u);
  ASSERT_EQ(odd.services.size(), 3u);
  EXPECT_EQ(odd.services[0].name, "db");
  EXPECT_EQ(odd.services[0].spans, 2u);
  EXPECT_EQ(tenth.errors, 0u);
  EXPECT_EQ(tenth.orphans, 1u);
}

// Reading newest first through many parts that overlap in time is a path of its own in the
// engine: it has to give what a sort of everything gives.
TEST_F(StoreQuery, NewestFirstThroughManyPartsIsWhatASortGives) {
  ASSERT_TRUE(engine_->Execute("CREATE TABLE scattered AS spans"));
  ASSERT_TRUE(engine_->Execute("SYSTEM STOP MERGES scattered"));
  for (int part = 0; part < 12; ++part) {
    const Status filled = engine_->Execute(
        "INSERT INTO scattered SELECT * REPLACE (start + toIntervalNanosecond((cityHash64(trace_id, "
        "span_id, " +
        std::to_string(part) + ") % 3000) * 100000000) AS start) FROM spans");
    ASSERT_TRUE(filled) << filled.error().message;
  }
  size_t compared = 0;
  for (const std::string service : {"", "db", "nobody"}) {
    for (const int64_t seconds : {1, 20, 700}) {
      for (const size_t rows : {1u, 50u, 5000u}) {
        SpanFilter filter;
        filter.service = service;
        QueryRequest request = MatchesStatement(
            filter, {.rows_max = rows,
                     .range = {.start_unix_nano = kStart, .end_unix_nano = kStart + seconds * kSecond}});
        const std::string from = "SELECT trace_id, start FROM spans";
        ASSERT_TRUE(request.sql.starts_with(from)) << request.sql;
        request.sql = "SELECT start FROM scattered" + request.sql.substr(from.size());
        const auto in_order = engine_->Query(request);
        request.settings = "optimize_read_in_order = 0, use_skip_indexes = 0, use_query_condition_cache = 0";
        const auto sorted = engine_->Query(request);
        ASSERT_TRUE(in_order && sorted);
        EXPECT_EQ(in_order->bytes, sorted->bytes) << service << ' ' << seconds << ' ' << rows;
        compared += sorted->bytes.size() / sizeof(int64_t);
      }
    }
  }
  EXPECT_GT(compared, 5000u);
  ASSERT_TRUE(engine_->Execute("DROP TABLE scattered"));
}

TEST_F(StoreQuery, ListsServicesOperationsKeysAndDependencies) {
  const auto services = ListServices(*engine_, {});
  ASSERT_TRUE(services) << services.error().message;
  ASSERT_EQ(services->size(), 3u);
  EXPECT_EQ((*services)[0].name, "db");
  EXPECT_EQ((*services)[0].spans, 600u);
  EXPECT_EQ((*services)[0].errors, 150u);

  const auto operations = ListOperations(*engine_, "db", {});
  ASSERT_TRUE(operations) << operations.error().message;
  ASSERT_EQ(operations->size(), 2u);
  EXPECT_EQ((*operations)[1].name, "SELECT");

  const auto plan = engine_->Query({.sql = "EXPLAIN " + ServicesStatement({}, 10).sql});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(plan->bytes.contains("(operations)")) << "reads spans instead of the counts beside them";

  const auto keys = ListAttributeKeys(*engine_, "", {});
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(*keys, (std::vector<std::string>{"empty", "pid", "place", "service.name", "trace.number"}));

  const auto dependencies = ListDependencies(*engine_, {});
  ASSERT_TRUE(dependencies) << dependencies.error().message;
  ASSERT_EQ(dependencies->size(), 2u);
  EXPECT_EQ((*dependencies)[0].parent, "shop");
  EXPECT_EQ((*dependencies)[0].child, "db");
  EXPECT_EQ((*dependencies)[0].calls, 300u);
}

TEST_F(StoreQuery, StatsCountWhatIsStored) {
  const auto stats = ReadStoreStats(*engine_);
  ASSERT_TRUE(stats) << stats.error().message;
  EXPECT_EQ(stats->spans, 1200u);
  EXPECT_GT(stats->disk_bytes, 0u);
  EXPECT_EQ(stats->oldest_unix_nano, kStart);
}

// One span with a value as the encoder keeps it; its chunks go to the table as often as told.
class KeptSpan {
 public:
  KeptSpan(Engine& engine, const std::string& value, int copies) : engine_(engine) {
    RecentChunks recent;
    ContentKeeper keeper(recent, kStored);
    std::string kept;
    EXPECT_TRUE(keeper.Keep(value, kept));
    for (int i = 0; i < copies; ++i) {
      for (const FreshChunk& chunk : keeper.fresh()) {
        Run("INSERT INTO content (stored, hash, bytes) SELECT " + std::to_string(kStored) + ", " +
            std::to_string(chunk.hash.low) + ", unhex('" + ToHex(chunk.bytes) + "')");
      }
    }
    Run("INSERT INTO spans (trace_id, span_id, start, service, name, attrs, attr_types, resource, scope, "
        "received)"
        " SELECT unhex('" +
        trace_id.Hex() + "'), unhex('00000000000000aa'), fromUnixTimestamp64Nano(" +
        std::to_string(kStart - kSecond) + ", 'UTC'), 'kept', 'chat', map('before', 'a', 'prompt', unhex('" +
        ToHex(kept) + "')), 'sS', '{}', '{}', '2025-11-25 00:00:00'");
  }
  ~KeptSpan() {
    Run("TRUNCATE TABLE content");
    Run("ALTER TABLE spans DROP PARTITION '2025-11-25'");
  }

  Trace Read() const {
    auto set = ReadTraces(engine_, std::array{trace_id}, {});
    EXPECT_TRUE(set) << set.error().message;
    prompt.clear();
    StoredAttribute attribute;
    for (AttributeReader reader(set->traces.at(0).spans.at(0).row.attributes); reader.Next(attribute);) {
      if (attribute.key == "prompt") prompt = attribute.text;
    }
    return set->traces.at(0);
  }

  const TraceId trace_id = IdOf<16>(0xee);
  mutable std::string prompt;  // as Read() last saw it

 private:
  static constexpr uint64_t kStored = 1'764'028'800'000;  // 2025-11-25

  void Run(const std::string& sql) const {
    const Status done = engine_.Execute(sql);
    EXPECT_TRUE(done) << done.error().message;
  }

  Engine& engine_;
};

const std::string kPrompt =
    "[{\"content\":\"" + std::string(600, 'x') + "\"},{\"content\":\"" + std::string(600, 'y') + "\"}]";

TEST_F(StoreQuery, ReadsAValueWhoseChunksAreThereTwice) {
  const KeptSpan span(*engine_, kPrompt, 2);
  EXPECT_TRUE(span.Read().completeness.complete());
  EXPECT_EQ(span.prompt, kPrompt);
}

TEST_F(StoreQuery, SaysThatATraceIsNotWholeWhereContentIsMissing) {
  const KeptSpan span(*engine_, kPrompt, 0);
  const Completeness completeness = span.Read().completeness;
  EXPECT_EQ(completeness.missing_chunks, 2u);
  EXPECT_FALSE(completeness.complete());
  EXPECT_TRUE(span.prompt.contains("not in the store")) << span.prompt;
}

TEST_F(StoreQuery, FindsALargeValueKeptOrNot) {
  const KeptSpan span(*engine_, kPrompt, 1);
  const auto found = [&](const std::string& key, const std::string& value) {
    TraceSearch search;
    search.filter.range = {.start_unix_nano = kStart - 10 * kSecond, .end_unix_nano = kStart};
    search.filter.attributes = {{.key = key, .value = value}};
    search.limit = 10;
    return Find(search).traces.size();
  };
  EXPECT_EQ(found("prompt", kPrompt), 1u);
  EXPECT_EQ(found("prompt", kPrompt + " "), 0u);
  EXPECT_EQ(found("before", kPrompt), 0u);
  ASSERT_TRUE(engine_->Execute(
      "INSERT INTO spans (trace_id, start, service, attrs, attr_types, received) SELECT unhex('" +
      IdOf<16>(0xef).Hex() + "'), fromUnixTimestamp64Nano(" + std::to_string(kStart - kSecond) +
      ", 'UTC'), 'plain', map('prompt', unhex('" + ToHex(kPrompt) + "')), 's', '2025-11-25 00:00:00'"));
  EXPECT_EQ(found("prompt", kPrompt), 2u) << "rows of older versions have the value itself";
}

}  // namespace
}  // namespace telltale
