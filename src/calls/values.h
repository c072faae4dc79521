// Attribute values as the types of a call's fields, whatever type and notation the
// sender chose. Private to calls/.
//
// Failure        Nothing is told: an empty text or optional. What was there but of no
//                use is counted (call_values_* in spec/counters.toml).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "json/tree.h"
#include "trace/batch.h"

namespace telltale {

// Trees for JSON inside JSON; each is used anew once its Lease has gone.
class JsonPool {
 public:
  class Lease {
   public:
    Lease(JsonPool& pool, std::unique_ptr<JsonTree> tree, bool ok)
        : pool_(&pool), tree_(std::move(tree)), ok_(ok) {}
    ~Lease() { pool_->free_.push_back(std::move(tree_)); }
    Lease(const Lease&) = delete;
    explicit operator bool() const { return ok_; }
    JsonValue root() const { return ok_ ? tree_->root() : JsonValue(); }

   private:
    JsonPool* pool_;
    std::unique_ptr<JsonTree> tree_;
    bool ok_;
  };

  // JSON, or what Python prints for a dict or a list. `text` must outlive the Lease.
  Lease ParseUntrusted(std::string_view text);
  // Also what an object of Python prints of itself, Usage(total=5). Only for places where
  // such an object stands: a chat's text may look like one.
  Lease ParsePrintedUntrusted(std::string_view text);
  // The same of an attribute: text is parsed, arrays and maps become plain JSON in `arena`.
  Lease ParseUntrusted(const Value& value, Arena& arena);

 private:
  std::unique_ptr<JsonTree> Take();

  std::vector<std::unique_ptr<JsonTree>> free_;
};

// True for text that could only be an object or an array.
bool LooksLikeJson(std::string_view text);

// OTLP's {"kvlistValue":...} form as plain JSON.
std::string_view PlainJson(const Value& value, JsonPool& pool, Arena& arena);

std::string_view Trimmed(std::string_view text);
bool EqualsIgnoringCase(std::string_view a, std::string_view lower);
std::string_view LowerCase(std::string_view text, Arena& arena);

// True for the words that senders write where they have nothing to say.
bool IsSentinel(std::string_view text);

std::string_view TextOf(const Value& value, JsonPool& pool, Arena& arena);
// Without the quotes around a JSON string.
std::string_view UnquotedTextOf(const Value& value, JsonPool& pool, Arena& arena);
std::optional<double> NumberOf(const Value& value);
std::optional<int64_t> IntOf(const Value& value);
std::optional<bool> BoolOf(const Value& value);

// A list of texts: an array, a JSON array, Spring's ["A", "B"] with unescaped quotes,
// "a, b", or one text.
void AppendTextsOf(const Value& value, bool split_at_commas, JsonPool& pool, Arena& arena,
                   std::vector<std::string_view>& texts);

// Nanoseconds since 1970 of an ISO 8601 time, in quotes or not.
std::optional<int64_t> UnixNanosOfIso(std::string_view text);

}  // namespace telltale
