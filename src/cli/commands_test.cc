#include "cli/commands.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include <memory>
#include <string>

#include "cli/canned_server.h"
#include "cli/test_terminal.h"
#include "cli/text.h"
#include "cli/trace_fixture.h"

namespace telltale {
namespace {

std::string Item(const std::string& id) {
  return R"({"trace_id":")" + id +
         R"(","service":"s","name":"n","root_missing":false,"start_unix_nano":"1",)" +
         R"("duration_nano":"1","span_count":1,"error_count":0,"status":"ok","services":[]})";
}

std::string Page(const std::string& items, const std::string& next = "null") {
  return R"({"items":[)" + items + R"(],"next":)" + next + "}";
}

TEST(Traces, PrintsTheItemsOfTheApiAsAJsonArray) {
  CannedServer server;
  server.AnswerJson("/api/v1/traces", Page(Item("a") + "," + Item("b")));
  TestTerminal test(0);
  EXPECT_EQ(RunTraces({.server = server.url(), .json = true}, test.terminal), kExitOk);
  EXPECT_EQ(test.out.str(), "[\n" + Item("a") + ",\n" + Item("b") + "\n]\n");
  EXPECT_EQ(test.err.str(), "");
}

TEST(Traces, AsksForWhatTheFlagsSay) {
  CannedServer server;
  server.AnswerJson("/api/v1/traces", Page(""));
  TestTerminal test(0);
  const TraceFilter filter{.service = "a b", .min_duration = "1.5s", .attributes = {"k=v&w", "exists"}};
  EXPECT_EQ(RunTraces({.server = server.url(), .filter = filter, .since = "2026-01-02T03:04:05Z", .limit = 7},
                      test.terminal),
            kExitOk);
  const HttpRequest asked{.query = server.queries().at(0)};
  EXPECT_EQ(asked.Param("service"), "a b");
  EXPECT_EQ(asked.Param("min_duration"), "1500000000");
  EXPECT_EQ(asked.Params("attribute"), (std::vector<std::string>{"k=v&w", "exists"}));
  EXPECT_EQ(asked.Param("start"), "2026-01-02T03:04:05Z");
  EXPECT_EQ(asked.Param("limit"), "7");
  EXPECT_EQ(test.out.str(), "");
  EXPECT_TRUE(test.err.str().starts_with("no traces match")) << test.err.str();
}

TEST(Traces, FollowsTheCursorUntilTheLimit) {
  CannedServer server;
  server.AnswerJson("/api/v1/traces", Page(Item("a") + "," + Item("b"), R"("more")"));
  TestTerminal test(0);
  EXPECT_EQ(RunTraces({.server = server.url(), .limit = 3, .json = true}, test.terminal), kExitOk);
  ASSERT_EQ(server.queries().size(), 2u);
  const HttpRequest second{.query = server.queries().at(1)};
  EXPECT_EQ(second.Param("cursor"), "more");
  EXPECT_EQ(second.Param("limit"), "1");
}

TEST(Traces, RefusesFlagsThatCannotWorkBeforeItAsks) {
  TestTerminal test(0);
  EXPECT_EQ(RunTraces({.filter = {.status = "bad"}}, test.terminal), kExitUsage);
  EXPECT_EQ(RunTraces({.filter = {.min_duration = "soon"}}, test.terminal), kExitUsage);
  EXPECT_EQ(RunTraces({.filter = {.attributes = {"=v"}}}, test.terminal), kExitUsage);
  EXPECT_EQ(RunTraces({.since = "yesterday"}, test.terminal), kExitUsage);
  EXPECT_EQ(RunTraces({.limit = 0}, test.terminal), kExitUsage);
  EXPECT_EQ(RunTraces({.json = true, .csv = true}, test.terminal), kExitUsage);
  EXPECT_EQ(test.out.str(), "");
}

TEST(Traces, SaysWhatToDoWhenNothingListens) {
  auto server = std::make_unique<CannedServer>();
  const std::string url = server->url();
  server.reset();
  TestTerminal test(0);
  EXPECT_EQ(RunTraces({.server = url}, test.terminal), kExitFailure);
  EXPECT_EQ(test.err.str(),
            "error: ask " + url +
                ": Connection refused\n"
                "hint: start a server with `telltale serve`, or name the one that runs with --server\n");
}

TEST(Traces, SaysThatAnotherProgramAnswers) {
  CannedServer server;
  server.Answer("/api/v1/traces", HttpResponse::Text(404, "<html>"));
  TestTerminal test(0);
  EXPECT_EQ(RunTraces({.server = server.url()}, test.terminal), kExitFailure);
  EXPECT_NE(test.err.str().find("/api/v1/traces: answered 404, and not as Telltale does"), std::string::npos);
}

