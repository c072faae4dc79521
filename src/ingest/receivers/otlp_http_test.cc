#include "ingest/receivers/otlp_http.h"

#include <gtest/gtest.h>

#include <optional>

#include "net/gzip.h"

namespace telltale {
namespace {

constexpr std::string_view kOneSpan =
    R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10",)"
    R"("spanId":"0102030405060708","name":"chat","startTimeUnixNano":"1","endTimeUnixNano":"2"}]}]}]})";

class CollectingSink final : public SpanSink {
 public:
  void Submit(Batch batch, SinkDone done) override {
    spans += batch.spans.size();
    done(answer);
  }
  size_t spans = 0;
  Status answer;
};

class OtlpHttpReceiverTest : public testing::Test {
 protected:
  HttpResponse Post(std::string body, std::string type = "application/json", std::string encoding = "") {
    HttpRequest request;
    request.method = "POST";
    request.path = "/v1/traces";
    request.headers.Add("content-type", std::move(type));
    if (!encoding.empty()) request.headers.Add("content-encoding", std::move(encoding));
    request.body = std::move(body);
    return Send(std::move(request));
  }
  HttpResponse Send(HttpRequest request) {
    std::optional<HttpResponse> answer;
    receiver_.Handle(std::move(request), [&](HttpResponse response) { answer = std::move(response); });
    EXPECT_TRUE(answer.has_value());
    return answer.value_or(HttpResponse{});
  }

  CollectingSink sink_;
  OtlpHttpReceiver receiver_{
      {.body_bytes_max = 10'000, .cors_origins = {"http://localhost:*", "https://app.example"}}, sink_};
};

TEST_F(OtlpHttpReceiverTest, TakesJsonPlainAndZipped) {
  EXPECT_EQ(Post(std::string(kOneSpan)).status, 200);
  EXPECT_EQ(Post(Gzip(kOneSpan), "application/json; charset=utf-8", "gzip").status, 200);
  EXPECT_EQ(sink_.spans, 2u);
}

TEST_F(OtlpHttpReceiverTest, AnswersInTheEncodingOfTheRequest) {
  const HttpResponse json = Post("{");
  EXPECT_EQ(json.status, 400);
  EXPECT_EQ(json.headers.Get("Content-Type"), "application/json");
  EXPECT_NE(json.body.find("\"message\""), std::string::npos);

  const HttpResponse protobuf = Post("\xff\xff", "application/x-protobuf");
  EXPECT_EQ(protobuf.status, 400);
  EXPECT_EQ(protobuf.headers.Get("Content-Type"), "application/x-protobuf");
  EXPECT_EQ(protobuf.body.front(), '\x08') << "google.rpc.Status.code";
}

TEST_F(OtlpHttpReceiverTest, RefusesOtherMediaTypesAndEncodings) {
  EXPECT_EQ(Post(std::string(kOneSpan), "text/plain").status, 415);
  EXPECT_EQ(Post(std::string(kOneSpan), "").status, 415);
  EXPECT_EQ(Post(std::string(kOneSpan), "application/json", "br").status, 415);
}

TEST_F(OtlpHttpReceiverTest, RefusesABodyAboveTheLimitAlsoWhenItIsZipped) {
  EXPECT_EQ(Post(std::string(10'001, ' ')).status, 413);
  EXPECT_EQ(Post(Gzip(std::string(1'000'000, ' ')), "application/json", "gzip").status, 413);
  EXPECT_EQ(Post("not gzip", "application/json", "gzip").status, 400);
}

TEST_F(OtlpHttpReceiverTest, TellsTheSenderToComeBackWhenTheLogPushesBack) {
  sink_.answer = Fail(ErrorCode::kUnavailable, "append to the log: full");
  const HttpResponse response = Post(std::string(kOneSpan));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.Get("Retry-After"), "1");
}

TEST_F(OtlpHttpReceiverTest, AnswersOtherPathsWith404AndOtherMethodsWith405) {
  HttpRequest request;
  request.method = "POST";
  for (const char* path : {"/v1/profiles", "/v1/traces/x", "/"}) {
    request.path = path;
    EXPECT_EQ(Send(request).status, 404) << path;
  }
  for (const char* path : {"/v1/traces", "/v1/logs", "/v1/metrics"}) {
    request.path = path;
    for (const char* method : {"GET", "HEAD", "OPTIONS", "PUT"}) {
      request.method = method;
      EXPECT_EQ(Send(request).status, 405) << path << ' ' << method;
      EXPECT_EQ(Send(request).headers.Get("Allow"), "POST") << path << ' ' << method;
    }
  }
}

TEST_F(OtlpHttpReceiverTest, TakesAPathThatEndsInASlash) {
  HttpRequest request;
  request.method = "POST";
  request.path = "/v1/traces/";
  request.headers.Add("Content-Type", "application/json");
  request.body = kOneSpan;
  EXPECT_EQ(Send(request).status, 200);
  EXPECT_EQ(sink_.spans, 1u);
}

TEST_F(OtlpHttpReceiverTest, WordsTheServersRefusalsAsStatusInTheEncodingOfTheRequest) {
  HttpRefusal refusal{.status = 413,
                      .code = ErrorCode::kOverLimit,
                      .message = "the body is too large",
                      .hint = "send less",
                      .headers = {}};
  const std::string text = "the body is too large (send less)";
  const HttpResponse unknown = receiver_.Refuse(refusal);
  EXPECT_EQ(unknown.status, 413);
  EXPECT_EQ(unknown.headers.Get("Content-Type"), "application/x-protobuf");
  EXPECT_EQ(unknown.body, "\x08\x08\x12" + std::string(1, static_cast<char>(text.size())) + text);

  refusal.headers.Add("content-type", "Application/JSON; charset=utf-8");
  const HttpResponse json = receiver_.Refuse(refusal);
  EXPECT_EQ(json.headers.Get("Content-Type"), "application/json");
  EXPECT_EQ(json.body, R"({"code":8,"message":")" + text + R"("})");

  refusal.status = 503;
  EXPECT_NE(receiver_.Refuse(refusal).body.find(R"("retryDelay":"1s")"), std::string::npos);
}

TEST_F(OtlpHttpReceiverTest, AnswersPagesOfTheOriginsThatAreListedAndNoOthers) {
  const auto ask = [&](const char* method, const char* origin) {
    HttpRequest request;
    request.method = method;
    request.path = "/v1/traces";
    request.headers.Add("Origin", origin);
    request.headers.Add("Content-Type", "application/json");
    request.headers.Add("Access-Control-Request-Headers", "content-type,x-tenant");
    request.body = "{}";
    return Send(std::move(request));
  };
  for (const char* origin : {"http://localhost:5173", "https://app.example"}) {
    const HttpResponse preflight = ask("OPTIONS", origin);
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.headers.Get("Access-Control-Allow-Origin"), origin);
    EXPECT_EQ(preflight.headers.Get("Access-Control-Allow-Headers"), "content-type,x-tenant");
    EXPECT_EQ(ask("POST", origin).headers.Get("Access-Control-Allow-Origin"), origin);
  }
  for (const char* origin :
       {"http://localhost.evil.example", "http://app.example", "https://app.example.evil", "null"}) {
    EXPECT_EQ(ask("OPTIONS", origin).status, 405) << origin;
    EXPECT_EQ(ask("POST", origin).headers.Get("Access-Control-Allow-Origin"), "") << origin;
  }
}

}  // namespace
}  // namespace telltale
