#include "net/http_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "base/counters.h"
#include "base/mutex.h"
#include "net/http_client.h"
#include "net/loopback.h"
#include "net/raw_client.h"

namespace telltale {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// For EXPECT_PRED2, which prints both texts when it fails.
bool StartsWith(std::string_view text, std::string_view start) {
  return text.starts_with(start);
}
bool EndsWith(std::string_view text, std::string_view end) {
  return text.ends_with(end);
}
bool HasSubstr(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}
bool Lacks(std::string_view text, std::string_view part) {
  return text.find(part) == text.npos;
}

constexpr std::string_view kHost = "Host: localhost\r\n";

std::string Get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(kHost) + "\r\n";
}

std::string Post(std::string_view target, std::string_view body) {
  return "POST " + std::string(target) + " HTTP/1.1\r\n" + std::string(kHost) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

// Answers with what it was given, or as the test says.
class TestHandler final : public HttpHandler {
 public:
  std::function<void(HttpRequest, HttpDone)> behaviour = [](HttpRequest request, HttpDone done) {
    done(HttpResponse::Text(
        200, request.method + " " + request.path + " ?" + request.query + " [" + request.body + "]"));
  };
  std::function<HttpResponse(const HttpRefusal&)> wording;
  std::atomic<int> handled = 0;  // calls of Handle that have returned

  void Handle(HttpRequest request, HttpDone done) override {
    behaviour(std::move(request), std::move(done));
    ++handled;  // Afterwards: who sees the count sees what the behaviour wrote.
  }
  HttpResponse Refuse(const HttpRefusal& refusal) const override {
    return wording ? wording(refusal) : HttpHandler::Refuse(refusal);
  }
};

class HttpServerTest : public testing::Test {
 protected:
  void Start(HttpServerOptions options = {}) {
    auto started = HttpServer::Listen(options, handler_);
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
  }
  uint16_t port() const { return server_->port(); }

  TestHandler handler_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersSeveralRequestsOnOneConnection) {
  Start();
  RawClient client(port());
  client.Send(Get("/a%20b?x=1"));
  EXPECT_PRED2(EndsWith, client.ReadResponse(), "GET /a b ?x=1 []");
  client.Send(Post("/two", "body"));
  EXPECT_PRED2(EndsWith, client.ReadResponse(), "POST /two ? [body]");
}

TEST_F(HttpServerTest, GivesAwayAConnectionThatBeginsAsHttp2UnreadAndKeepsTheOthers) {
  constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  std::promise<int> taken;
  Start({.take_http2 = [&](int fd) { taken.set_value(fd); }});
  RawClient other(port());
  other.Send(Get("/1"));
  EXPECT_PRED2(EndsWith, other.ReadResponse(), "GET /1 ? []");

  RawClient client(port());
  client.Send(kPreface);
  const int fd = taken.get_future().get();
  std::string bytes(kPreface.size(), '\0');
  EXPECT_EQ(::recv(fd, bytes.data(), bytes.size(), MSG_WAITALL), static_cast<ssize_t>(kPreface.size()));
  EXPECT_EQ(bytes, kPreface);
  // Nobody else closes it.
  server_->Stop(0);
  EXPECT_EQ(::send(fd, "hello", 5, 0), 5);
  ::close(fd);
  EXPECT_EQ(client.ReadToEnd(), "hello");
}

TEST_F(HttpServerTest, WithoutATakerHttp2IsRefusedInWordsOfHttp1) {
  Start();
  RawClient client(port());
  client.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  EXPECT_PRED2(StartsWith, client.ReadToEnd(), "HTTP/1.1 400 ");
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  Start();
  RawClient client(port());
  client.Send(Get("/1") + Post("/2", "two") + Get("/3"));
  EXPECT_PRED2(EndsWith, client.ReadResponse(), "GET /1 ? []");
  EXPECT_PRED2(EndsWith, client.ReadResponse(), "POST /2 ? [two]");
  EXPECT_PRED2(EndsWith, client.ReadResponse(), "GET /3 ? []");
}

TEST_F(HttpServerTest, ReadsAChunkedBodyHoweverItIsCut) {
  Start();
  RawClient client(port());
  const std::string request = "POST /c HTTP/1.1\r\n" + std::string(kHost) +
                              "Transfer-Encoding: chunked\r\n\r\n"
                              "5;name=value\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n";
  for (const char byte : request) client.Send({&byte, 1});
  EXPECT_PRED2(EndsWith, client.ReadResponse(), "POST /c ? [hello world]");
  client.Send(request + Get("/next"));
  EXPECT_PRED2(EndsWith, client.ReadResponse(), "POST /c ? [hello world]");
  EXPECT_PRED2(EndsWith, client.ReadResponse(), "GET /next ? []");
}

TEST_F(HttpServerTest, ABodyOfAnySizeIsWhatWasSent) {
  handler_.behaviour = [](HttpRequest request, HttpDone done) {
    done(HttpResponse::Text(200, request.body));
  };
  Start();
  RawClient client(port());
  for (size_t size = 1; size < 200; ++size) {
    const std::string body(size, 'b');
    client.Send(Post("/", body));
    EXPECT_PRED2(EndsWith, client.ReadResponse(), "\r\n\r\n" + body);
  }
}

TEST_F(HttpServerTest, TakesABodyOfManyMegabytesWhole) {
  Start();
  std::string body(20u << 20, '\0');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7 >> 3);
  handler_.behaviour = [&](HttpRequest request, HttpDone done) {
    done(HttpResponse::Text(200, request.body == body ? "same" : "different"));
  };
  const auto answer = HttpFetch({.method = "POST",
                                 .url = "http://127.0.0.1:" + std::to_string(port()) + "/big",
                                 .headers = {},
                                 .body = body});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "same");
}