TEST(Trace, DrawsTheTraceWhosePageAddressIsGiven) {
  CannedServer server;
  server.AnswerJson(std::string("/api/v1/traces/") + kGuideTraceId, kGuideTraceJson);
  TestTerminal test(80);
  const std::string address = server.url() + "/trace/" + kGuideTraceId + "?span=1";
  EXPECT_EQ(RunTrace({.server = server.url(), .trace_id = address}, test.terminal), kExitOk);
  EXPECT_TRUE(test.out.str().starts_with("trace 4bf92f3577b34da6a3ce929d0e0e4736  ")) << test.out.str();
}

TEST(Trace, ExitsWith3WhenTheTraceIsNotThereAnd2WhenTheIdIsNone) {
  CannedServer server;
  TestTerminal test(80);
  EXPECT_EQ(RunTrace({.server = server.url(), .trace_id = "ABC"}, test.terminal), kExitNotFound);
  EXPECT_TRUE(test.err.str().starts_with("error: find the trace: 00000000000000000000000000000abc: "))
      << test.err.str();
  EXPECT_EQ(RunTrace({.server = server.url(), .trace_id = "xyz"}, test.terminal), kExitUsage);
  EXPECT_EQ(test.out.str(), "");
}

// One step of the world before each poll; then the person presses Ctrl-C.
WaitOrStop Steps(std::vector<std::function<void()>> steps) {
  auto left = std::make_shared<std::vector<std::function<void()>>>(steps.rbegin(), steps.rend());
  return [left](std::chrono::milliseconds) {
    if (left->empty()) return true;
    left->back()();
    left->pop_back();
    return false;
  };
}

