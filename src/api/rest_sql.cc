// POST /api/v1/sql and GET /api/v1/sql/schema.
#include "api/rest_parts.h"
#include "api/sql_request.h"
#include "query/sql_views.h"

namespace telltale {

Answer AskSql(const Face& face, const HttpRequest& request) {
  TELLTALE_RETURN_IF_ERROR(Parameters(request).RefuseUnknown({}));
  // A page of another site can post a form, but not JSON.
  if (!request.headers.Get("Content-Type").starts_with("application/json"))
    return Fail(ErrorCode::kInvalidInput, "read body: Content-Type must be application/json");
  TELLTALE_ASSIGN_OR_RETURN(SqlQuestion question, ReadSqlRequestUntrusted(request.body));
  if (face.sql == nullptr)
    return Fail(ErrorCode::kUnavailable, "answer the statement: this server has no SQL");
  if (request.client_gone != nullptr)
    question.cancelled = [gone = request.client_gone] { return gone->load(); };
  TELLTALE_ASSIGN_OR_RETURN(const SqlAnswer answer, face.sql->Ask(question));

  std::string body;
  body.reserve(answer.rows.size() + 4096);
  JsonWriter json(body);
  json.BeginObject();
  json.Key("columns").BeginArray();
  for (const SqlAnswer::Column& column : answer.columns) {
    json.BeginObject();
    json.Key("name").String(column.name);
    json.Key("type").String(column.type);
    json.EndObject();
  }
  json.EndArray();
  json.Key("rows").BeginArray();
  if (!answer.rows.empty()) json.Raw(answer.rows);
  json.EndArray();
  json.Key("statistics").BeginObject();
  json.Key("rows_read").Uint(answer.statistics.rows_read);
  json.Key("bytes_read").Uint(answer.statistics.bytes_read);
  json.Key("elapsed_seconds").Double(answer.statistics.seconds);
  json.EndObject();
  json.Key("truncated").Bool(answer.truncated);
  json.EndObject();
  return HttpResponse::Json(200, std::move(body));
}

Answer ShowSqlSchema(const HttpRequest& request) {
  TELLTALE_RETURN_IF_ERROR(Parameters(request).RefuseUnknown({}));
  return ListAnswer(SqlViews(), [](const SqlView& view, JsonWriter& json) {
    json.Key("name").String(view.name);
    json.Key("about").String(view.about);
    json.Key("columns").BeginArray();
    for (const SqlColumn& column : view.columns) {
      json.BeginObject();
      json.Key("name").String(column.name);
      json.Key("type").String(column.type);
      json.Key("about").String(column.about);
      json.EndObject();
    }
    json.EndArray();
  });
}

}  // namespace telltale