TEST_F(HttpServerTest, RefusesABodyAboveTheLimitBeforeItIsSent) {
  Start({.body_bytes_max = 1000});
  const uint64_t before = CounterValue(Counter::kRequestsRefusedTooLarge);
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\n" + std::string(kHost) + "Content-Length: 1001\r\n\r\n");
  const std::string answer = client.ReadToEnd();
  EXPECT_PRED2(StartsWith, answer, "HTTP/1.1 413 ");
  EXPECT_PRED2(HasSubstr, answer, "Connection: close");
  EXPECT_PRED2(HasSubstr, answer, R"("code":"over_limit")");
  EXPECT_EQ(CounterValue(Counter::kRequestsRefusedTooLarge), before + 1);
  EXPECT_EQ(handler_.handled, 0);
}

TEST_F(HttpServerTest, ABodyOfExactlyTheLimitFits) {
  Start({.body_bytes_max = 1000});
  RawClient client(port());
  client.Send(Post("/", std::string(1000, 'x')));
  EXPECT_PRED2(StartsWith, client.ReadResponse(), "HTTP/1.1 200 ");
}

TEST_F(HttpServerTest, RefusesAChunkedBodyOnceItPassesTheLimit) {
  Start({.body_bytes_max = 1000});
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\n" + std::string(kHost) + "Transfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "190\r\n" + std::string(400, 'x') + "\r\n";
  client.Send(chunk + chunk + chunk);
  EXPECT_PRED2(StartsWith, client.ReadToEnd(), "HTTP/1.1 413 ");
}

TEST_F(HttpServerTest, AClientThatSendsOnAfterARefusalStillReadsIt) {
  Start({.body_bytes_max = 1000});
  const auto answer = HttpFetch({.method = "POST",
                                 .url = "http://127.0.0.1:" + std::to_string(port()),
                                 .headers = {},
                                 .body = std::string(8u << 20, 'x')});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413);
}

TEST_F(HttpServerTest, AnEndlessChunkHeaderIsRefused) {
  Start();
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\n" + std::string(kHost) + "Transfer-Encoding: chunked\r\n\r\n5;");
  client.Send(std::string(200u << 10, 'x'));
  EXPECT_PRED2(StartsWith, client.ReadToEnd(), "HTTP/1.1 4");
}

TEST_F(HttpServerTest, RefusesHeadersAbove64KiB) {
  Start();
  RawClient client(port());
  client.Send("GET / HTTP/1.1\r\n" + std::string(kHost) + "X: " + std::string(70u << 10, 'x') + "\r\n\r\n");
  EXPECT_PRED2(StartsWith, client.ReadToEnd(), "HTTP/1.1 431 ");
}

TEST_F(HttpServerTest, TakesHeadersOf60KiB) {
  Start();
  RawClient client(port());
  client.Send("GET /h HTTP/1.1\r\n" + std::string(kHost) + "X: " + std::string(60u << 10, 'x') + "\r\n\r\n");
  EXPECT_PRED2(StartsWith, client.ReadResponse(), "HTTP/1.1 200 ");
}

