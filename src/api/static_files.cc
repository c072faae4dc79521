#include "api/static_files.h"

#include <array>
#include <cstdint>

#include "api/answer.h"
#include "base/bytes.h"

namespace telltale {
namespace {

// Scripts and connections only to where the page came from; styles also inline, which
// the UI's positioned elements need.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

constexpr std::string_view kNotBuilt =
    "Telltale is running, but this program was built without its web UI.\n"
    "Build it with ./dev build; the API is at /api/v1/traces.\n";

// FNV-1a: enough to tell two builds of a file apart.
std::string TagOf(std::string_view bytes) {
  uint64_t hash = 14695981039346656037u;
  for (const char c : bytes) hash = (hash ^ static_cast<uint8_t>(c)) * 1099511628211u;
  std::array<char, sizeof hash> raw;
  for (size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<char>(hash >> (8 * i));
  return ToHex({raw.data(), raw.size()});
}

void AddSecurityHeaders(HttpHeaders& headers) {
  headers.Add("Content-Security-Policy", std::string(kContentSecurityPolicy));
  headers.Add("X-Content-Type-Options", "nosniff");
  headers.Add("X-Frame-Options", "DENY");
  headers.Add("Referrer-Policy", "same-origin");
}

bool Matches(std::string_view if_none_match, std::string_view tag) {
  return if_none_match == "*" || if_none_match.find(tag) != std::string_view::npos;
}

}  // namespace

StaticFiles::StaticFiles(const std::vector<StaticFile>& files) {
  for (const StaticFile& file : files) files_[file.path] = {.file = file, .tag = TagOf(file.bytes)};
}

const StaticFiles::Entry* StaticFiles::Find(std::string_view path) const {
  auto at = files_.find(path);
  if (at == files_.end() && !path.starts_with("/assets/")) at = files_.find("/index.html");
  return at == files_.end() ? nullptr : &at->second;
}

HttpResponse StaticFiles::Answer(const HttpRequest& request) const {
  const Entry* entry = Find(request.path);
  if (entry == nullptr) {
    return files_.empty() ? HttpResponse::Text(200, std::string(kNotBuilt))
                          : HttpResponse::Text(404, "no such file\n");
  }
  const StaticFile& file = entry->file;
  const bool zipped = !file.gzip.empty() && AcceptsGzip(request);
  const std::string etag = "\"" + entry->tag + (zipped ? "-gz" : "") + "\"";

  HttpResponse response;
  response.headers.Add("ETag", etag);
  response.headers.Add("Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (!file.gzip.empty()) response.headers.Add("Vary", "Accept-Encoding");
  AddSecurityHeaders(response.headers);
  if (Matches(request.headers.Get("If-None-Match"), etag)) {
    response.status = 304;
    return response;
  }
  response.headers.Add("Content-Type", std::string(file.content_type));
  if (zipped) response.headers.Add("Content-Encoding", "gzip");
  response.static_body = zipped ? file.gzip : file.bytes;
  return response;
}

}  // namespace telltale
