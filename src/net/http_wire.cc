#include "net/http_wire.h"

#include <arpa/inet.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace telltale {
namespace {

// HTTP wants English names, whatever the locale of the process.
std::string FormatDate(time_t now) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  tm parts{};
  gmtime_r(&now, &parts);
  char text[64];
  const int size = std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                 kDays[static_cast<size_t>(parts.tm_wday)], parts.tm_mday,
                                 kMonths[static_cast<size_t>(parts.tm_mon)], parts.tm_year + 1900,
                                 parts.tm_hour, parts.tm_min, parts.tm_sec);
  return std::string(text, static_cast<size_t>(size));
}

const std::string& DateNow() {
  thread_local time_t formatted_at = 0;
  thread_local std::string formatted;
  const time_t now = ::time(nullptr);
  if (now != formatted_at) {
    formatted = FormatDate(now);
    formatted_at = now;
  }
  return formatted;
}

void AppendOneLine(std::string_view text, std::string& out) {
  for (const char c : text) out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
}

std::string WithoutPort(std::string_view host) {
  if (host.starts_with('[')) {
    const size_t close = host.find(']');
    return std::string(host.substr(1, close == host.npos ? host.npos : close - 1));
  }
  // More than one colon without brackets is a bare IPv6 address.
  if (std::ranges::count(host, ':') == 1) host = host.substr(0, host.find(':'));
  return std::string(host);
}

}  // namespace

std::string FormatResponseHead(const HttpResponse& response, const ResponseHead& head) {
  std::string out;
  out.reserve(256);
  out += "HTTP/1.1 ";
  out += std::to_string(response.status);
  out += ' ';
  out += ReasonPhrase(response.status);
  out += "\r\nDate: ";
  out += DateNow();
  for (const auto& [name, value] : response.headers.fields) {
    out += "\r\n";
    AppendOneLine(name, out);
    out += ": ";
    AppendOneLine(value, out);
  }
  if (head.framing == BodyFraming::kLength) {
    out += "\r\nContent-Length: ";
    out += std::to_string(head.content_length);
  } else if (head.framing == BodyFraming::kChunked) {
    out += "\r\nTransfer-Encoding: chunked";
  }
  if (!head.keep_alive) {
    out += "\r\nConnection: close";
  } else if (head.version == 10) {
    out += "\r\nConnection: keep-alive";
  }
  out += "\r\n\r\n";
  return out;
}

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

void SplitTargetUntrusted(std::string_view target, HttpRequest& request) {
  if (!target.starts_with('/')) {
    const size_t scheme_end = target.find("://");
    if (scheme_end != target.npos) {
      target.remove_prefix(scheme_end + 3);
      target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
    }
  }
  target = target.substr(0, target.find('#'));
  const size_t question = std::min(target.find('?'), target.size());
  request.path = PercentDecode(target.substr(0, question), false);
  if (request.path.empty()) request.path = "/";
  request.query = question < target.size() ? std::string(target.substr(question + 1)) : std::string();
}

bool IsLoopbackHostUntrusted(std::string_view host) {
  std::string name = WithoutPort(host);
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (name.ends_with('.')) name.pop_back();
  if (name == "localhost" || name.ends_with(".localhost")) return true;
  in_addr v4{};
  if (inet_pton(AF_INET, name.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, name.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

HttpResponse ErrorResponse(int status, ErrorCode code, std::string_view message, std::string_view hint) {
  const auto quoted = [](std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + '"';
  };
  return HttpResponse::Json(status, "{\"code\":" + quoted(ErrorCodeName(code)) + ",\"message\":" +
                                        quoted(message) + ",\"hint\":" + quoted(hint) + "}");
}

}  // namespace telltale
