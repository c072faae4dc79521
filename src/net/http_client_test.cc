#include "net/http_client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "net/http_server.h"

namespace telltale {
namespace {

// The response, or nothing when more bytes are needed.
std::optional<HttpClientResponse> Parse(std::string_view bytes, bool at_end = false) {
  auto parsed = ParseResponseUntrusted({.bytes = bytes, .at_end = at_end});
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? *parsed : std::nullopt;
}

TEST(ParseResponse, NeedsEveryByteAndNoMore) {
  const std::string_view whole =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX:  y \r\n\r\n"
      "3\r\nabc\r\n2;e\r\nde\r\n0\r\nT: x\r\n\r\n";
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(Parse(whole.substr(0, size))) << size;
  const auto response = Parse(whole);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.Get("x"), "y");
  EXPECT_EQ(response->body, "abcde");
}

TEST(ParseResponse, WithoutALengthTheBodyEndsWithTheConnection) {
  const std::string_view bytes = "HTTP/1.0 200 OK\r\n\r\nall";
  EXPECT_FALSE(Parse(bytes));
  EXPECT_EQ(Parse(bytes, true)->body, "all");
}

TEST(ParseResponse, WhatIsNotHttpIsAnError) {
  for (const std::string_view bytes :
       {"SSH-2.0-x\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n"}) {
    EXPECT_FALSE(ParseResponseUntrusted({.bytes = bytes, .at_end = true})) << bytes;
  }
}

TEST(ParseHttpUrl, SplitsHostPortAndTarget) {
  const auto url = ParseHttpUrl("http://[::1]:4318/v1/traces?a=b#c");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, "4318");
  EXPECT_EQ(url->target, "/v1/traces?a=b");
  EXPECT_EQ(ParseHttpUrl("http://h?x")->target, "/?x");
  for (const std::string_view bad :
       {"https://h", "http://", "http://h:port", "http://h:", "http://h/a b", "h"}) {
    EXPECT_FALSE(ParseHttpUrl(bad)) << bad;
  }
}

class Silent final : public HttpHandler {
 public:
  void Handle(HttpRequest request, HttpDone done) override {
    if (request.path == "/silent") {
      kept = std::move(done);
    } else {
      done(HttpResponse::Text(201, request.method + request.headers.Get("X-A").data() + request.body));
    }
  }
  HttpDone kept;
};

TEST(HttpFetch, SendsAndReceives) {
  Silent handler;
  const auto server = *HttpServer::Listen({}, handler);
  HttpClientRequest request{
      .method = "PUT", .url = "http://localhost:" + std::to_string(server->port()) + "/x", .body = "body"};
  request.headers.Add("X-A", "-a-");
  const auto answer = HttpFetch(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "PUT-a-body");
}

TEST(HttpFetch, GivesUpAfterItsTimeout) {
  Silent handler;
  const auto server = *HttpServer::Listen({}, handler);
  const auto before = std::chrono::steady_clock::now();
  const auto answer =
      HttpFetch({.url = "http://127.0.0.1:" + std::to_string(server->port()) + "/silent", .timeout_ms = 100});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kOverLimit);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
}

class Streaming final : public HttpHandler {
 public:
  void Handle(HttpRequest request, HttpDone done) override {
    HttpResponse response;
    response.stream = [path = request.path](HttpStream& stream) {
      for (int i = 0; i < 1000; ++i) {
        if (!stream.Write(std::string(5000, 'x'))) return;
      }
      if (path == "/broken") stream.BreakOff();
    };
    if (request.path == "/refused") response = HttpResponse::Text(500, "no");
    done(std::move(response));
  }
};

TEST(HttpFetch, HandsOverABodyAsItComes) {
  Streaming handler;
  const auto server = *HttpServer::Listen({}, handler);
  const std::string url = "http://127.0.0.1:" + std::to_string(server->port());
  size_t size = 0;
  const auto take = [&](std::string_view piece) {
    size += piece.size();
    return true;
  };
  const auto whole = HttpFetch({.url = url + "/whole", .take = take});
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->body, "");
  EXPECT_EQ(size, 5'000'000u);

  size = 0;
  const auto broken = HttpFetch({.url = url + "/broken", .take = take});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(size, 5'000'000u) << "all that was sent arrived";

  const auto refused = HttpFetch({.url = url + "/refused", .take = take});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->body, "no") << "what is no success is not handed over";

  EXPECT_TRUE(HttpFetch({.url = url + "/enough", .take = [](std::string_view) { return false; }}));
}

