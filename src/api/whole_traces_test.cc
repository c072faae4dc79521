#include "api/whole_traces.h"

#include <gtest/gtest.h>

#include <vector>

#include "api/testing/ask.h"

namespace telltale {
namespace {

class KeepingStream final : public HttpStream {
 public:
  explicit KeepingStream(size_t pieces_max = 1'000'000) : pieces_max_(pieces_max) {}
  bool Write(std::string bytes) override {
    if (pieces.size() == pieces_max_) return false;
    pieces.push_back(std::move(bytes));
    return true;
  }
  bool closed() const override { return pieces.size() == pieces_max_; }

  std::string Joined() const {
    std::string text;
    for (const std::string& piece : pieces) text += piece;
    return text;
  }

  std::vector<std::string> pieces;

 private:
  const size_t pieces_max_;
};

TraceSet SetOf(size_t spans) {
  TraceSet set;
  set.traces.resize(1);
  set.traces[0].spans.resize(spans);
  return set;
}

void WriteNumbers(const TraceSet& set, WholeTraces::Sink& sink) {
  sink.json.BeginArray();
  for (size_t i = 0; i < set.traces[0].spans.size(); ++i) {
    sink.json.String(std::string(100, 'x'));
    if (!sink.Flush()) return;
  }
  sink.json.EndArray();
}

TEST(WholeTraces, ASmallAnswerIsABody) {
  const auto response = WholeTraces().Answer(SetOf(2), WriteNumbers);
  EXPECT_FALSE(response->stream);
  EXPECT_EQ(response->body, "[\"" + std::string(100, 'x') + "\",\"" + std::string(100, 'x') + "\"]");
}

TEST(WholeTraces, ALargeAnswerComesInPiecesThatMakeOneJsonText) {
  const auto response = WholeTraces().Answer(SetOf(20'000), WriteNumbers);
  ASSERT_TRUE(response->stream);
  EXPECT_EQ(response->headers.Get("Content-Type"), "application/json");
  KeepingStream stream;
  response->stream(stream);
  EXPECT_GT(stream.pieces.size(), 5u);
  const std::string text = stream.Joined();
  EXPECT_EQ(text.size(), 20'000u * 103 + 1);
  EXPECT_TRUE(text.starts_with("[\"xxx"));
  EXPECT_TRUE(text.ends_with("xxx\"]"));
  EXPECT_EQ(text.find("\"\""), std::string::npos);
}

TEST(WholeTraces, NothingMoreIsWrittenForAClientThatHasGone) {
  const auto response = WholeTraces().Answer(SetOf(20'000), WriteNumbers);
  KeepingStream stream(2);
  response->stream(stream);
  EXPECT_EQ(stream.pieces.size(), 2u);
}

TEST(WholeTraces, OnlyAFewLargeAnswersAreSentAtATime) {
  const WholeTraces whole;
  std::vector<HttpResponse> sending;
  for (int i = 0; i < 4; ++i) sending.push_back(*whole.Answer(SetOf(20'000), WriteNumbers));
  const auto refused = whole.Answer(SetOf(20'000), WriteNumbers);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(whole.Answer(SetOf(20), WriteNumbers));
  sending.pop_back();
  EXPECT_TRUE(whole.Answer(SetOf(20'000), WriteNumbers));
}

}  // namespace
}  // namespace telltale
