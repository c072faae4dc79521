#include "store/http_engine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "net/http_server.h"

namespace telltale {
namespace {

// A server that keeps what it is asked and answers what it is told to.
class Scripted final : public HttpHandler {
 public:
  void Handle(HttpRequest request, HttpDone done) override {
    MutexLock lock(mu_);
    asked_.push_back(request);
    done(answer(request, asked_.size()));
  }
  std::vector<HttpRequest> asked() {
    MutexLock lock(mu_);
    return asked_;
  }
  // Set before anything is asked.
  std::function<HttpResponse(const HttpRequest&, size_t)> answer = [](const HttpRequest&, size_t) {
    return HttpResponse::Text(200, "26.7\n");
  };

 private:
  Mutex mu_;
  std::vector<HttpRequest> asked_ TELLTALE_GUARDED_BY(mu_);
};

HttpResponse ErrorAnswer(int number, std::string_view name) {
  HttpResponse response = HttpResponse::Text(
      500, "Code: " + std::to_string(number) + ". DB::Exception: No. (" + std::string(name) + ")\n");
  response.headers.Add("X-ClickHouse-Exception-Code", std::to_string(number));
  return response;
}

class HttpEngineTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = std::move(*HttpServer::Listen({}, handler));
    const std::string url = "http://ann:se%3Acret@127.0.0.1:" + std::to_string(server_->port()) + "/traces";
    auto opened = HttpEngine::Open({.address = *StoreAddress::FromUrl(url), .pause_ms = 1});
    ASSERT_TRUE(opened) << opened.error().message;
    engine = std::move(*opened);
    begun_ = handler.asked().size();
  }
  // Since the engine was opened.
  std::vector<HttpRequest> Asked() {
    const std::vector<HttpRequest> all = handler.asked();
    return {all.begin() + static_cast<ptrdiff_t>(begun_), all.end()};
  }

  Scripted handler;
  std::unique_ptr<Engine> engine;

 private:
  std::unique_ptr<HttpServer> server_;
  size_t begun_ = 0;
};

TEST_F(HttpEngineTest, MakesItsDatabaseAndSaysWhoItIsInHeaders) {
  const std::vector<HttpRequest> all = handler.asked();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].body, "SELECT version()");
  EXPECT_EQ(all[1].body, "CREATE DATABASE IF NOT EXISTS `traces`");
  EXPECT_EQ(all[0].headers.Get("X-ClickHouse-User"), "ann");
  EXPECT_EQ(all[0].headers.Get("X-ClickHouse-Key"), "se:cret");
  EXPECT_FALSE(all[0].query.contains("cret"));
}

TEST_F(HttpEngineTest, SendsValuesAsParametersAndSettingsWithTheQuestion) {
  auto result = engine->Query({.sql = "SELECT {a:String}",
                               .parameters = {{"a", "it's\t&\n"}},
                               .seconds_max = 5,
                               .settings = "max_threads = 1"});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->bytes, "26.7\n");
  const HttpRequest asked = Asked()[0];
  EXPECT_EQ(asked.Param("param_a"), "it's\\t&\\n");
  EXPECT_EQ(asked.Param("database"), "traces");
  EXPECT_EQ(asked.Param("default_format"), "RowBinary");
  EXPECT_TRUE(asked.body.starts_with("SELECT {a:String} SETTINGS max_execution_time = 5.0"));
  EXPECT_TRUE(asked.body.ends_with(", max_threads = 1"));
}