TEST(HttpFetch, EndsWhenNobodyWaits) {
  Silent handler;
  const auto server = *HttpServer::Listen({}, handler);
  const auto before = std::chrono::steady_clock::now();
  const auto answer = HttpFetch({.url = "http://127.0.0.1:" + std::to_string(server->port()) + "/silent",
                                 .timeout_ms = 60'000,
                                 .cancelled = [] { return true; },
                                 .what = "ask"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "ask: nobody waits for it");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
}

TEST(HttpFetch, SendsTheBodysPiecesBehindIt) {
  Silent handler;
  const auto server = *HttpServer::Listen({}, handler);
  const std::string_view pieces[] = {"b", "c"};
  HttpClientRequest request{.method = "PUT",
                            .url = "http://127.0.0.1:" + std::to_string(server->port()) + "/x",
                            .body = "a",
                            .body_pieces = pieces};
  request.headers.Add("X-A", "-");
  EXPECT_EQ(HttpFetch(request)->body, "PUT-abc");
}

TEST(BodyUnframer, GivesTheBodyWhateverThePieces) {
  const std::string framed = "5\r\nhello\r\n6;x=1\r\n world\r\n0\r\nTrailer: y\r\n\r\n";
  HttpClientResponse head;
  head.headers.Add("Transfer-Encoding", "chunked");
  for (size_t size = 1; size <= framed.size(); ++size) {
    BodyUnframer unframer(head);
    std::string body;
    for (size_t at = 0; at < framed.size(); at += size)
      body += *unframer.AddUntrusted(std::string_view(framed).substr(at, size));
    EXPECT_EQ(body, "hello world");
    EXPECT_TRUE(unframer.done());
  }
  EXPECT_FALSE(BodyUnframer(head).AddUntrusted("zz\r\n"));
  EXPECT_FALSE(BodyUnframer(head).AddUntrusted("1\r\nab\r\n"));
}

TEST(HttpFetch, SaysWhenNothingListens) {
  Silent handler;
  auto server = *HttpServer::Listen({}, handler);
  const std::string url = "http://127.0.0.1:" + std::to_string(server->port()) + "/";
  server.reset();
  const auto answer = HttpFetch({.url = url});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(answer.error().message.find(url), std::string::npos);
  EXPECT_NE(answer.error().hint, "");
}

// Answers with a stream of three pieces, the last long after the others.
class SlowHandler final : public HttpHandler {
 public:
  void Handle(HttpRequest request, HttpDone done) override {
    if (request.path == "/no") return done(HttpResponse::Json(400, "{}"));
    HttpResponse response;
    response.stream = [](HttpStream& stream) {
      for (const char* piece : {"one ", "two ", "three "}) {
        if (!stream.Write(piece)) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
      }
      while (!stream.closed()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    };
    done(std::move(response));
  }
};

class HttpFollowTest : public testing::Test {
 protected:
  HttpFollowTest() : server_(*HttpServer::Listen({.address = "127.0.0.1", .port = 0}, handler_)) {}
  std::string Url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + path;
  }

  SlowHandler handler_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpFollowTest, GivesTheBodyAsItComesUntilItHasEnough) {
  std::string all;
  int ticks = 0;
  const auto answer = HttpFollow({.url = Url("/")}, [&](std::string_view piece) {
    all += piece;
    if (piece.empty()) ++ticks;
    return all != "one two three ";
  });
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(all, "one two three ");
  EXPECT_GE(ticks, 1);
}

TEST_F(HttpFollowTest, ASilenceThatIsTooLongIsAnError) {
  const auto answer = HttpFollow({.url = Url("/"), .timeout_ms = 600}, [](std::string_view) { return true; });
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
}

TEST_F(HttpFollowTest, ARefusalIsReadWhole) {
  const auto answer = HttpFollow({.url = Url("/no")}, [](std::string_view) { return true; });
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->body, "{}");
}

}  // namespace
}  // namespace telltale
