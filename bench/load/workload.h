// The workloads of the benchmarks, encoded once and sent many times: only ids,
// times and the values that are unique in life (session, request, conversation ids) are
// written anew, in place, for each request. So a request costs the generator a few
// microseconds, and no two spans are alike.
//
//   Random random(seed);
//   Request request = MakeRequest(Workload::kSmall, /*spans=*/512, random);
//   request.Stamp(now_unix_nano, random);
//   Send(request.bytes());
//
// Ownership      A Request owns its bytes; bytes() is valid until the next Stamp.
// Thread safety  One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "random.h"

namespace telltale::bench {

enum class Workload : uint8_t {
  kSmall,  // 11 attributes, about 610 B a span, traces of about 10 spans over up to 3 services.
  kMixed,  // The same, where one span in five is a model call and the others are of a database.
  kLlm,    // 14 gen_ai attributes with 4 KB of text in messages, traces of about 4 spans.
};

struct TraceId {
  uint64_t high = 0;
  uint64_t low = 0;
};
std::string Hex(const TraceId& id);

// Where one span of the encoded request lies and how it relates to the others.
struct SpanPlace {
  static constexpr uint32_t kNoParent = UINT32_MAX;

  uint32_t trace = 0;           // Index among the request's traces.
  uint32_t parent = kNoParent;  // Index among its spans.
  uint32_t service = 0;         // Index among its services.
  uint64_t start_before_nano = 0;
  uint64_t duration_nano = 0;

  // Offsets into the request's bytes.
  uint32_t trace_id_at = 0;
  uint32_t span_id_at = 0;
  uint32_t parent_id_at = 0;
  uint32_t start_at = 0;
  uint32_t end_at = 0;
};

// Sixteen hexadecimal digits that are drawn anew for every request.
struct HexPlace {
  uint32_t at = 0;
};

class Request {
 public:
  Request(std::string bytes, std::vector<SpanPlace> spans, std::vector<HexPlace> unique, uint32_t traces);

  // Writes new ids and times: the newest span ends at `now_unix_nano`.
  void Stamp(uint64_t now_unix_nano, Random& random);

  std::string_view bytes() const { return bytes_; }
  size_t span_count() const { return spans_.size(); }
  // As of the last Stamp.
  const std::vector<TraceId>& trace_ids() const { return trace_ids_; }

 private:
  std::string bytes_;
  std::vector<SpanPlace> spans_;
  std::vector<HexPlace> unique_;
  std::vector<TraceId> trace_ids_;
  std::vector<uint64_t> span_ids_;
};

Request MakeRequest(Workload workload, uint32_t spans, Random& random);

}  // namespace telltale::bench
