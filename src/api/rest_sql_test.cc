#include <gtest/gtest.h>

#include <string>

#include "api/testing/ask.h"

namespace telltale {
namespace {

HttpRequest Post(std::string body, std::string type = "application/json") {
  HttpRequest request = Get("/api/v1/sql");
  request.method = "POST";
  request.body = std::move(body);
  request.headers.Add("Content-Type", std::move(type));
  return request;
}

class RestSql : public testing::Test {
 protected:
  HttpResponse Ask(const HttpRequest& request) {
    // The engine's list of functions.
    engine.Answer(Rows().String("file"));
    return AnswerRest(face_, request);
  }

  FakeEngine engine;
  ApiOptions options{.version = "1.2.3", .state = {}, .files = {}};

 private:
  StoppedClock clock_;
  Face face_{engine, clock_, options, {}, std::make_shared<Sql>(engine)};
};

TEST_F(RestSql, AnswersWithColumnsRowsAndStatistics) {
  engine.reader.pieces = {"[\"n\", \"name\"]\n[\"UInt64\", \"String\"]\n[\"1\", \"a\"]\n",
                          "[\"n\", \"name\"]\n[\"UInt64\", \"String\"]\n[\"2\", \"b\"]\n"};
  engine.reader.statistics = {.rows_read = 2, .bytes_read = 18, .seconds = 0.5};
  const HttpResponse response = Ask(Post(R"({"query": "SELECT 1", "limit": 5, "timeout_seconds": 2.5})"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            R"({"columns":[{"name":"n","type":"UInt64"},{"name":"name","type":"String"}],)"
            R"("rows":[["1", "a"],["2", "b"]],)"
            R"("statistics":{"rows_read":2,"bytes_read":18,"elapsed_seconds":0.5},"truncated":false})");
  EXPECT_EQ(engine.reader_limits.rows_max, 6u) << "one more tells that there are more";
  EXPECT_EQ(engine.reader_limits.seconds_max, 2.5);
}

TEST_F(RestSql, SaysWhatTheEngineSays) {
  engine.reader.error = Error{ErrorCode::kInvalidInput, "Code: 1. DB::Exception: No. (NO)", {}};
  const HttpResponse response = Ask(Post(R"({"query": "SELECT 1"})"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, R"({"code":"invalid_input","message":"answer the statement: No","hint":""})");
}

TEST_F(RestSql, EndsAStatementThatNobodyWaitsFor) {
  engine.reader.pieces = {"[\"n\"]\n[\"UInt8\"]\n"};
  HttpRequest request = Post(R"({"query": "SELECT 1"})");
  const auto gone = std::make_shared<std::atomic<bool>>(false);
  request.client_gone = gone;
  EXPECT_EQ(Ask(request).status, 200);
  EXPECT_FALSE(engine.reader_limits.cancelled());
  *gone = true;
  EXPECT_TRUE(engine.reader_limits.cancelled());
}

TEST_F(RestSql, RefusesWhatAnotherSiteCouldSend) {
  EXPECT_EQ(Ask(Post(R"({"query": "SELECT 1"})", "text/plain")).status, 400);
}

TEST_F(RestSql, ShowsTheSchema) {
  const HttpResponse response = Ask(Get("/api/v1/sql/schema"));
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.body.starts_with(R"({"items":[{"name":"spans","about":"A row for every span)"))
      << response.body.substr(0, 200);
}

}  // namespace
}  // namespace telltale
