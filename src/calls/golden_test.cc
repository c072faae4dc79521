// Every trap that the dialects lay, as text: tests/golden/calls/*.golden holds a span's
// attributes and events and the call that they are. TELLTALE_UPDATE_GOLDEN=1 writes what
// is there now, for a person to read before it is committed.
//
//   # why this case is here
//   --- span NAME scope=SCOPE status=2 seconds=1.5
//   gen_ai.request.max_tokens = 300
//   --- event NAME
//   content = "..."
//   --- log NAME
//   body = "..."
//   --- call
//   {...}
#include <gtest/gtest.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "calls/call_json.h"
#include "calls/log_records.h"
#include "calls/mapper.h"
#include "json/tree.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kFolder = "tests/golden/calls";

std::vector<fs::path> GoldenFiles() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".golden") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

// JSON's own values; an array or object is an AnyValue object as the batch keeps it.
Value ValueOf(std::string_view json, Arena& arena) {
  Value value;
  JsonTree tree;
  if (!tree.ParseUntrusted(json)) return Value::String(arena.Copy(json));
  const JsonValue root = tree.root();
  if (root.is_string()) return Value::String(arena.Copy(root.Text(arena)));
  if (const auto boolean = root.Bool()) {
    value.type = ValueType::kBool;
    value.boolean = *boolean;
  } else if (root.is_object()) {
    value.type = root["arrayValue"] ? ValueType::kArray : ValueType::kMap;
    value.text = arena.Copy(json);
  } else if (json.find_first_of(".eN") != std::string_view::npos) {
    value.type = ValueType::kDouble;
    value.real = root.Number().value_or(std::numeric_limits<double>::quiet_NaN());
  } else {
    value.type = ValueType::kInt;
    value.integer = static_cast<int64_t>(root.Number().value_or(0));
  }
  return value;
}

std::string WordAfter(const std::string& line, const std::string& key) {
  const size_t at = line.find(key);
  if (at == std::string::npos) return {};
  const size_t begin = at + key.size();
  return line.substr(begin, line.find(' ', begin) - begin);
}

// Adds the lines before "--- call" to `batch`; gives the file up to and with that line.
std::string ReadCase(std::istream& file, Batch& batch) {
  std::string head, line;
  Run* run = nullptr;
  batch.spans.emplace_back();
  batch.scopes.emplace_back();
  while (std::getline(file, line)) {
    head += line + "\n";
    if (line == "--- call") break;
    if (line.starts_with("--- span")) {
      Span& span = batch.spans[0];
      span.trace_id.bytes[0] = span.span_id.bytes[0] = 1;
      span.name = batch.arena.Copy(line.substr(9, line.find(" scope=") - 9));
      batch.scopes[0].name = batch.arena.Copy(WordAfter(line, "scope="));
      span.status_code = WordAfter(line, "status=") == "2" ? 2 : 0;
      span.start_unix_nano = 1'700'000'000'000'000'000;
      const std::string seconds = WordAfter(line, "seconds=");
      span.end_unix_nano =
          span.start_unix_nano + static_cast<uint64_t>((seconds.empty() ? 1.0 : std::stod(seconds)) * 1e9);
      run = &span.attributes;
    } else if (line.starts_with("--- event ")) {
      batch.events.push_back({.time_unix_nano = batch.spans[0].start_unix_nano + 250'000'000,
                              .name = batch.arena.Copy(line.substr(10)),
                              .attributes = {static_cast<uint32_t>(batch.attributes.size()), 0}});
      ++batch.spans[0].events.count;
      run = &batch.events.back().attributes;
    } else if (line.starts_with("--- log ")) {
      batch.logs.push_back({.time_unix_nano = batch.spans[0].start_unix_nano + 1 + batch.logs.size(),
                            .trace_id = batch.spans[0].trace_id,
                            .span_id = batch.spans[0].span_id,
                            .event_name = batch.arena.Copy(line.substr(8)),
                            .attributes = {static_cast<uint32_t>(batch.attributes.size()), 0}});
      run = &batch.logs.back().attributes;
    } else if (line.starts_with("body = ") && !batch.logs.empty()) {
      batch.logs.back().body = ValueOf(line.substr(7), batch.arena);
    } else if (const size_t equals = line.find(" = "); run != nullptr && equals != std::string::npos) {
      batch.attributes.push_back(
          {batch.arena.Copy(line.substr(0, equals)), ValueOf(line.substr(equals + 3), batch.arena)});
      ++run->count;
    }
  }
  return head;
}

// One member a line, so that a difference is one line.
std::string Lines(std::string_view json) {
  JsonTree tree;
  if (!tree.ParseUntrusted(json)) return std::string(json) + "\n";
  std::string text;
  const auto members = tree.root().members();
  for (auto at = members.begin(); at != members.end(); ++at)
    text += std::string(at.key()) + " = " + std::string((*at).json()) + "\n";
  return text;
}

class Golden : public ::testing::TestWithParam<fs::path> {};

TEST_P(Golden, IsTheCallThatTheFileShows) {
  std::ifstream file(GetParam());
  Batch batch;
  const std::string head = ReadCase(file, batch);
  const std::string expected{std::istreambuf_iterator<char>(file), {}};

  CallMapper mapper;
  Call call;
  std::string shown = "no call\n";
  LogRecords logs;
  logs.AddFrom(batch, 0);
  logs.Sort(batch);
  if (mapper.Map(batch, batch.spans[0], logs.Of(batch.spans[0]), call, nullptr)) {
    std::string json;
    JsonWriter writer(json);
    WriteCallJson(call, writer);
    shown = Lines(json);
  }
  if (std::getenv("TELLTALE_UPDATE_GOLDEN") != nullptr) std::ofstream(GetParam()) << head << shown;
  EXPECT_EQ(shown, expected) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Calls, Golden, ::testing::ValuesIn(GoldenFiles()),
                         [](const auto& named) { return named.param.stem().string(); });

}  // namespace
}  // namespace telltale
