#include "net/http.h"

#include <algorithm>

#include "net/http_wire.h"

namespace telltale {
namespace {

char LowerAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, LowerAscii, LowerAscii);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Calls `visit` with each decoded value of `name` until it returns false.
template <typename Visit>
void ForEachParam(std::string_view query, std::string_view name, Visit visit) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));

    const size_t equals = std::min(pair.find('='), pair.size());
    if (pair.empty() || PercentDecode(pair.substr(0, equals), true) != name) continue;
    const std::string_view value = equals < pair.size() ? pair.substr(equals + 1) : std::string_view();
    if (!visit(PercentDecode(value, true))) return;
  }
}

HttpResponse WithBody(int status, std::string content_type, std::string text) {
  HttpResponse response;
  response.status = status;
  response.headers.Add("Content-Type", std::move(content_type));
  response.body = std::move(text);
  return response;
}

}  // namespace

std::string_view HttpHeaders::Get(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (EqualsIgnoringCase(key, name)) return value;
  }
  return {};
}

std::optional<std::string> HttpRequest::Param(std::string_view name) const {
  std::optional<std::string> found;
  ForEachParam(query, name, [&](std::string value) {
    found = std::move(value);
    return false;
  });
  return found;
}

std::vector<std::string> HttpRequest::Params(std::string_view name) const {
  std::vector<std::string> found;
  ForEachParam(query, name, [&](std::string value) {
    found.push_back(std::move(value));
    return true;
  });
  return found;
}

HttpResponse HttpResponse::Text(int status, std::string text) {
  return WithBody(status, "text/plain; charset=utf-8", std::move(text));
}

HttpResponse HttpResponse::Json(int status, std::string text) {
  return WithBody(status, "application/json", std::move(text));
}

HttpResponse HttpHandler::Refuse(const HttpRefusal& refusal) const {
  return ErrorResponse(refusal.status, refusal.code, refusal.message, refusal.hint);
}

std::string PercentDecode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                            c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

}  // namespace telltale