TEST_F(HttpEngineTest, SendsLongParametersAsAForm) {
  const std::string value(100'000, 'x');
  ASSERT_TRUE(engine->Query({.sql = "SELECT {a:String}", .parameters = {{"a", value}}}));
  const HttpRequest asked = Asked()[0];
  EXPECT_TRUE(asked.headers.Get("Content-Type").starts_with("multipart/form-data; boundary="));
  EXPECT_TRUE(asked.body.contains("name=\"query\"\r\n\r\nSELECT {a:String} SETTINGS"));
  EXPECT_TRUE(asked.body.contains("name=\"param_a\"\r\n\r\n" + value + "\r\n"));
  EXPECT_LT(asked.query.size(), 1000u);
}

TEST_F(HttpEngineTest, InsertsOneBlockUnderItsToken) {
  const std::string_view pieces[] = {"one", "two"};
  ASSERT_TRUE(engine->Insert(BlockKind::kLogs, pieces, "log-1-2"));
  const HttpRequest asked = Asked()[0];
  EXPECT_EQ(asked.body, "onetwo");
  EXPECT_EQ(asked.Param("query"), "INSERT INTO logs FORMAT Native");
  EXPECT_EQ(asked.Param("insert_deduplication_token"), "log-1-2");
  EXPECT_EQ(asked.Param("async_insert"), "0");
}

TEST_F(HttpEngineTest, TriesAgainWhatMayBeDoneTwice) {
  std::atomic<int> failures = 2;
  handler.answer = [&](const HttpRequest&, size_t) {
    if (failures-- > 0) return HttpResponse::Text(503, "not yet");
    return HttpResponse::Text(200, "");
  };
  const std::string_view piece = "block";
  EXPECT_TRUE(engine->Insert(BlockKind::kSpans, {&piece, 1}, "t"));
  ASSERT_EQ(Asked().size(), 3u);
  EXPECT_EQ(Asked()[2].Param("insert_deduplication_token"), "t");

  failures = 1;
  const auto once = engine->Execute("ALTER TABLE x");
  ASSERT_FALSE(once);
  EXPECT_EQ(once.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(Asked().size(), 4u) << "a statement that changes something is tried once";
}

TEST_F(HttpEngineTest, TellsErrorsApartAsTheEmbeddedEngineDoes) {
  int number = 0;
  handler.answer = [&](const HttpRequest&, size_t) { return ErrorAnswer(number, "NAME"); };
  for (const auto& [code, expected] :
       {std::pair(62, ErrorCode::kInvalidInput), std::pair(241, ErrorCode::kOverLimit),
        std::pair(159, ErrorCode::kOverLimit), std::pair(243, ErrorCode::kUnavailable),
        std::pair(252, ErrorCode::kUnavailable), std::pair(60, ErrorCode::kInternal)}) {
    number = code;
    const auto result = engine->Query({.sql = "SELECT 1"});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, expected) << code;
    EXPECT_TRUE(result.error().message.starts_with("query: Code: " + std::to_string(code)))
        << result.error().message;
  }
  EXPECT_EQ(Asked().size(), 6u) << "what the server refuses is not asked again";
}

TEST_F(HttpEngineTest, ReadersAskWithoutRightsToChange) {
  handler.answer = [](const HttpRequest& request, size_t) {
    return HttpResponse::Text(200, request.body.starts_with("EXPLAIN") ? "tree" : "SELECT 1\n");
  };
  auto reader = engine->OpenReader({.seconds_max = 3, .rows_max = 7, .settings = {{"max_result_rows", "5"}}});
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->Analyse("select 1")->only_reads, true);
  EXPECT_EQ(*(*reader)->SyntaxTree("SELECT {a:String}", {}), "tree");
  std::string taken;
  const SqlParameter parameter{.name = "a", .value = "v"};
  auto read = (*reader)->Stream({.sql = "SELECT {a:String}", .format = "TSV", .parameters = {&parameter, 1}},
                                [&](std::string_view piece) {
                                  taken += piece;
                                  return true;
                                });
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(taken, "SELECT 1\n");
  for (const HttpRequest& asked : Asked()) {
    EXPECT_EQ(asked.Param("readonly"), "1");
    EXPECT_EQ(asked.Param("database"), "traces_sql");
  }
  const HttpRequest last = Asked().back();
  EXPECT_EQ(last.Param("default_format"), "TSV");
  EXPECT_EQ(last.Param("limit"), "7");
  EXPECT_EQ(last.Param("max_result_rows"), "5");
  EXPECT_EQ(last.Param("param_a"), "v");
}

TEST_F(HttpEngineTest, AReaderSeesWhatDoesNotRead) {
  handler.answer = [](const HttpRequest&, size_t) { return HttpResponse::Text(200, "DROP TABLE x\n"); };
  auto reader = engine->OpenReader({});
  EXPECT_EQ((*reader)->Analyse("drop table x")->only_reads, false);
}

TEST_F(HttpEngineTest, AReaderThatHasEnoughEndsTheStatement) {
  handler.answer = [](const HttpRequest&, size_t) { return HttpResponse::Text(200, "1\n2\n"); };
  auto reader = engine->OpenReader({});
  ASSERT_TRUE(
      (*reader)->Stream({.sql = "SELECT 1", .format = "TSV"}, [](std::string_view) { return false; }));
  const std::vector<HttpRequest> asked = Asked();
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[1].body, "KILL QUERY WHERE query_id = '" + *asked[0].Param("query_id") + "' ASYNC");
}

TEST(StoreAddress, IsReadFromAUrl) {
  const auto full = StoreAddress::FromUrl("http://a%40b:p%2Fq@store.example:9000/traces/");
  ASSERT_TRUE(full) << full.error().message;
  EXPECT_EQ(full->user, "a@b");
  EXPECT_EQ(full->password, "p/q");
  EXPECT_EQ(full->Text(), "store.example:9000/traces");
  EXPECT_EQ(StoreAddress::FromUrl("http://[::1]")->Text(), "[::1]:8123/telltale");
  EXPECT_EQ(StoreAddress::FromUrl("http://h:80")->Text(), "h:80/telltale");
}

TEST(StoreAddress, IsRefusedWithoutRepeatingIt) {
  for (const char* url : {"https://u:hunter2@h", "u:hunter2@h", "http://u:hunter2@", "http://u:hunter2@h/a-b",
                          "http://u:hunter2@h:port", "http://u:hunter2%0a@h", "http://u:hunter2@h/a`b"}) {
    const auto refused = StoreAddress::FromUrl(url);
    ASSERT_FALSE(refused) << url;
    EXPECT_FALSE((refused.error().message + refused.error().hint).contains("hunter2")) << url;
  }
}

TEST(HttpEngine, SaysWhereNothingListensAndNoMore) {
  const auto opened = HttpEngine::Open(
      {.address = *StoreAddress::FromUrl("http://ann:hunter2@127.0.0.1:1/traces"), .pause_ms = 1});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(opened.error().message.starts_with("open the store: store 127.0.0.1:1/traces: "))
      << opened.error().message;
  EXPECT_FALSE(opened.error().message.contains("hunter2") || opened.error().message.contains("ann"));
}

}  // namespace
}  // namespace telltale
