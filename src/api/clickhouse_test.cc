#include "api/clickhouse.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <utility>

#include "api/clickhouse_request.h"
#include "query/testing/fake_engine.h"

namespace telltale {
namespace {

HttpRequest Request(std::string query, std::string body = {}) {
  HttpRequest request;
  request.method = body.empty() ? "GET" : "POST";
  request.path = "/";
  request.query = std::move(query);
  request.body = std::move(body);
  return request;
}

struct KeepingStream final : HttpStream {
  bool Write(std::string more) override {
    bytes += more;
    return true;
  }
  bool closed() const override { return false; }
  void BreakOff() override { broken_off = true; }
  std::string bytes;
  bool broken_off = false;
};

class ClickHouse : public testing::Test {
 protected:
  HttpResponse Ask(HttpRequest request) {
    // Of the engine: its version and its functions.
    engine.Answer(Rows().String("26.7.1").String("file"));
    ClickHouseFace face({}, engine);
    std::promise<HttpResponse> answer;
    face.Handle(std::move(request), [&](HttpResponse response) { answer.set_value(std::move(response)); });
    HttpResponse response = answer.get_future().get();
    if (response.stream) response.stream(stream);
    return response;
  }

  FakeEngine engine;
  KeepingStream stream;
};

TEST_F(ClickHouse, IsThere) {
  EXPECT_EQ(Ask(Request("")).body, "Ok.\n");
  HttpRequest ping = Request("");
  ping.path = "/ping";
  EXPECT_EQ(Ask(ping).body, "Ok.\n");
  ping.path = "/nothing";
  EXPECT_EQ(Ask(ping).status, 404);
}

TEST_F(ClickHouse, AnswersWithItsHeaders) {
  engine.reader.pieces = {"a\n1\n", "a\n2\n"};
  engine.reader.statistics = {.rows_read = 7, .bytes_read = 70};
  const HttpResponse response =
      Ask(Request("query=SELECT+1&default_format=TSVWithNames&query_id=q-1&session_timezone=Asia/Tokyo"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "a\n1\n2\n");
  EXPECT_EQ(response.headers.Get("Content-Type"), "text/tab-separated-values; charset=UTF-8");
  EXPECT_EQ(response.headers.Get("X-ClickHouse-Format"), "TabSeparatedWithNames");
  EXPECT_EQ(response.headers.Get("X-ClickHouse-Query-Id"), "q-1");
  EXPECT_EQ(response.headers.Get("X-ClickHouse-Timezone"), "Asia/Tokyo");
  EXPECT_TRUE(
      response.headers.Get("X-ClickHouse-Summary").starts_with(R"({"read_rows":"7","read_bytes":"70",)"));
  EXPECT_TRUE(response.headers.Get("X-ClickHouse-Summary").contains(R"("result_rows":"2")"));
  EXPECT_EQ(response.headers.Get("X-ClickHouse-Progress"), "");
}

TEST_F(ClickHouse, SaysErrorsAsTheServerDoes) {
  engine.reader.error =
      Error{ErrorCode::kInvalidInput, "Code: 60. DB::Exception: No table. (UNKNOWN_TABLE)", {}};
  const HttpResponse response = Ask(Request("", "SELECT 1"));
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.headers.Get("X-ClickHouse-Exception-Code"), "60");
  EXPECT_EQ(response.body, "Code: 60. DB::Exception: answer the statement: No table. (UNKNOWN_TABLE)\n");
}

TEST_F(ClickHouse, TellsOfAnErrorInTheMiddleAndBreaksOff) {
  engine.reader.pieces = {std::string(2u << 20, 'x')};
  engine.reader.error =
      Error{ErrorCode::kOverLimit, "Code: 159. DB::Exception: Late. (TIMEOUT_EXCEEDED)", {}};
  const HttpResponse response = Ask(Request("", "SELECT 1"));
  EXPECT_EQ(response.status, 200) << "it had begun";
  const std::string tag(response.headers.Get("X-ClickHouse-Exception-Tag"));
  EXPECT_EQ(tag.size(), 16u);
  EXPECT_TRUE(stream.broken_off);
  const std::string text = "Code: 159. DB::Exception: answer the statement: Late. (TIMEOUT_EXCEEDED)\n";
  EXPECT_TRUE(stream.bytes.ends_with("x\r\n__exception__\r\n" + tag + "\r\n" + text +
                                     std::to_string(text.size()) + " " + tag + "\r\n__exception__\r\n"))
      << stream.bytes.substr(stream.bytes.size() - 200);
}

TEST_F(ClickHouse, WaitsForTheEndWhereItIsAskedTo) {
  engine.reader.pieces = {std::string(2u << 20, 'x')};
  engine.reader.error =
      Error{ErrorCode::kOverLimit, "Code: 159. DB::Exception: Late. (TIMEOUT_EXCEEDED)", {}};
  EXPECT_EQ(Ask(Request("wait_end_of_query=1", "SELECT 1")).status, 408);
}

TEST_F(ClickHouse, RefusesWhatAPageOfAnotherSiteSends) {
  for (const auto& [name, value, status] :
       {std::tuple{"Origin", "https://evil.example", 403}, std::tuple{"Origin", "null", 403},
        std::tuple{"Sec-Fetch-Site", "cross-site", 403},
        std::tuple{"Origin", "http://localhost:3000", 200}}) {
    HttpRequest request = Request("", "SELECT 1");
    request.headers.Add(name, value);
    EXPECT_EQ(Ask(request).status, status) << value;
  }
}

TEST_F(ClickHouse, HandsOnLimitsAndParameters) {
  Ask(Request(
      "max_execution_time=2.5&max_memory_usage=1000&max_result_rows=7&max_result_bytes=0&user=a&password=b",
      "SELECT 1"));
  EXPECT_EQ(engine.reader_limits.seconds_max, 2.5);
  EXPECT_EQ(engine.reader_limits.memory_bytes_max, 1000u);
  EXPECT_EQ(engine.reader_limits.settings.back().name, "max_result_rows");
}

TEST_F(ClickHouse, NeverLiftsALimit) {
  Ask(Request("max_execution_time=100000&max_memory_usage=0", "SELECT 1"));
  EXPECT_EQ(engine.reader_limits.seconds_max, 300);
  EXPECT_EQ(engine.reader_limits.memory_bytes_max, 150'000'000u);
}

std::string Refusal(const HttpRequest& request) {
  const auto asked = ReadClickHouseRequestUntrusted(request);
  return asked ? "" : std::to_string(asked.error().number) + " " + asked.error().name;
}

TEST(ClickHouseRequest, RefusesWhatWouldChangeTheMeaning) {
  EXPECT_EQ(Refusal(Request("allow_ddl=1")), "164 READONLY");
  EXPECT_EQ(Refusal(Request("database=other")), "81 UNKNOWN_DATABASE");
  EXPECT_EQ(Refusal(Request("decompress=1")), "48 NOT_IMPLEMENTED");
  EXPECT_EQ(Refusal(Request("max_result_rows=many")), "6 CANNOT_PARSE_TEXT");
  HttpRequest parts = Request("", "x");
  parts.headers.Add("Content-Type", "multipart/form-data; boundary=x");
  EXPECT_EQ(Refusal(parts), "48 NOT_IMPLEMENTED");
}

TEST(ClickHouseRequest, ReadsTheBodyBehindTheQuery) {
  EXPECT_EQ(ReadClickHouseRequestUntrusted(Request("query=SELECT+%27a%26b%27", "FORMAT JSON"))->question.text,
            "SELECT 'a&b'\nFORMAT JSON");
  EXPECT_EQ(ReadClickHouseRequestUntrusted(Request("param_x=1%092", "q"))->question.parameters[0].value,
            "1\t2");
}

TEST(ClickHouseRequest, MakesAnIdWhereTheOneGivenCouldForgeAHeader) {
  EXPECT_EQ(ReadClickHouseRequestUntrusted(Request("query_id=a%0d%0ab", "q"))->query_id.size(), 36u);
}

}  // namespace
}  // namespace telltale
