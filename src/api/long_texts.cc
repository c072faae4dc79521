#include "api/long_texts.h"

#include "base/utf8.h"
#include "query/call_detail.h"

namespace telltale {
namespace {

constexpr size_t kPreviewBytes = 1'000;

}  // namespace

TextReferences::TextReferences(const SpanKey& key)
    : href_("/api/v1/calls/" + key.trace_id.Hex() + "/" + key.span_id.Hex() + "/content/") {}

void TextReferences::Write(std::string_view text, bool is_json, JsonWriter& json) {
  json.BeginObject();
  json.Key("large").BeginObject();
  json.Key("size_bytes").Uint(text.size());
  json.Key("href").String(href_ + ContentName(text));
  json.Key("type").String(is_json ? "json" : "text");
  json.EndObject();
  json.Key("preview").String(CutUtf8(text, kPreviewBytes));
  json.EndObject();
}

void TextFinder::Write(std::string_view text, bool /*is_json*/, JsonWriter& json) {
  json.Null();
  if (!found_ && ContentName(text) == name_) found_ = text;
}

}  // namespace telltale