TEST_F(HttpServerTest, PushesBackWhenBodiesInProgressReachTheLimit) {
  Mutex mu;
  std::vector<HttpDone> held;
  handler_.behaviour = [&](HttpRequest, HttpDone done) {
    MutexLock lock(mu);
    held.push_back(std::move(done));
  };
  Start({.body_bytes_max = 1000, .inflight_bytes_max = 1500});
  RawClient first(port());
  first.Send(Post("/", std::string(1000, 'x')));
  while (handler_.handled < 1) std::this_thread::sleep_for(milliseconds(1));

  RawClient second(port());
  second.Send(Post("/", std::string(1000, 'x')));
  const std::string refusal = second.ReadToEnd();
  EXPECT_PRED2(StartsWith, refusal, "HTTP/1.1 503 ");
  EXPECT_PRED2(HasSubstr, refusal, "Retry-After: 1");

  RawClient chunked(port());
  chunked.Send("POST / HTTP/1.1\r\n" + std::string(kHost) + "Transfer-Encoding: chunked\r\n\r\n384\r\n" +
               std::string(900, 'x') + "\r\n0\r\n\r\n");
  EXPECT_PRED2(StartsWith, chunked.ReadToEnd(), "HTTP/1.1 503 ");

  held[0](HttpResponse::Text(200, "done"));
  EXPECT_PRED2(EndsWith, first.ReadResponse(), "done");
  RawClient third(port());
  third.Send(Post("/", std::string(1000, 'x')));
  while (handler_.handled < 2) std::this_thread::sleep_for(milliseconds(1));
  held[1](HttpResponse::Text(200, "again"));
  EXPECT_PRED2(EndsWith, third.ReadResponse(), "again");
}

TEST_F(HttpServerTest, ASlowRequestIsAnswered408) {
  Start({.request_seconds = 1});
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\n" + std::string(kHost) + "Content-Length: 10\r\n\r\nabc");
  EXPECT_PRED2(StartsWith, client.ReadToEnd(), "HTTP/1.1 408 ");
}

TEST_F(HttpServerTest, AnIdleConnectionIsClosedWithoutAWord) {
  Start({.idle_seconds = 1});
  RawClient client(port());
  client.Send(Get("/"));
  EXPECT_PRED2(StartsWith, client.ReadResponse(), "HTTP/1.1 200 ");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpServerTest, ASlowHandlerIsNotTimedOut) {
  std::vector<std::thread> threads;
  handler_.behaviour = [&](HttpRequest, HttpDone done) {
    threads.emplace_back([done = std::move(done)] {
      std::this_thread::sleep_for(milliseconds(2200));
      done(HttpResponse::Text(200, "late"));
    });
  };
  Start({.idle_seconds = 1, .request_seconds = 1});
  RawClient client(port());
  client.Send(Get("/"));
  EXPECT_PRED2(EndsWith, client.ReadResponse(), "late");
  while (handler_.handled < 1) std::this_thread::yield();
  for (std::thread& thread : threads) thread.join();
}

TEST_F(HttpServerTest, GarbageIsAnswered400) {
  Start();
  for (const std::string& garbage :
       {std::string("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03 tls hello\r\n\r\n", 25),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nno colon here\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n"),
        std::string("GET /\r\n\r\n"), std::string("GET / HTTP/1.1\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")}) {
    RawClient client(port());
    client.Send(garbage);
    EXPECT_PRED2(StartsWith, client.ReadToEnd(), "HTTP/1.1 400 ") << garbage;
  }
  EXPECT_EQ(handler_.handled, 0);
}

TEST_F(HttpServerTest, TwoLengthsAreNeverBothBelieved) {
  Start();
  RawClient client(port());
  client.Send(
      "POST / HTTP/1.1\r\n" + std::string(kHost) +
      "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n");
  EXPECT_PRED2(StartsWith, client.ReadToEnd(), "HTTP/1.1 400 ");
  EXPECT_EQ(handler_.handled, 0);
}

