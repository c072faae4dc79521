// Reads JSON that somebody else wrote into a flat array of nodes, without copying the
// text: the reader for prompts, answers and provider bodies inside attributes.
//
//   JsonTree tree;                                   // kept and reused
//   if (!tree.ParseUntrusted(text)) return;          // not JSON: leave it as text
//   for (JsonValue message : tree.root().items())
//     role = message["role"].Text(arena);
//
// The notation kPython also reads what Python's str() makes of dicts and lists, which
// several senders put where JSON should be, {'a': None, 'b': (1, True)}, and what its objects
// print of themselves: Usage(total=5, role=<Role.USER: 'user'>).
//
// An object's key that is there twice counts once: the first one is found.
//
// Ownership      Values point into the tree and into the text; both must live on, and
//                the tree must not parse anew.
// Thread safety  One thread at a time.
// Failure        False: not JSON, deeper than kJsonDepthMax, or larger than the limits.
//                Bytes that are not UTF-8 are taken as they are.
// Cost           One pass; 20 bytes per node, which stay allocated for the next text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"

namespace telltale {

// Deep enough for any tool schema, shallow enough for every reader's stack.
inline constexpr int kJsonDepthMax = 64;
// A prompt with a few pictures in it; beyond that the text stays text.
inline constexpr size_t kJsonBytesMax = 32 << 20;
inline constexpr size_t kJsonNodesMax = 1'000'000;

enum class JsonType : uint8_t { kMissing, kNull, kBool, kNumber, kString, kArray, kObject };
enum class JsonNotation : uint8_t { kJson, kPython };

struct JsonNode {
  uint32_t begin = 0;  // of the text, quotes of a string not included
  uint32_t end = 0;
  uint32_t next = 0;  // the node after this one and all that is inside it
  JsonType type = JsonType::kMissing;
  bool has_escapes = false;
};

class JsonTree;

// One value of a tree; cheap to copy. A value that is not there is kMissing, and asking
// it further gives kMissing again.
class JsonValue {
 public:
  JsonValue() = default;
  JsonValue(const JsonTree* tree, uint32_t index) : tree_(tree), index_(index) {}

  JsonType type() const;
  bool is_missing() const { return type() == JsonType::kMissing; }
  bool is_null() const { return type() == JsonType::kNull; }
  bool is_string() const { return type() == JsonType::kString; }
  bool is_array() const { return type() == JsonType::kArray; }
  bool is_object() const { return type() == JsonType::kObject; }
  explicit operator bool() const { return type() != JsonType::kMissing && type() != JsonType::kNull; }

  // The text as it stands: of a string without its quotes and with its escapes.
  std::string_view raw() const;
  // The value as JSON text again: a string's quotes included.
  std::string_view json() const;
  // A string's characters (its own bytes where it has no escapes, else in `arena`);
  // of anything else json(); of null and missing nothing.
  std::string_view Text(Arena& arena) const;
  std::optional<double> Number() const;  // also of a string of digits
  std::optional<bool> Bool() const;

  JsonValue operator[](std::string_view key) const;  // of an object
  // The first of these keys that is there and not null.
  template <typename... Keys>
  JsonValue FirstOf(Keys... keys) const {
    JsonValue found;
    (void)((found = (*this)[keys], static_cast<bool>(found)) || ...);
    return found ? found : JsonValue();
  }

  class Iterator {
   public:
    Iterator(const JsonTree* tree, uint32_t index, bool members)
        : tree_(tree), index_(index), members_(members) {}
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }
    Iterator& operator++();
    JsonValue operator*() const { return {tree_, index_ + (members_ ? 1U : 0U)}; }
    // REQUIRES: of members().
    std::string_view key() const;

   private:
    const JsonTree* tree_;
    uint32_t index_;
    bool members_;
  };
  struct Range {
    Iterator first, last;
    Iterator begin() const { return first; }
    Iterator end() const { return last; }
    bool empty() const { return !(first != last); }
  };
  Range items() const;    // of an array; empty of anything else
  Range members() const;  // of an object; Iterator::key() is the key, raw

 private:
  const JsonTree* tree_ = nullptr;
  uint32_t index_ = 0;
};

class JsonTree {
 public:
  // REQUIRES: `text` lives as long as the values.
  bool ParseUntrusted(std::string_view text, JsonNotation notation = JsonNotation::kJson);
  JsonValue root() const { return {this, 0}; }

 private:
  friend class JsonValue;
  class Parser;

  std::string_view text_;
  std::vector<JsonNode> nodes_;
};

// The characters of a JSON (or Python) string's inside, escapes resolved; what is no
// escape stays as it is.
void AppendUnescaped(std::string_view raw, std::string& out);

}  // namespace telltale
