// /api/v1/tail.
#include <gtest/gtest.h>

#include "api/testing/ask.h"
#include "query/live_tail.h"

namespace telltale {
namespace {

// Takes a stream's text until it has enough, and then is gone.
class TakeUntil final : public HttpStream {
 public:
  explicit TakeUntil(std::string wanted) : wanted_(std::move(wanted)) {}
  bool Write(std::string bytes) override {
    text += bytes;
    return !closed();
  }
  bool closed() const override { return text.contains(wanted_); }

  std::string text;

 private:
  const std::string wanted_;
};

TEST(RestTail, WithoutAStoreThatTellsNothingCanBeFollowed) {
  AskedFace ask;
  EXPECT_EQ(ask.Rest("/api/v1/tail").status, 503);
}

class RestTailTest : public testing::Test {
 protected:
  HttpResponse Ask(std::string_view target) { return AnswerRest(face_, Get(target)); }

  FakeEngine engine_;
  ApiOptions options_;
  LiveTail tail_{{.readers_max = 1}, [] { return std::optional<int64_t>(1'000); }};
  Face face_{engine_, *Clock::System(), options_, {}, nullptr, {}, &tail_};
};

TEST_F(RestTailTest, GoesOnFromAnIdWithEventsOfServerSentEvents) {
  engine_.Answer(Rows()
                     .Number<int64_t>(900)
                     .Bytes(IdOf<16>(1))
                     .Bytes(IdOf<8>(2))
                     .Bytes(SpanId())
                     .Number<int64_t>(5)
                     .Number<int64_t>(7)
                     .String("shop")
                     .String("GET\n/")
                     .String("")
                     .Number<uint8_t>(2)
                     .Number<uint8_t>(0));
  const HttpResponse response = Ask("/api/v1/tail?of=spans&service=shop&last_event_id=800");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.headers.Get("Content-Type"), "text/event-stream");
  TakeUntil client("event: span");
  response.stream(client);
  EXPECT_EQ(
      client.text,
      ": telltale\nretry: 2000\n\n"
      "id: 900-00000000000000000000000000000001-0000000000000002\nevent: span\n"
      R"(data: {"trace_id":"00000000000000000000000000000001","span_id":"0000000000000002",)"
      R"("start_unix_nano":"5","duration_nano":"7","service":"shop","name":"GET\n/","kind":2,"status":{"code":0}})"
      "\n\n");
  EXPECT_TRUE(
      engine_.asked[0].sql.contains("received >= fromUnixTimestamp64Milli({arrived_after:Int64}, 'UTC')"));
  EXPECT_EQ(ParametersOf(engine_.asked[0]), "arrived_after=800 arrived_until=1000 service=shop");
}

TEST_F(RestTailTest, AQuietTailSaysWhereItStands) {
  const HttpResponse response = Ask("/api/v1/tail?of=calls&model=gpt-4o");
  TakeUntil client("id: 1000\n: \n\n");
  response.stream(client);
  EXPECT_EQ(client.text, ": telltale\nretry: 2000\n\nid: 1000\n: \n\n");
}

TEST_F(RestTailTest, ATailThatIsStoppedEnds) {
  const HttpResponse response = Ask("/api/v1/tail");
  tail_.Stop();
  TakeUntil client("never");
  response.stream(client);
  EXPECT_TRUE(client.text.ends_with(": the server stops\n\n")) << client.text;
}

TEST_F(RestTailTest, OneTooManyIsToldToComeBackLater) {
  const HttpResponse first = Ask("/api/v1/tail");
  EXPECT_EQ(first.status, 200);
  const HttpResponse second = Ask("/api/v1/tail");
  EXPECT_EQ(second.status, 503);
  EXPECT_EQ(second.headers.Get("Retry-After"), "1");
}

TEST_F(RestTailTest, RefusesWhatItCannotRead) {
  for (const char* query : {"of=logs", "start=1", "heartbeat=100ms", "last_event_id=x", "model=gpt-4o",
                            "limit=3", "of=calls&operation=x"}) {
    EXPECT_EQ(Ask("/api/v1/tail?" + std::string(query)).status, 400) << query;
  }
}

}  // namespace
}  // namespace telltale
