// POST /api/v1/reprice.
#include "api/rest_parts.h"
#include "base/arena.h"
#include "json/tree.h"
#include "settle/settler.h"

namespace telltale {
namespace {

struct RepriceRequest {
  TimeRange range;
  bool apply = false;
};

std::unexpected<Error> Refuse(const std::string& why) {
  return Fail(ErrorCode::kInvalidInput, "read body: " + why,
              R"(send {"start": "2026-11-01T00:00:00Z", "end": "2026-12-01T00:00:00Z", "apply": false})");
}

Result<int64_t> ReadTime(JsonValue body, std::string_view name) {
  Arena arena;
  const std::string_view text = body[name].Text(arena);
  const auto time = ParseTimeUntrusted(text);
  if (!body[name].is_string() || !time)
    return Refuse(std::string(name) + ": not a time, RFC 3339 or nanoseconds");
  return *time;
}

Result<RepriceRequest> ReadRequest(const HttpRequest& request) {
  // A page of another site can post a form, but not JSON.
  if (!request.headers.Get("Content-Type").starts_with("application/json"))
    return Refuse("Content-Type must be application/json");
  JsonTree tree;
  if (!tree.ParseUntrusted(request.body) || !tree.root().is_object()) return Refuse("not a JSON object");
  const JsonValue body = tree.root();
  const auto members = body.members();
  for (auto at = members.begin(); at != members.end(); ++at) {
    if (at.key() != "start" && at.key() != "end" && at.key() != "apply")
      return Refuse("unknown member: " + std::string(at.key().substr(0, 100)));
  }
  RepriceRequest read;
  TELLTALE_ASSIGN_OR_RETURN(read.range.start_unix_nano, ReadTime(body, "start"));
  TELLTALE_ASSIGN_OR_RETURN(read.range.end_unix_nano, ReadTime(body, "end"));
  if (read.range.start_unix_nano >= read.range.end_unix_nano) return Refuse("start is not before end");
  if (const JsonValue apply = body["apply"]; !apply.is_missing()) {
    if (!apply.Bool()) return Refuse("apply: not true or false");
    read.apply = *apply.Bool();
  }
  return read;
}

double Dollars128(__int128 amount) {
  return static_cast<double>(amount) / static_cast<double>(kPicoDollarsPerDollar);
}

void WriteRule(std::string_view key, const std::string& rule, JsonWriter& json) {
  json.Key(key);
  if (rule.empty()) {
    json.Null();
  } else {
    json.String(rule);
  }
}

}  // namespace

Answer Reprice(const Face& face, const HttpRequest& request) {
  TELLTALE_RETURN_IF_ERROR(Parameters(request).RefuseUnknown({}));
  TELLTALE_ASSIGN_OR_RETURN(const RepriceRequest asked, ReadRequest(request));
  if (face.options.reprice == nullptr)
    return Fail(ErrorCode::kUnavailable, "price stored calls again: this server keeps none");
  TELLTALE_ASSIGN_OR_RETURN(const RepriceReport report, face.options.reprice(asked.range, asked.apply));
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("applied").Bool(asked.apply);
  json.Key("table_version").String(report.table_version);
  json.Key("calls").Uint(report.calls);
  json.Key("changed").Uint(report.changed);
  json.Key("from").Double(Dollars128(report.from));
  json.Key("to").Double(Dollars128(report.to));
  json.Key("changes").BeginArray();
  for (const RepriceReport::Change& change : report.changes) {
    json.BeginObject();
    json.Key("provider").String(change.provider);
    json.Key("model").String(change.model);
    WriteRule("from_rule", change.from_rule, json);
    WriteRule("to_rule", change.to_rule, json);
    json.Key("calls").Uint(change.calls);
    json.Key("from").Double(Dollars128(change.from));
    json.Key("to").Double(Dollars128(change.to));
    json.EndObject();
  }
  json.EndArray().EndObject();
  return HttpResponse::Json(200, std::move(body));
}

}  // namespace telltale
