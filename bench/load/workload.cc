#include "workload.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "prose.h"
#include "wire.h"

namespace telltale::bench {
namespace {

constexpr std::array<std::string_view, 10> kServices = {
    "web-frontend", "chat-gateway",  "checkout",      "account-service", "search-api",
    "inventory",    "notifications", "llm-assistant", "document-store",  "billing-worker"};
constexpr std::array<std::string_view, 20> kSpanNames = {
    "GET /api/chat",     "POST /api/chat",   "load session",     "build prompt",    "call model",
    "parse answer",      "moderate content", "retrieve context", "embed query",     "rank passages",
    "SELECT accounts",   "UPDATE accounts",  "cache lookup",     "publish event",   "consume event",
    "GET /api/products", "POST /api/orders", "charge card",      "render template", "write audit record"};
constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "PUT", "DELETE", "PATCH"};
constexpr std::array<std::string_view, 5> kModels = {"gpt-4o-mini-2024-07-18", "gpt-4o-2024-08-06",
                                                     "claude-sonnet-4-20250514", "gemini-2.5-flash-preview",
                                                     "llama-3.3-70b-instruct"};
constexpr std::array<std::string_view, 5> kProviders = {"openai", "openai", "anthropic", "gcp.gemini",
                                                        "groq"};
constexpr std::array<int, 8> kStatusCodes = {200, 200, 200, 200, 201, 204, 404, 500};
constexpr std::string_view kUnique = "0000000000000000";
constexpr uint32_t kServicesPerRequest = 3;

template <typename T, size_t N>
const T& Pick(const std::array<T, N>& from, Random& random) {
  return from[random.Below(N)];
}

// One span being written, with the places of its unique values relative to its start.
struct SpanDraft {
  WireWriter wire;
  std::vector<HexPlace> unique;

