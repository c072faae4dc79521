#include "api/whole_traces.h"

#include <utility>

namespace telltale {
namespace {

// Below this a body is small enough to hold, and to compress.
constexpr size_t kLargeSpans = 5'000;
constexpr int kLargeMax = 4;
constexpr size_t kPieceBytes = 256 * 1024;
// What the JSON of a span takes, so that the body grows once instead of twenty times.
constexpr size_t kSpanJsonBytes = 1'000;

size_t SpansOf(const TraceSet& set) {
  size_t spans = 0;
  for (const Trace& trace : set.traces) spans += trace.spans.size();
  return spans;
}

// One of the places for large answers, given back when the answer is done with.
class Place {
 public:
  explicit Place(std::shared_ptr<std::atomic<int>> taken)
      : taken_(std::move(taken)), got_(++*taken_ <= kLargeMax) {}
  ~Place() { --*taken_; }
  Place(const Place&) = delete;

  bool got() const { return got_; }

 private:
  const std::shared_ptr<std::atomic<int>> taken_;
  const bool got_;
};

}  // namespace

bool WholeTraces::Sink::Flush() {
  if (stream_ == nullptr || body.size() < kPieceBytes) return true;
  std::string piece;
  piece.reserve(body.capacity());
  std::swap(piece, body);
  return stream_->Write(std::move(piece));
}

void WholeTraces::Sink::Finish() {
  if (stream_ != nullptr) (void)stream_->Write(std::move(body));
}

Result<HttpResponse> WholeTraces::Answer(TraceSet set, Write write) const {
  const size_t spans = SpansOf(set);
  if (spans <= kLargeSpans) {
    Sink sink(nullptr);
    sink.body.reserve(spans * kSpanJsonBytes);
    write(set, sink);
    return HttpResponse::Json(200, std::move(sink.body));
  }

  auto place = std::make_shared<const Place>(large_);
  if (!place->got()) {
    return Fail(ErrorCode::kUnavailable,
                "answer with " + std::to_string(spans) + " spans: too many large traces are being sent",
                "try again in a second");
  }
  HttpResponse response = HttpResponse::Json(200, {});
  response.stream = [set = std::make_shared<const TraceSet>(std::move(set)), write = std::move(write),
                     place](HttpStream& stream) {
    Sink sink(&stream);
    write(*set, sink);
    sink.Finish();
  };
  return response;
}

}  // namespace telltale
