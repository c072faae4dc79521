// Asks one face a question, on a fake engine and a clock that stands still.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "api/face.h"
#include "api/tempo.h"
#include "base/clock.h"
#include "query/testing/fake_engine.h"

namespace telltale {

class StoppedClock final : public Clock {
 public:
  uint64_t UnixNanos() const override { return 1'700'000'100'000'000'000; }
  uint64_t MonotonicNanos() const override { return 0; }
};

inline HttpRequest Get(std::string_view target) {
  HttpRequest request;
  request.method = "GET";
  const size_t mark = target.find('?');
  request.path = PercentDecode(target.substr(0, mark), false);
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
  return request;
}

class AskedFace {
 public:
  HttpResponse Rest(std::string_view target) { return AnswerRest(face_, Get(target)); }
  HttpResponse PostRest(std::string_view target, std::string_view body) {
    HttpRequest request = Get(target);
    request.method = "POST";
    request.body = body;
    return AnswerRest(face_, request);
  }
  HttpResponse Jaeger(std::string_view target) { return AnswerJaeger(face_, Get(target)); }
  HttpResponse JaegerV3(std::string_view target) { return AnswerJaegerV3(face_, Get(target)); }
  HttpResponse Tempo(std::string_view target, std::string_view accept = {}) {
    HttpRequest request = Get(target);
    if (!accept.empty()) request.headers.Add("Accept", std::string(accept));
    return AnswerTempo(face_, request);
  }
  HttpResponse Health(std::string_view target) { return AnswerHealth(face_, latency, Get(target)); }

  FakeEngine engine;
  ApiOptions options{.version = "1.2.3", .state = [this] { return state; }, .files = {}};
  ServerState state;
  QueryLatency latency;

 private:
  StoppedClock clock_;
  Face face_{engine, clock_, options};
};

}  // namespace telltale
