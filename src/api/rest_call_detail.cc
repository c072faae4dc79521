// /api/v1/calls/{trace_id}/{span_id}, the long texts of that call, and
// /api/v1/traces/{trace_id}/spans/{span_id}.
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "api/answer.h"
#include "api/long_texts.h"
#include "api/otlp_json.h"
#include "api/rest_parts.h"
#include "base/utf8.h"
#include "query/call_detail.h"

namespace telltale {
namespace {

constexpr int64_t kInlineBytesDefault = 16'384;
constexpr int64_t kInlineBytesMax = 1 << 20;
// A piece that is asked for by its length is held in memory whole.
constexpr int64_t kLengthMax = 8 << 20;
// What is larger is sent in pieces.
constexpr size_t kPieceBytes = 256 * 1024;

struct DetailRead {
  std::unique_ptr<CallDetail> detail;
  LargeReads::Place place;  // null: nothing large was read
};

Result<DetailRead> ReadSpanDetail(const Face& face, const SpanKey& key) {
  DetailRead read;
  const auto admit = [&](size_t size_bytes) -> Status {
    if (size_bytes <= LargeReads::kLargeBytes || read.place != nullptr) return {};
    read.place = face.large_reads.TryTake();
    if (read.place == nullptr) return LargeReads::Refusal("read span " + key.span_id.Hex());
    return {};
  };
  TELLTALE_ASSIGN_OR_RETURN(
      read.detail,
      ReadCallDetail(face.engine, {.pricer = PricerOf(face), .rules = RulesOf(face), .admit = admit}, key));
  return read;
}

Result<DetailRead> ReadDetail(const Face& face, const SpanKey& key) {
  TELLTALE_ASSIGN_OR_RETURN(DetailRead read, ReadSpanDetail(face, key));
  if (!read.detail->call.is_call()) {
    return Fail(
        ErrorCode::kNotFound,
        "find call " + key.trace_id.Hex() + "/" + key.span_id.Hex() +
            ": this span is there, but is no call: nothing in it tells of a model, a tool or an agent",
        "the span itself is at /api/v1/traces/" + key.trace_id.Hex() + "/spans/" + key.span_id.Hex());
  }
  return read;
}

void WriteSpanFacts(const CallDetail& detail, JsonWriter& json) {
  const SpanRow& span = detail.span();
  json.Key("span").BeginObject();
  json.Key("kind").Uint(span.kind);
  json.Key("status").BeginObject();
  json.Key("code").Uint(span.status);
  if (!span.status_message.empty()) json.Key("message").String(span.status_message);
  json.EndObject();
  json.Key("attribute_count").Uint(span.attributes.count);
  json.Key("dropped_attributes").Uint(span.dropped_attributes);
  json.Key("dropped_events").Uint(span.dropped_events);
  json.Key("dropped_links").Uint(span.dropped_links);
  json.Key("missing_content").Uint(span.attributes.missing_chunks);
  json.Key("resource").Raw(detail.resource().empty() ? "{}" : detail.resource());
  json.Key("scope").Raw(detail.scope().empty() ? "{}" : detail.scope());
  json.Key("href").String("/api/v1/traces/" + span.trace_id.Hex() + "/spans/" + span.span_id.Hex());
  json.EndObject();
}

void WriteRowOrNull(const CallNeighbours& neighbours, const std::optional<size_t>& number, JsonWriter& json) {
  if (!number) {
    json.Null();
    return;
  }
  json.BeginObject();
  WriteCallRow(neighbours.rows.rows[*number], json);
  json.EndObject();
}

void WriteNeighbours(const CallNeighbours& neighbours, JsonWriter& json) {
  json.Key("neighbours").BeginObject();
  json.Key("parent");
  WriteRowOrNull(neighbours, neighbours.parent, json);
  json.Key("children").BeginArray();
  for (const size_t child : neighbours.children) WriteRowOrNull(neighbours, child, json);
  json.EndArray();
  json.Key("child_count").Uint(neighbours.child_count);
  json.Key("truncated").Bool(neighbours.truncated);
  json.EndObject();
}

Answer ShowDetail(const Face& face, const HttpRequest& request, const SpanKey& key) {
  constexpr std::array<std::string_view, 1> kKnown = {"inline_bytes"};
  const Parameters parameters(request);
  TELLTALE_RETURN_IF_ERROR(parameters.RefuseUnknown(kKnown));
  TELLTALE_ASSIGN_OR_RETURN(
      const auto inline_bytes,
      parameters.Integer("inline_bytes", {.min = kInlineBytesMin, .max = kInlineBytesMax}));
  TELLTALE_ASSIGN_OR_RETURN(const DetailRead read, ReadDetail(face, key));
  TELLTALE_ASSIGN_OR_RETURN(const CallNeighbours neighbours, ReadCallNeighbours(face.engine, key));
  const CallDetail& detail = *read.detail;
  const SpanRow& span = detail.span();

  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("trace_id").String(key.trace_id.Hex());
  json.Key("span_id").String(key.span_id.Hex());
  if (!span.parent_id.IsZero()) json.Key("parent_id").String(span.parent_id.Hex());
  json.Key("start_unix_nano").IntString(span.start_unix_nano);
  json.Key("duration_nano").IntString(span.duration_nano);
  json.Key("service").String(span.service);
  json.Key("name").String(span.name);
  json.Key("counts").Bool(detail.call.counts());
  TextReferences references(key);
  json.Key("call");
  json.Divert(&references, static_cast<size_t>(inline_bytes.value_or(kInlineBytesDefault)));
  WriteCall(detail.call, detail.cost, json);
  json.Divert(nullptr, 0);
  WriteSpanFacts(detail, json);
  WriteNeighbours(neighbours, json);
  json.EndObject();
  return HttpResponse::Json(200, std::move(body));
}

Result<std::string> FindText(const Face& face, const SpanKey& key, std::string_view name) {
  TELLTALE_ASSIGN_OR_RETURN(const DetailRead read, ReadDetail(face, key));
  TextFinder finder(name);
  std::string ignored;
  JsonWriter json(ignored);
  json.Divert(&finder, kInlineBytesMin);
  WriteCall(read.detail->call, read.detail->cost, json);
  if (finder.found()) return *std::move(finder.found());
  return Fail(ErrorCode::kNotFound,
              "find content " + std::string(name.substr(0, 100)) + " of call " + key.trace_id.Hex() + "/" +
                  key.span_id.Hex() + ": the call has no such text, or has it no more",
              "ask for the call again: its `href`s name the texts that it has");
}

// What of the text is asked for: in whole characters.
struct Piece {
  size_t offset = 0;
  std::string_view bytes;
};

Result<Piece> ReadPiece(const Parameters& parameters, std::string_view text, bool is_utf8) {
  TELLTALE_ASSIGN_OR_RETURN(const auto offset, parameters.Integer("offset", {.min = 0, .max = INT64_MAX}));
  TELLTALE_ASSIGN_OR_RETURN(const auto length, parameters.Integer("length", {.min = 1, .max = kLengthMax}));
  Piece piece{.offset = std::min(static_cast<size_t>(offset.value_or(0)), text.size()), .bytes = {}};
  if (is_utf8) piece.offset = StartOfCharacter(text, piece.offset);
  piece.bytes = text.substr(piece.offset);
  if (!length) return piece;
  const auto bytes_max = static_cast<size_t>(*length);
  piece.bytes = is_utf8 ? CutUtf8(piece.bytes, bytes_max) : piece.bytes.substr(0, bytes_max);
  return piece;
}

HttpResponse TextAnswer(bool is_utf8) {
  HttpResponse response;
  response.headers.Add("Content-Type", is_utf8 ? "text/plain; charset=utf-8" : "application/octet-stream");
  // What a model wrote is shown as it is, whatever it looks like.
  response.headers.Add("X-Content-Type-Options", "nosniff");
  response.headers.Add("Content-Security-Policy", "sandbox");
  response.headers.Add("Cache-Control", "private, max-age=31536000, immutable");
  return response;
}

Answer ShowContent(const Face& face, const HttpRequest& request, const SpanKey& key, std::string_view name) {
  constexpr std::array<std::string_view, 2> kKnown = {"offset", "length"};
  const Parameters parameters(request);
  TELLTALE_RETURN_IF_ERROR(parameters.RefuseUnknown(kKnown));
  TELLTALE_ASSIGN_OR_RETURN(std::string text, FindText(face, key, name));
  const bool is_utf8 = IsUtf8(text);
  TELLTALE_ASSIGN_OR_RETURN(const Piece piece, ReadPiece(parameters, text, is_utf8));

  HttpResponse response = TextAnswer(is_utf8);
  const size_t end = piece.offset + piece.bytes.size();
  response.headers.Add("Telltale-Content-Size", std::to_string(text.size()));
  response.headers.Add("Telltale-Content-Offset", std::to_string(piece.offset));
  if (end < text.size()) response.headers.Add("Telltale-Next-Offset", std::to_string(end));
  const std::string etag =
      '"' + std::string(name) + '-' + std::to_string(piece.offset) + '-' + std::to_string(end) + '"';
  response.headers.Add("ETag", etag);
  if (request.headers.Get("If-None-Match") == etag) {
    response.status = 304;
    return response;
  }
  if (piece.bytes.size() <= kLengthMax) {
    response.body = piece.bytes;
    return response;
  }
  // Held until the client has read it: one of the places for large values.
  const LargeReads::Place place = face.large_reads.TryTake();
  if (place == nullptr) return LargeReads::Refusal("send content " + std::string(name));
  response.stream = [whole = std::make_shared<const std::string>(std::move(text)), place,
                     offset = piece.offset](HttpStream& stream) {
    for (size_t at = offset; at < whole->size(); at += kPieceBytes) {
      if (!stream.Write(whole->substr(at, kPieceBytes))) return;
    }
  };
  return response;
}

void WriteSpan(const CallDetail& detail, JsonWriter& json) {
  const SpanRow& span = detail.span();
  json.BeginObject();
  WriteSpanMembers(span, OtlpJsonStyle::kRest, json);
  json.Key("service").String(span.service);
  json.Key("resource").Raw(detail.resource().empty() ? "{}" : detail.resource());
  json.Key("scope").Raw(detail.scope().empty() ? "{}" : detail.scope());
  json.Key("missing_content").Uint(span.attributes.missing_chunks);
  json.Key("call");
  if (detail.call.is_call()) {
    WriteCall(detail.call, detail.cost, json);
  } else {
    json.Null();
  }
  json.Key("logs").BeginArray();
  for (const LogRow& log : detail.logs.rows) {
    if (log.span_id != span.span_id) continue;
    json.BeginObject();
    WriteLogMembers(log, json);
    json.EndObject();
  }
  json.EndArray();
  json.Key("logs_truncated").Bool(detail.logs.rows.size() == kDetailLogsMax || detail.logs.truncated);
  json.EndObject();
}

}  // namespace

Answer ShowSpan(const Face& face, const HttpRequest& request, const SpanKey& key) {
  TELLTALE_RETURN_IF_ERROR(Parameters(request).RefuseUnknown({}));
  TELLTALE_ASSIGN_OR_RETURN(const DetailRead read, ReadSpanDetail(face, key));
  std::string body;
  JsonWriter json(body);
  WriteSpan(*read.detail, json);
  return HttpResponse::Json(200, std::move(body));
}

Answer ShowCall(const Face& face, const HttpRequest& request, std::string_view path) {
  const size_t slash = std::min(path.find('/'), path.size());
  const std::string_view trace_text = path.substr(0, slash);
  const std::string_view rest = path.substr(std::min(slash + 1, path.size()));
  const size_t end = std::min(rest.find('/'), rest.size());
  TELLTALE_ASSIGN_OR_RETURN(const SpanKey key, ReadSpanKeyUntrusted(trace_text, rest.substr(0, end)));
  if (end == rest.size()) return ShowDetail(face, request, key);
  constexpr std::string_view kContent = "/content/";
  if (!rest.substr(end).starts_with(kContent)) return NoSuchPath(request);
  return ShowContent(face, request, key, rest.substr(end + kContent.size()));
}

}  // namespace telltale