  void Attribute(std::string_view key, const WireWriter& any_value, std::string_view unique_mark = {}) {
    WireWriter key_value;
    key_value.Bytes(1, key);
    key_value.Message(2, any_value);
    const uint32_t base = wire.Message(9, key_value);
    for (size_t at = key_value.bytes().find(unique_mark); !unique_mark.empty() && at != std::string::npos;
         at = key_value.bytes().find(unique_mark, at + unique_mark.size())) {
      unique.push_back({base + static_cast<uint32_t>(at)});
    }
  }
  void Text(std::string_view key, std::string_view value) {
    WireWriter any;
    any.Bytes(1, value);
    Attribute(key, any, kUnique);
  }
  void Integer(std::string_view key, uint64_t value) {
    WireWriter any;
    any.Varint(3, value);
    Attribute(key, any);
  }
  void Number(std::string_view key, double value) {
    WireWriter any;
    any.Double(4, value);
    Attribute(key, any);
  }
  void Texts(std::string_view key, std::string_view only_value) {
    WireWriter any, array, element;
    element.Bytes(1, only_value);
    array.Message(1, element);
    any.Message(5, array);
    Attribute(key, any);
  }
};

std::string Padded(std::string_view prefix, uint64_t number, size_t digits) {
  std::string text = std::to_string(number);
  return std::string(prefix) + std::string(digits - std::min(digits, text.size()), '0') + text;
}

std::string UrlPath(uint64_t number) {
  static constexpr std::array<std::string_view, 8> kAreas = {
      "conversations", "products", "accounts", "documents", "orders", "search", "sessions", "reports"};
  return "/api/v2/organizations/" + std::to_string(100 + number % 12) + "/" +
         std::string(kAreas[number % kAreas.size()]) + "/" + std::to_string(1000 + number * 37) +
         (number % 3 == 0 ? "/messages" : "/details");
}

void SmallAttributes(SpanDraft& span, bool is_call, Random& random) {
  const size_t model = random.Below(kModels.size());
  span.Text("http.request.method", Pick(kMethods, random));
  span.Text("url.path", UrlPath(random.Below(200)));
  span.Integer("http.response.status_code", static_cast<uint64_t>(Pick(kStatusCodes, random)));
  span.Text("server.address",
            Padded("node-", random.Below(40), 3) + ".eu-central-1.compute.internal.example.com");
  span.Text("user.id", Padded("user-", random.Below(10'000), 6) + "@tenant.example.com");
  span.Text("session.id", "session-" + std::string(kUnique) + std::string(kUnique));
  if (is_call) {
    span.Text("gen_ai.request.model", kModels[model]);
    span.Integer("gen_ai.usage.input_tokens", random.Between(50, 8000));
    span.Integer("gen_ai.usage.output_tokens", random.Between(1, 2000));
  } else {
    span.Text("db.collection.name", Padded("table_", random.Below(60), 2));
    span.Integer("db.response.returned_rows", random.Between(0, 5000));
    span.Integer("db.operation.batch.size", random.Between(1, 50));
  }
  span.Integer("http.request.resend_count", random.Chance(0.9) ? 0 : random.Between(1, 4));
  span.Text("app.request.id", "req-" + std::string(kUnique) + "-" + std::string(kUnique));
}

std::string Message(std::string_view role, const std::string& text) {
  return R"({"role":")" + std::string(role) + R"(","parts":[{"type":"text","content":")" + text + R"("}]})";
}

// About 4 KB of text: instructions, a conversation of three messages, an answer. The
// unique digits keep a store from finding the same message twice.
void LlmAttributes(SpanDraft& span, Random& random) {
  Prose prose(random.Next());
  const size_t model = random.Below(kModels.size());
  const auto text = [&](uint64_t least, uint64_t most) {
    return "Case " + std::string(kUnique) + ": " + prose.Text(random.Between(least, most));
  };
  const std::string question = text(900, 1500);
  const std::string input = "[" + Message("user", text(300, 700)) + "," +
                            Message("assistant", text(300, 700)) + "," + Message("user", question) + "]";
  const std::string output =
      "[" +
      Message("assistant", "On " + std::string(kUnique) + ". " + prose.Text(random.Between(700, 1300))) + "]";
  span.Text("gen_ai.operation.name", "chat");
  span.Text("gen_ai.provider.name", kProviders[model]);
  span.Text("gen_ai.request.model", kModels[model]);
  span.Text("gen_ai.response.model", kModels[model]);
  span.Number("gen_ai.request.temperature", static_cast<double>(random.Below(11)) / 10);
  span.Integer("gen_ai.request.max_tokens", 256u << random.Below(5));
  span.Text("gen_ai.response.id", "chatcmpl-" + std::string(kUnique));
  span.Texts("gen_ai.response.finish_reasons", random.Chance(0.95) ? "stop" : "length");
  span.Integer("gen_ai.usage.input_tokens", (question.size() + input.size()) / 5);
  span.Integer("gen_ai.usage.output_tokens", output.size() / 5);
  span.Text("gen_ai.conversation.id", "conv-" + std::string(kUnique));
  span.Text("gen_ai.system_instructions", R"([{"type":"text","content":")" + text(500, 500) + R"("}])");
  span.Text("gen_ai.input.messages", input);
  span.Text("gen_ai.output.messages", output);
}

// Ids and times are zeros here; Request::Stamp fills them.
SpanDraft EncodeSpan(Workload workload, SpanPlace& place, Random& random) {
  SpanDraft span;
  WireWriter& wire = span.wire;
  place.trace_id_at = wire.Bytes(1, std::string(16, '\0'));
  place.span_id_at = wire.Bytes(2, std::string(8, '\0'));
  const bool is_root = place.parent == SpanPlace::kNoParent;
  if (!is_root) place.parent_id_at = wire.Bytes(4, std::string(8, '\0'));
  if (workload != Workload::kLlm) {
    wire.Bytes(5, Pick(kSpanNames, random));
  } else {
    wire.Bytes(5, "chat " + std::string(Pick(kModels, random)));
  }
  wire.Varint(6, is_root ? 2 : workload == Workload::kLlm ? 3 : random.Between(1, 3));
  place.start_at = wire.Fixed64(7, 0);
  place.end_at = wire.Fixed64(8, 0);
  if (workload != Workload::kLlm) {
    SmallAttributes(span, workload == Workload::kSmall || random.Chance(0.2), random);
  } else {
    LlmAttributes(span, random);
  }
  WireWriter status;
  if (random.Chance(0.03)) {
    status.Bytes(2, "upstream timed out after 30 s");
    status.Varint(3, 2);
  }
  wire.Message(15, status);
  wire.Fixed32(16, 0x101);
  return span;
}

// Trees of about `mean` spans: children lie within their parent and mostly in its service.
std::vector<SpanPlace> PlanTraces(uint32_t spans, uint32_t mean, Random& random) {
  std::vector<SpanPlace> places;
  uint32_t trace = 0;
  while (places.size() < spans) {
    const auto first = static_cast<uint32_t>(places.size());
    const uint64_t size = std::min<uint64_t>(random.Between(mean / 2, mean + mean / 2), spans - first);
    for (uint32_t i = 0; i < size; ++i) {
      SpanPlace place{.trace = trace};
      if (i == 0) {
        place.service = static_cast<uint32_t>(random.Below(kServicesPerRequest));
        place.duration_nano = static_cast<uint64_t>(5e6 * std::exp(3.5 * random.Unit()));
        place.start_before_nano = place.duration_nano + random.Below(1'000'000'000);
      } else {
        place.parent = first + static_cast<uint32_t>(random.Below(i));
        const SpanPlace& parent = places[place.parent];
        place.service =
            random.Chance(0.85) ? parent.service : static_cast<uint32_t>(random.Below(kServicesPerRequest));
        const uint64_t delay = parent.duration_nano == 0 ? 0 : random.Below(parent.duration_nano);
        place.start_before_nano = parent.start_before_nano - delay;
        place.duration_nano = random.Below(parent.duration_nano - delay + 1);
      }
      places.push_back(place);
    }
    ++trace;
  }
  return places;
}

WireWriter EncodeResource(std::string_view service, Random& random) {
  WireWriter resource;
  const auto text = [&](std::string_view key, std::string_view value) {
    WireWriter any, key_value;
    any.Bytes(1, value);
    key_value.Bytes(1, key);
    key_value.Message(2, any);
    resource.Message(1, key_value);
  };
  text("service.name", service);
  text("service.version", "2.14." + std::to_string(random.Below(4)));
  text("service.instance.id", Padded("pod-", random.Below(30), 4));
  text("deployment.environment.name", "production");
  text("telemetry.sdk.language", "python");
  text("telemetry.sdk.name", "opentelemetry");
  text("telemetry.sdk.version", "1.38.0");
  return resource;
}

void Shift(SpanPlace& place, uint32_t by) {
  place.trace_id_at += by;
  place.span_id_at += by;
  if (place.parent != SpanPlace::kNoParent) place.parent_id_at += by;
  place.start_at += by;
  place.end_at += by;
}

void WriteHex(char* to, uint64_t value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (int i = 0; i < 16; ++i) to[i] = kDigits[(value >> (60 - 4 * i)) & 15];
}

void Store(char* to, uint64_t value) {
  std::memcpy(to, &value, sizeof value);
}

}  // namespace

std::string Hex(const TraceId& id) {
  // Ids travel as the bytes of the numbers, lowest first, as Store leaves them.
  std::string text(32, '0');
  WriteHex(text.data(), __builtin_bswap64(id.high));
  WriteHex(text.data() + 16, __builtin_bswap64(id.low));
  return text;
}

Request::Request(std::string bytes, std::vector<SpanPlace> spans, std::vector<HexPlace> unique,
                 uint32_t traces)
    : bytes_(std::move(bytes)),
      spans_(std::move(spans)),
      unique_(std::move(unique)),
      trace_ids_(traces),
      span_ids_(spans_.size()) {}

void Request::Stamp(uint64_t now_unix_nano, Random& random) {
  // The lowest bit keeps an id from being all zeros, which would be invalid.
  for (TraceId& id : trace_ids_) id = {random.Next(), random.Next() | 1};
  for (uint64_t& id : span_ids_) id = random.Next() | 1;
  char* bytes = bytes_.data();
  for (size_t i = 0; i < spans_.size(); ++i) {
    const SpanPlace& span = spans_[i];
    Store(bytes + span.trace_id_at, trace_ids_[span.trace].high);
    Store(bytes + span.trace_id_at + 8, trace_ids_[span.trace].low);
    Store(bytes + span.span_id_at, span_ids_[i]);
    if (span.parent != SpanPlace::kNoParent) Store(bytes + span.parent_id_at, span_ids_[span.parent]);
    Store(bytes + span.start_at, now_unix_nano - span.start_before_nano);
    Store(bytes + span.end_at, now_unix_nano - span.start_before_nano + span.duration_nano);
  }
  for (const HexPlace& place : unique_) WriteHex(bytes + place.at, random.Next());
}

Request MakeRequest(Workload workload, uint32_t spans, Random& random) {
  std::vector<SpanPlace> places = PlanTraces(spans, workload == Workload::kLlm ? 4 : 10, random);
  const uint32_t traces = places.back().trace + 1;
  const uint64_t first_service = random.Below(kServices.size());
  std::vector<HexPlace> unique;
  WireWriter request;
  for (uint32_t service = 0; service < kServicesPerRequest; ++service) {
    WireWriter scope_spans, scope, resource_spans;
    scope.Bytes(1, "opentelemetry.instrumentation.bench");
    scope.Bytes(2, "0.59b0");
    scope_spans.Message(1, scope);
    const size_t unique_before = unique.size();
    for (SpanPlace& place : places) {
      if (place.service != service) continue;
      const SpanDraft span = EncodeSpan(workload, place, random);
      const uint32_t base = scope_spans.Message(2, span.wire);
      Shift(place, base);
      for (const HexPlace& hex : span.unique) unique.push_back({hex.at + base});
    }
    resource_spans.Message(
        1, EncodeResource(kServices[(first_service + service * 3) % kServices.size()], random));
    uint32_t base = resource_spans.Message(2, scope_spans);
    base += request.Message(1, resource_spans);
    for (SpanPlace& place : places) {
      if (place.service == service) Shift(place, base);
    }
    for (size_t i = unique_before; i < unique.size(); ++i) unique[i].at += base;
  }
  return {std::move(request).Take(), std::move(places), std::move(unique), traces};
}

}  // namespace telltale::bench
