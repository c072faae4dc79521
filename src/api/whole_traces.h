// Answers that hold whole traces. A small one is a body like any other; a large one is
// written to the client piece by piece, so that 100,000 spans cost their rows in
// memory but never their JSON, which is three times that.
//
//   return face.whole_traces.Answer(std::move(set), [](const TraceSet& set, WholeTraces::Sink& sink) {
//     for (...) {
//       WriteSpan(span, sink.json);
//       if (!sink.Flush()) return;       // the client has gone
//     }
//   });
//
// Thread safety  May be used from any thread.
// Limits         A few large answers at a time: the next is kUnavailable. Each lives as
//                long as its client reads.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "json/writer.h"
#include "net/http.h"
#include "query/trace_reader.h"

namespace telltale {

class WholeTraces {
 public:
  class Sink {
   public:
    explicit Sink(HttpStream* stream) : json(body), stream_(stream) {}
    Sink(const Sink&) = delete;

    // Sends what has come together when it is enough. False: stop writing.
    bool Flush();
    void Finish();

    std::string body;
    JsonWriter json;

   private:
    HttpStream* stream_;  // null: everything is kept in `body`
  };

  using Write = std::function<void(const TraceSet&, Sink&)>;

  // `write` may be called later, on another thread, when this function has returned.
  Result<HttpResponse> Answer(TraceSet set, Write write) const;

 private:
  std::shared_ptr<std::atomic<int>> large_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace telltale
