// Writes JSON text onto the end of a string: the one writer behind every HTTP face.
//
//   std::string body;
//   JsonWriter json(body);
//   json.BeginObject();
//   json.Key("name").String("chat");
//   json.Key("tokens").Int(57);
//   json.EndObject();                      // {"name":"chat","tokens":57}
//
// The output is always valid UTF-8: bytes that are not become U+FFFD, one for each
// maximal part of a broken sequence, as browsers do it. Numbers that JSON cannot say
// are the strings "NaN", "Infinity" and "-Infinity", as in OTLP/JSON.
//
// Ownership      The string must outlive the JsonWriter.
// Thread safety  One thread at a time.
// Failure        None. Balanced Begin and End, and a Key before each member's value,
//                are the caller's part; nothing checks them.
// Cost           Text without quotes, backslashes and control characters is copied
//                in whole runs, found eight bytes at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace telltale {

void AppendJsonString(std::string_view text, std::string& out);  // with the quotes
void AppendJsonInt(int64_t number, std::string& out);
void AppendJsonUint(uint64_t number, std::string& out);
void AppendJsonDouble(double number, std::string& out);  // shortest text that reads back as the same number

class JsonWriter;

// Takes the place of texts that are too long to be written (JsonWriter::Divert).
class LongTexts {
 public:
  virtual ~LongTexts() = default;
  // Writes exactly one value instead. `is_json`: the text is a JSON value, not a string's.
  virtual void Write(std::string_view text, bool is_json, JsonWriter& json) = 0;
};

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(&out) {}

  JsonWriter& BeginObject() { return Begin('{'); }
  JsonWriter& EndObject() { return End('}'); }
  JsonWriter& BeginArray() { return Begin('['); }
  JsonWriter& EndArray() { return End(']'); }

  JsonWriter& Key(std::string_view key);

  JsonWriter& String(std::string_view text);
  JsonWriter& Int(int64_t number);
  JsonWriter& Uint(uint64_t number);
  JsonWriter& Double(double number);
  JsonWriter& Bool(bool value) { return Raw(value ? "true" : "false"); }
  JsonWriter& Null() { return Raw("null"); }
  // One complete JSON value, written as it is.
  JsonWriter& Raw(std::string_view json);

  // 64-bit numbers as decimal strings: beyond 2^53 a browser would round them.
  JsonWriter& IntString(int64_t number);
  JsonWriter& UintString(uint64_t number);

  // From here on strings and raw values of more bytes go to `texts`; null: to nobody.
  JsonWriter& Divert(LongTexts* texts, size_t bytes_max);

 private:
  JsonWriter& WriteLong(std::string_view text, bool is_json);

  void Separate() {
    if (comma_due_) out_->push_back(',');
    comma_due_ = true;
  }
  JsonWriter& Begin(char bracket) {
    Separate();
    out_->push_back(bracket);
    comma_due_ = false;
    return *this;
  }
  JsonWriter& End(char bracket) {
    out_->push_back(bracket);
    comma_due_ = true;
    return *this;
  }

  std::string* out_;
  LongTexts* long_texts_ = nullptr;
  size_t text_bytes_max_ = SIZE_MAX;
  // True right after a complete value: what follows on the same level is the next one.
  bool comma_due_ = false;
};

}  // namespace telltale
