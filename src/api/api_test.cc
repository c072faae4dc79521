#include "api/api.h"

#include <gtest/gtest.h>

#include <future>

#include "api/answer.h"
#include "api/testing/ask.h"
#include "net/gzip.h"

namespace telltale {
namespace {

HttpResponse Ask(Api& api, HttpRequest request) {
  std::promise<HttpResponse> answer;
  api.Handle(std::move(request), [&](HttpResponse response) { answer.set_value(std::move(response)); });
  return answer.get_future().get();
}

TEST(Api, EachPathGoesToItsFace) {
  FakeEngine engine;
  Api api({.version = "1", .state = {}, .files = {}}, engine);
  EXPECT_EQ(Ask(api, Get("/api/v1/services")).body, R"({"items":[],"next":null})");
  EXPECT_EQ(Ask(api, Get("/api/v3/services")).body, R"({"services":[]})");
  EXPECT_EQ(Ask(api, Get("/api/services")).body,
            R"({"data":[],"total":0,"limit":0,"offset":0,"errors":null})");
  EXPECT_EQ(Ask(api, Get("/healthz")).body, "ok");
  EXPECT_EQ(Ask(api, Get("/traces")).status, 200);
}

TEST(Api, AnApiPathThatDoesNotExistIsAJsonError) {
  FakeEngine engine;
  Api api({.version = "1", .state = {}, .files = {}}, engine);
  for (const char* path : {"/api/nothing", "/api/v1/nothing", "/api/v3/nothing", "/api/v2/traces"}) {
    const HttpResponse response = Ask(api, Get(path));
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_TRUE(response.body.starts_with(R"({"code":"not_found")")) << response.body;
  }
}

TEST(Api, OnlyGetAndHeadAreAnswered) {
  FakeEngine engine;
  Api api({.version = "1", .state = {}, .files = {}}, engine);
  HttpRequest request = Get("/api/v1/services");
  request.method = "DELETE";
  const HttpResponse response = Ask(api, request);
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.Get("Allow"), "GET, HEAD");
}

// An engine that answers when the test lets it.
class SlowEngine final : public Engine {
 public:
  Status Insert(BlockKind, std::span<const std::string_view>, std::string_view) override { return {}; }
  Status Execute(const std::string&) override { return {}; }
  Result<std::unique_ptr<SqlReader>> OpenReader(const SqlReaderLimits&) override {
    return Fail(ErrorCode::kUnavailable, "no reader");
  }
  Result<QueryResult> Query(const QueryRequest&) override {
    go_.wait();
    return QueryResult{};
  }
  void Go() { open_.set_value(); }

 private:
  std::promise<void> open_;
  std::shared_future<void> go_ = open_.get_future().share();
};

TEST(Api, TooManyQuestionsAreToldToComeBack) {
  SlowEngine engine;
  // Before the api: what waits in its queue is still answered while it is destroyed.
  std::vector<std::promise<HttpResponse>> answers(8);
  Api api({.version = "1", .state = {}, .files = {}, .threads = 1, .queue_max = 1}, engine);
  for (auto& answer : answers) {
    api.Handle(Get("/api/v1/services"),
               [&](HttpResponse response) { answer.set_value(std::move(response)); });
  }
  // One runs and one waits, so the last cannot have been taken.
  const HttpResponse refused = answers.back().get_future().get();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.Get("Retry-After"), "1");
  engine.Go();
  EXPECT_EQ(answers.front().get_future().get().status, 200);
}

TEST(Answer, LargeBodiesAreCompressedForThoseWhoTakeIt) {
  HttpRequest request = Get("/api/v1/traces");
  HttpResponse response = HttpResponse::Json(200, std::string(5'000, 'x'));
  CompressFor(request, response);
  EXPECT_EQ(response.body.size(), 5'000u);
  request.headers.Add("Accept-Encoding", "gzip, deflate");
  CompressFor(request, response);
  EXPECT_EQ(response.headers.Get("Content-Encoding"), "gzip");
  EXPECT_EQ(*GunzipUntrusted(response.body, 10'000), std::string(5'000, 'x'));

  HttpResponse small = HttpResponse::Json(200, "{}");
  CompressFor(request, small);
  EXPECT_EQ(small.body, "{}");
}

TEST(Answer, AQualityOfZeroRefusesGzip) {
  for (const auto& [header, takes] : std::vector<std::pair<std::string, bool>>{{"gzip", true},
                                                                               {"br;q=1.0, gzip;q=0.8", true},
                                                                               {"gzip;q=0", false},
                                                                               {"gzip;q=0.0, br", false},
                                                                               {"*", true},
                                                                               {"", false},
                                                                               {"x-gzip-like", false}}) {
    HttpRequest request = Get("/");
    request.headers.Add("Accept-Encoding", header);
    EXPECT_EQ(AcceptsGzip(request), takes) << header;
  }
}

}  // namespace
}  // namespace telltale
