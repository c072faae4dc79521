// The long texts of a call: left out of its JSON, with where to read them and how they begin,
// and found again by their names (query/call_detail.h).
//
//   TextReferences references(key);
//   json.Divert(&references, inline_bytes);
//   WriteCall(call, json);              // "content":{"large":{...},"preview":"It was"}
//
// Thread safety  One thread at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "json/writer.h"
#include "query/span_reader.h"

namespace telltale {

// A text may be asked to stand by itself from this size on.
inline constexpr size_t kInlineBytesMin = 256;

class TextReferences final : public LongTexts {
 public:
  explicit TextReferences(const SpanKey& key);
  void Write(std::string_view text, bool is_json, JsonWriter& json) override;

 private:
  const std::string href_;  // up to the name
};

class TextFinder final : public LongTexts {
 public:
  explicit TextFinder(std::string_view name) : name_(name) {}
  void Write(std::string_view text, bool is_json, JsonWriter& json) override;

  std::optional<std::string>& found() { return found_; }

 private:
  const std::string name_;
  std::optional<std::string> found_;
};

}  // namespace telltale
