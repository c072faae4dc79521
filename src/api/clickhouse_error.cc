#include "api/clickhouse_error.h"

namespace telltale {

std::string ClickHouseErrorText(const SqlFault& fault) {
  std::string text = "Code: " + std::to_string(fault.number) + ". DB::Exception: " + fault.error.message;
  if (!fault.error.hint.empty()) text += ": " + fault.error.hint;
  for (char& c : text) c = c == '\r' ? ' ' : c;
  return text + ". (" + (fault.name.empty() ? "UNKNOWN_EXCEPTION" : fault.name) + ")";
}

// As the server's own table has them; the rest is 500 there, which says nothing. Here it is what the
// error is to us.
int ClickHouseStatusOf(const SqlFault& fault) {
  switch (fault.number) {
    case 497:  // ACCESS_DENIED
    case 164:  // READONLY
      return 403;
    case 46:   // UNKNOWN_FUNCTION
    case 47:   // UNKNOWN_IDENTIFIER
    case 50:   // UNKNOWN_TYPE
    case 60:   // UNKNOWN_TABLE
    case 73:   // UNKNOWN_FORMAT
    case 81:   // UNKNOWN_DATABASE
    case 115:  // UNKNOWN_SETTING
      return 404;
    case 159:  // TIMEOUT_EXCEEDED
      return 408;
    case 48:  // NOT_IMPLEMENTED
      return 501;
    case 202:  // TOO_MANY_SIMULTANEOUS_QUERIES
      return 503;
    default:
      break;
  }
  switch (fault.error.code) {
    case ErrorCode::kInvalidInput:
      return 400;
    case ErrorCode::kUnavailable:
      return 503;
    default:
      return 500;
  }
}

HttpResponse ClickHouseErrorResponse(const SqlFault& fault) {
  HttpResponse response = HttpResponse::Text(ClickHouseStatusOf(fault), ClickHouseErrorText(fault) + "\n");
  response.headers.Add("X-ClickHouse-Server-Display-Name", "telltale");
  response.headers.Add("X-ClickHouse-Exception-Code", std::to_string(fault.number));
  if (response.status == 503) response.headers.Add("Retry-After", "1");
  return response;
}

}  // namespace telltale