TEST_F(HttpServerTest, AsksForTheBodyWhenTheClientWaitsForThat) {
  Start();
  RawClient client(port());
  client.Send("POST /e HTTP/1.1\r\n" + std::string(kHost) +
              "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.ReadThrough("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("body");
  EXPECT_PRED2(EndsWith, client.ReadResponse(), "POST /e ? [body]");
}

TEST_F(HttpServerTest, AnswersHeadWithTheLengthButNoBody) {
  Start();
  RawClient client(port());
  client.Send("HEAD /h HTTP/1.1\r\n" + std::string(kHost) + "\r\n" + Get("/g"));
  const std::string head = client.ReadThrough("\r\n\r\n");
  EXPECT_PRED2(HasSubstr, head, "Content-Length: 12\r\n");
  EXPECT_PRED2(StartsWith, client.ReadResponse(), "HTTP/1.1 200 ");
}

TEST_F(HttpServerTest, NoContentHasNeitherLengthNorBody) {
  handler_.behaviour = [](HttpRequest, HttpDone done) { done({.status = 204}); };
  Start();
  RawClient client(port());
  client.Send(Get("/") + Get("/"));
  EXPECT_PRED2(Lacks, client.ReadThrough("\r\n\r\n"), "Content-Length");
  EXPECT_PRED2(StartsWith, client.ReadThrough("\r\n\r\n"), "HTTP/1.1 204 ");
}

TEST_F(HttpServerTest, EndsAnHttp10ConnectionUnlessItIsAskedToKeepIt) {
  Start();
  RawClient plain(port());
  plain.Send("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_PRED2(EndsWith, plain.ReadToEnd(), "GET /old ? []");
  RawClient keeping(port());
  keeping.Send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_PRED2(HasSubstr, keeping.ReadResponse(), "Connection: keep-alive");
  keeping.Send(Get("/more"));
  EXPECT_PRED2(EndsWith, keeping.ReadResponse(), "GET /more ? []");
}

TEST_F(HttpServerTest, SendsStaticBytes) {
  static const std::string page(300'000, 'p');
  handler_.behaviour = [](HttpRequest, HttpDone done) {
    HttpResponse response;
    response.static_body = page;
    done(std::move(response));
  };
  Start();
  const auto answer = HttpFetch({.url = "http://127.0.0.1:" + std::to_string(port()) + "/"});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, page);
}

TEST_F(HttpServerTest, StreamsInChunksAndKeepsTheConnection) {
  handler_.behaviour = [](HttpRequest request, HttpDone done) {
    if (request.path != "/stream") return done(HttpResponse::Text(200, "plain"));
    HttpResponse response;
    response.stream = [](HttpStream& stream) {
      for (int i = 0; i < 3; ++i) {
        if (!stream.Write("piece " + std::to_string(i) + "\n")) return;
        std::this_thread::sleep_for(milliseconds(20));
      }
    };
    done(std::move(response));
  };
  Start();
  RawClient client(port());
  client.Send(Get("/stream"));
  const std::string answer = client.ReadThrough("0\r\n\r\n");
  EXPECT_PRED2(HasSubstr, answer, "Transfer-Encoding: chunked\r\n");
  EXPECT_PRED2(EndsWith, answer, "8\r\npiece 0\n\r\n8\r\npiece 1\n\r\n8\r\npiece 2\n\r\n0\r\n\r\n");
  client.Send(Get("/stream") + Get("/after"));
  client.ReadThrough("0\r\n\r\n");
  EXPECT_PRED2(EndsWith, client.ReadResponse(), "plain");
}

TEST_F(HttpServerTest, AStreamForHttp10EndsWithTheConnection) {
  handler_.behaviour = [](HttpRequest, HttpDone done) {
    HttpResponse response;
    response.stream = [](HttpStream& stream) { EXPECT_TRUE(stream.Write("all of it")); };
    done(std::move(response));
  };
  Start();
  RawClient client(port());
  client.Send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_PRED2(EndsWith, client.ReadToEnd(), "\r\n\r\nall of it");
}

TEST_F(HttpServerTest, AStreamLearnsAtOnceThatItsClientHasGone) {
  std::atomic<bool> saw_close = false;
  handler_.behaviour = [&](HttpRequest, HttpDone done) {
    HttpResponse response;
    response.stream = [&](HttpStream& stream) {
      EXPECT_TRUE(stream.Write("hello"));
      const auto until = steady_clock::now() + std::chrono::seconds(10);
      while (!stream.closed() && steady_clock::now() < until) std::this_thread::sleep_for(milliseconds(1));
      saw_close = stream.closed();
      EXPECT_FALSE(stream.Write("anybody?"));
    };
    done(std::move(response));
  };
  Start();
  RawClient client(port());
  client.Send(Get("/"));
  client.ReadThrough("hello");
  client.Close();
  server_->Stop(10'000);
  EXPECT_TRUE(saw_close);
}

TEST_F(HttpServerTest, TellsAHandlerThatItsClientHasGone) {
  std::promise<std::shared_ptr<const std::atomic<bool>>> asked;
  HttpDone later;
  handler_.behaviour = [&](HttpRequest request, HttpDone done) {
    if (request.path != "/slow") return done(HttpResponse::Text(200, "quick"));
    later = std::move(done);
    asked.set_value(request.client_gone);
  };
  Start({.watch_clients = true});
  auto client = std::make_unique<RawClient>(port());
  client->Send(Get("/quick"));
  EXPECT_PRED2(EndsWith, client->ReadResponse(), "quick");
  client->Send(Get("/slow"));
  const auto gone = asked.get_future().get();
  ASSERT_NE(gone, nullptr);
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_FALSE(*gone);
  client.reset();
  const auto until = steady_clock::now() + std::chrono::seconds(10);
  while (!*gone && steady_clock::now() < until) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_TRUE(*gone);
  later(HttpResponse::Text(200, "too late"));
}

TEST_F(HttpServerTest, AWatchedClientMayAskAgainAfterASlowAnswer) {
  handler_.behaviour = [](HttpRequest request, HttpDone done) {
    std::thread([path = request.path, done = std::move(done)] {
      std::this_thread::sleep_for(milliseconds(5));
      done(HttpResponse::Text(200, path));
    }).detach();
  };
  Start({.watch_clients = true});
  RawClient client(port());
  for (int i = 0; i < 20; ++i) {
    client.Send(Get("/a") + Get("/b"));
    EXPECT_PRED2(EndsWith, client.ReadResponse(), "/a");
    EXPECT_PRED2(EndsWith, client.ReadResponse(), "/b");
  }
}

TEST_F(HttpServerTest, AStreamWaitsForASlowClientInsteadOfFillingMemory) {
  std::atomic<size_t> written = 0;
  handler_.behaviour = [&](HttpRequest, HttpDone done) {
    HttpResponse response;
    response.stream = [&](HttpStream& stream) {
      const std::string piece(64u << 10, 's');
      for (int i = 0; i < 1024 && stream.Write(piece); ++i) written += piece.size();
    };
    done(std::move(response));
  };
  Start();
  RawClient client(port());
  client.Send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  std::this_thread::sleep_for(milliseconds(300));
  const size_t while_nobody_reads = written;
  EXPECT_LT(while_nobody_reads, 32u << 20);  // The kernel's own buffers take some megabytes.
  EXPECT_GT(client.ReadToEnd().size(), 64u << 20);
}

TEST_F(HttpServerTest, ADoneThatIsDroppedBecomesA500) {
  handler_.behaviour = [](HttpRequest, HttpDone) {};
  Start();
  RawClient client(port());
  client.Send(Get("/"));
  EXPECT_PRED2(StartsWith, client.ReadResponse(), "HTTP/1.1 500 ");
}

TEST_F(HttpServerTest, TheHandlerWordsEveryRefusalOfTheServer) {
  handler_.behaviour = [](HttpRequest, HttpDone) {};
  handler_.wording = [](const HttpRefusal& refusal) {
    return HttpResponse::Text(
        refusal.status, "type=" + std::string(refusal.headers.Get("Content-Type")) + " " + refusal.message);
  };
  Start({.body_bytes_max = 1000, .inflight_bytes_max = 500, .request_seconds = 1});
  const auto answer = [&](const std::string& rest) {
    RawClient client(port());
    client.Send("POST / HTTP/1.1\r\nContent-Type: a/b\r\n" + rest);
    return client.ReadResponse();
  };
  const std::string host(kHost);
  const auto refused = [](const std::string& response, std::string_view status) {
    return response.starts_with("HTTP/1.1 " + std::string(status)) &&
           HasSubstr(response, "\r\n\r\ntype=a/b ");
  };
  EXPECT_PRED2(refused, answer(host + "Content-Length: 1001\r\n\r\n"), "413");
  EXPECT_PRED2(refused,
               answer(host + "Transfer-Encoding: chunked\r\n\r\n400\r\n" + std::string(1024, 'x') + "\r\n"),
               "413");
  EXPECT_PRED2(refused, answer(host + "Content-Length: 900\r\n\r\n"), "503");
  EXPECT_PRED2(HasSubstr, answer(host + "Content-Length: 900\r\n\r\n"), "Retry-After: 1");
  EXPECT_PRED2(refused, answer(host + "Content-Length: 10\r\n\r\nabc"), "408");
  EXPECT_PRED2(refused, answer("Host: evil.example\r\n\r\n"), "403");
  EXPECT_PRED2(refused, answer("\r\n"), "400");
  EXPECT_PRED2(refused, answer("X: " + std::string(70'000, 'x')), "431");
  EXPECT_PRED2(refused, answer(host + "Expect: magic\r\n\r\n"), "417");
  EXPECT_PRED2(refused, answer(host + "Transfer-Encoding: gzip\r\n\r\n"), "501");
  EXPECT_PRED2(refused, answer(host + "Content-Length: 1\r\n\r\nx"), "500");
}

TEST_F(HttpServerTest, ADoneMayBeCalledTwiceOrAfterTheServerHasGone) {
  HttpDone kept;
  std::atomic<bool> taken = false;
  handler_.behaviour = [&](HttpRequest, HttpDone done) {
    kept = std::move(done);
    taken = true;
  };
  Start();
  RawClient client(port());
  client.Send(Get("/"));
  while (!taken) std::this_thread::sleep_for(milliseconds(1));
  server_.reset();
  EXPECT_EQ(client.ReadToEnd(), "");
  kept(HttpResponse::Text(200, "too late"));
  kept(HttpResponse::Text(200, "and again"));
}

TEST_F(HttpServerTest, AClientThatHangsUpWhileTheHandlerWorksDoesNoHarm) {
  std::vector<std::thread> threads;
  handler_.behaviour = [&](HttpRequest, HttpDone done) {
    threads.emplace_back([done = std::move(done)] {
      std::this_thread::sleep_for(milliseconds(50));
      done(HttpResponse::Text(200, std::string(1u << 20, 'x')));
    });
  };
  Start();
  for (int i = 0; i < 20; ++i) {
    RawClient client(port());
    client.Send(Get("/"));
    while (handler_.handled <= i) std::this_thread::sleep_for(milliseconds(1));
    i % 2 == 0 ? client.Reset() : client.Close();
  }
  server_->Stop(5000);
  for (std::thread& thread : threads) thread.join();
}

TEST_F(HttpServerTest, DropConnectionSendsNothing) {
  handler_.behaviour = [](HttpRequest, HttpDone done) { done({.drop_connection = true}); };
  Start();
  RawClient client(port());
  client.Send(Get("/"));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpServerTest, AHandlersHeaderCannotForgeAnother) {
  handler_.behaviour = [](HttpRequest, HttpDone done) {
    HttpResponse response = HttpResponse::Text(200, "x");
    response.headers.Add("X-Name", "a\r\nSet-Cookie: forged");
    done(std::move(response));
  };
  Start();
  RawClient client(port());
  client.Send(Get("/"));
  EXPECT_PRED2(HasSubstr, client.ReadResponse(), "X-Name: a  Set-Cookie: forged\r\n");
}

TEST_F(HttpServerTest, OnLoopbackRefusesTheNamesOfOtherHosts) {
  Start();
  for (const auto& [host, status] :
       std::vector<std::pair<std::string, std::string>>{{"localhost", "200"},
                                                        {"LocalHost:4318", "200"},
                                                        {"127.0.0.1:1", "200"},
                                                        {"[::1]:16686", "200"},
                                                        {"app.localhost", "200"},
                                                        {"rebind.example", "403"},
                                                        {"127.0.0.1.rebind.example", "403"},
                                                        {"localhost.rebind.example:80", "403"},
                                                        {"10.0.0.1", "403"}}) {
    RawClient client(port());
    client.Send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    EXPECT_PRED2(StartsWith, client.ReadResponse(), "HTTP/1.1 " + status) << host;
  }
}

TEST_F(HttpServerTest, BeyondLoopbackEveryHostNameIsFine) {
  Start({.address = "0.0.0.0"});
  RawClient client(port());
  client.Send("GET / HTTP/1.1\r\nHost: telltale.example\r\n\r\n");
  EXPECT_PRED2(StartsWith, client.ReadResponse(), "HTTP/1.1 200 ");
}

TEST_F(HttpServerTest, AnswersTenThousandTinyRequestsOnSeveralThreads) {
  Start({.threads = 2});
  std::vector<std::thread> clients;
  std::atomic<int> good = 0;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&] {
      RawClient client(port());
      for (int i = 0; i < 2500; ++i) {
        client.Send(Get("/t"));
        good += client.ReadResponse().ends_with("GET /t ? []");
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 10'000);
}

TEST_F(HttpServerTest, ConnectionsBeyondTheLimitAreClosed) {
  Start({.connections_max = 1});
  RawClient first(port());
  first.Send(Get("/"));
  EXPECT_PRED2(StartsWith, first.ReadResponse(), "HTTP/1.1 200 ");
  RawClient second(port());
  EXPECT_EQ(second.ReadToEnd(), "");
  first.Send(Get("/"));
  EXPECT_PRED2(StartsWith, first.ReadResponse(), "HTTP/1.1 200 ");
}

TEST_F(HttpServerTest, StopLetsARequestInProgressFinishAndClosesIdleConnections) {
  std::vector<std::thread> threads;
  handler_.behaviour = [&](HttpRequest, HttpDone done) {
    threads.emplace_back([done = std::move(done)] {
      std::this_thread::sleep_for(milliseconds(200));
      done(HttpResponse::Text(200, "finished"));
    });
  };
  Start();
  RawClient idle(port());
  RawClient busy(port());
  busy.Send(Get("/"));
  while (handler_.handled < 1) std::this_thread::sleep_for(milliseconds(1));
  std::thread stopper([&] { server_->Stop(10'000); });
  EXPECT_PRED2(EndsWith, busy.ReadToEnd(), "finished");
  EXPECT_EQ(idle.ReadToEnd(), "");
  stopper.join();
  EXPECT_FALSE(RawClient(port()).connected());
  for (std::thread& thread : threads) thread.join();
}

TEST_F(HttpServerTest, StopDoesNotWaitBeyondItsGrace) {
  HttpDone kept;
  handler_.behaviour = [&](HttpRequest, HttpDone done) { kept = std::move(done); };
  Start();
  RawClient client(port());
  client.Send(Get("/"));
  while (handler_.handled < 1) std::this_thread::sleep_for(milliseconds(1));
  const auto before = steady_clock::now();
  server_->Stop(100);
  EXPECT_LT(steady_clock::now() - before, std::chrono::seconds(5));
}

TEST_F(HttpServerTest, StopWhileManyClientsAreBusyEndsThemAll) {
  Start({.threads = 2});
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&] {
      RawClient client(port());
      while (client.Send(Get("/t")) && !client.ReadResponse().empty()) {
      }
    });
  }
  std::this_thread::sleep_for(milliseconds(100));
  server_->Stop(1000);
  for (std::thread& client : clients) client.join();
  EXPECT_GT(handler_.handled, 0);
}

TEST_F(HttpServerTest, APortInUseIsAnErrorWithAHint) {
  Start();
  const auto second = HttpServer::Listen({.port = port()}, handler_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_PRED2(HasSubstr, second.error().message, "127.0.0.1:" + std::to_string(port()));
  EXPECT_PRED2(HasSubstr, second.error().hint, "another");
}

TEST_F(HttpServerTest, LocalhostIsBothLoopbackAddressesUnderOnePort) {
  if (!HasIpv6Loopback()) GTEST_SKIP() << "no IPv6 here";
  Start({.address = "localhost"});
  for (const int family : {AF_INET, AF_INET6}) {
    RawClient client(port(), family);
    client.Send(Get("/"));
    EXPECT_PRED2(EndsWith, client.ReadResponse(), "GET / ? []");
  }
}

TEST_F(HttpServerTest, LocalhostIsTakenWhenOneOfItsAddressesIs) {
  if (!HasIpv6Loopback()) GTEST_SKIP() << "no IPv6 here";
  Start({.address = "::1"});
  const auto second = HttpServer::Listen({.address = "localhost", .port = port()}, handler_);
  ASSERT_FALSE(second);
  EXPECT_PRED2(HasSubstr, second.error().message, "[::1]:" + std::to_string(port()));
}

TEST_F(HttpServerTest, AnAddressThatIsNoAddressIsAnError) {
  const auto server = HttpServer::Listen({.address = "not-an-address"}, handler_);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, ErrorCode::kInvalidInput);
}

}  // namespace
}  // namespace telltale