// What a server's /api/v1/tail sends: text that a test adds to while it is read.
class StoredEvents {
 public:
  HttpResponse Response() {
    HttpResponse response;
    response.stream = [this](HttpStream& stream) {
      size_t sent = 0;
      while (!stream.closed()) {
        std::string more;
        {
          MutexLock lock(mu_);
          more = text_.substr(sent);
        }
        sent += more.size();
        if (!more.empty() && !stream.Write(std::move(more))) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
    };
    return response;
  }
  void Send(const std::string& item) { Add("id: 1\nevent: trace\ndata: " + item + "\n\n"); }
  void Add(const std::string& text) {
    MutexLock lock(mu_);
    text_ += text;
  }

 private:
  Mutex mu_;
  std::string text_ TELLTALE_GUARDED_BY(mu_) = "id: 0\n\n";
};

// The tail reads on a thread of its own.
void Settle() {
  std::this_thread::sleep_for(std::chrono::milliseconds(900));
}

// The traces of these tests are from 1970.
constexpr const char* kWindow = "30000d";

TEST(Tail, PrintsEachNewTraceOnceAndSurvivesARestart) {
  StoredEvents events;
  CannedServer server;
  const uint16_t port = server.port();
  const std::string url = server.url();
  server.AnswerJson("/api/v1/traces", Page(Item("old")));
  server.Answer("/api/v1/tail", events.Response());
  TestTerminal test(0);
  const auto wait = Steps({
      [&] {
        events.Send(Item("a"));
        events.Send(Item("old"));
        events.Send(Item("a"));
        Settle();
      },
      [&] {
        server.Stop();
        Settle();
      },
      [&] {
        events.Send(Item("b"));
        server.Start(port);
        Settle();
      },
  });
  EXPECT_EQ(RunTail({.server = url, .window = kWindow, .json = true}, test.terminal, wait), kExitOk);
  EXPECT_EQ(test.out.str(), Item("a") + "\n" + Item("b") + "\n");
  EXPECT_EQ(test.err.str(), "following new traces of " + url +
                                "; Ctrl-C stops\n"
                                "note: waiting for the server: ask " +
                                url + ": Connection refused\nnote: " + url + " answers again\n");
  const HttpRequest last{.query = server.queries().back()};
  EXPECT_EQ(last.Param("last_event_id"), "1");
}

TEST(Tail, FailsAtOnceWhenThereIsNoServerToBeginWith) {
  auto server = std::make_unique<CannedServer>();
  const std::string url = server->url();
  server.reset();
  TestTerminal test(0);
  EXPECT_EQ(RunTail({.server = url}, test.terminal, Steps({})), kExitFailure);
}

TEST(Tail, PrintsATableWithAHeaderAndSaysWhatWasLost) {
  StoredEvents events;
  CannedServer server;
  server.AnswerJson("/api/v1/traces", Page(""));
  server.Answer("/api/v1/tail", events.Response());
  TestTerminal test(100);
  const auto wait = Steps({[&] {
    events.Send(Item("a"));
    events.Add("event: dropped\ndata: {\"count\":7}\n\n");
    Settle();
  }});
  EXPECT_EQ(RunTail({.server = server.url(), .window = kWindow}, test.terminal, wait), kExitOk);
  EXPECT_TRUE(test.out.str().starts_with("time     service")) << test.out.str();
  EXPECT_NE(test.out.str().find("00:00:00 s "), std::string::npos) << test.out.str();
  EXPECT_NE(test.err.str().find("note: 7 spans were stored faster"), std::string::npos) << test.err.str();
}

TEST(Tail, LeavesOutWhatIsOlderThanTheWindow) {
  StoredEvents events;
  CannedServer server;
  server.AnswerJson("/api/v1/traces", Page(""));
  server.Answer("/api/v1/tail", events.Response());
  TestTerminal test(0);
  const auto wait = Steps({[&] {
    events.Send(Item("a"));
    Settle();
  }});
  EXPECT_EQ(RunTail({.server = server.url(), .json = true}, test.terminal, wait), kExitOk);
  EXPECT_EQ(test.out.str(), "");
}

TEST(Tail, SaysWhatTheServerRefuses) {
  CannedServer server;
  server.Answer(
      "/api/v1/tail",
      HttpResponse::Json(400, R"({"code":"invalid_input","message":"parameter x: bad","hint":""})"));
  TestTerminal test(0);
  EXPECT_EQ(RunTail({.server = server.url()}, test.terminal, Steps({})), kExitUsage);
  EXPECT_EQ(test.err.str(), "error: parameter x: bad\n");
}

std::string LogItem(const std::string& time, const std::string& body, int severity) {
  return R"({"time_unix_nano":")" + time + R"(","traceId":"a","severityNumber":)" + std::to_string(severity) +
         R"(,"body":{"stringValue":")" + body + R"("},"attributes":[],"service":"shop","eventName":"e"})";
}

TEST(Logs, AreALineEachTheOldestFirst) {
  CannedServer server;
  server.AnswerJson("/api/v1/logs", Page(LogItem("1767323045120000000", "second", 17) + "," +
                                         LogItem("1767323045005000000", "first\\nline", 9)));
  TestTerminal test(60);
  EXPECT_EQ(RunLogs({.server = server.url()}, test.terminal), kExitOk);
  EXPECT_EQ(test.out.str(),
            "01-02 03:04:05.005  INFO   shop  first line  [e]\n"
            "01-02 03:04:05.120  ERROR  shop  second  [e]\n");
  EXPECT_EQ(test.err.str(), "");
}

TEST(Logs, ALineIsNeverWiderThanTheTerminal) {
  CannedServer server;
  server.AnswerJson("/api/v1/logs", Page(LogItem("1", std::string(500, 'x'), 0)));
  TestTerminal test(40);
  EXPECT_EQ(RunLogs({.server = server.url()}, test.terminal), kExitOk);
  EXPECT_EQ(DisplayWidth(test.out.str()), 41) << "and the line break";
}

TEST(Logs, AsksForWhatTheFlagsSay) {
  CannedServer server;
  server.AnswerJson("/api/v1/logs", Page(""));
  TestTerminal test(0);
  EXPECT_EQ(RunLogs({.server = server.url(),
                     .trace_id = "ABC",
                     .event = "exception",
                     .severity = "warn",
                     .text = "a&b",
                     .attributes = {"k=v"},
                     .limit = 7},
                    test.terminal),
            kExitOk);
  const HttpRequest asked{.query = server.queries().at(0)};
  EXPECT_EQ(asked.Param("trace_id"), "00000000000000000000000000000abc");
  EXPECT_FALSE(asked.Param("start")) << "a trace is shown whole";
  EXPECT_EQ(asked.Param("event"), "exception");
  EXPECT_EQ(asked.Param("severity"), "warn");
  EXPECT_EQ(asked.Param("text"), "a&b");
  EXPECT_EQ(asked.Param("attribute"), "k=v");
  EXPECT_EQ(asked.Param("limit"), "7");
  EXPECT_TRUE(test.err.str().starts_with("no log records match\n")) << test.err.str();
}

TEST(Logs, RefusesFlagsThatCannotWorkBeforeItAsks) {
  TestTerminal test(0);
  EXPECT_EQ(RunLogs({.trace_id = "xyz"}, test.terminal), kExitUsage);
  EXPECT_EQ(RunLogs({.since = "yesterday"}, test.terminal), kExitUsage);
  EXPECT_EQ(RunLogs({.limit = 0}, test.terminal), kExitUsage);
}

}  // namespace
}  // namespace telltale
