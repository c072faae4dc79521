// Real clients' requests, where the machine has them: all of their spans are kept, and
// protobuf's own parser reads the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "otlp/testing/dump.h"
#include "otlp/testing/reference.h"
#include "otlp/trace_decoder.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kReference = "../shared/reference";

std::vector<fs::path> FilesEndingWith(std::string_view folder, std::string_view ending) {
  std::vector<fs::path> files;
  const fs::path root = fs::path(kReference) / folder;
  if (!fs::exists(root)) return files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file() && entry.path().string().ends_with(ending)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string Read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Captures, OfProtobufAreKeptWholeAndReadAsProtobufReadsThem) {
  const std::vector<fs::path> files = FilesEndingWith("captures", ".traces.pb");
  if (files.empty()) GTEST_SKIP() << "no captures beside the project";
  for (const fs::path& path : files) {
    const std::string wire = Read(path);
    Batch batch;
    const Result<RefusedItems> refused = DecodeTracesProtobufUntrusted(wire, batch);
    ASSERT_TRUE(refused) << path << ": " << refused.error().message;
    EXPECT_EQ(refused->count, 0u) << path << ": " << refused->reason;
    EXPECT_FALSE(batch.empty()) << path;
    const auto reference = testing::ReferenceDecode(wire);
    ASSERT_TRUE(reference) << path;
    EXPECT_EQ(testing::DumpBatch(batch), testing::DumpBatch(reference->batch)) << path;
  }
}

TEST(Captures, OfProtobufGiveTheSameBatchAfterProtobufsOwnJson) {
  const std::vector<fs::path> files = FilesEndingWith("captures", ".traces.pb");
  if (files.empty()) GTEST_SKIP() << "no captures beside the project";
  for (const fs::path& path : files) {
    const std::string wire = Read(path);
    const std::optional<std::string> json = testing::ReferenceJsonFromWire(wire);
    ASSERT_TRUE(json) << path;
    Batch from_wire;
    Batch from_json;
    ASSERT_TRUE(DecodeTracesProtobufUntrusted(wire, from_wire)) << path;
    ASSERT_TRUE(DecodeTracesJsonUntrusted(*json, from_json)) << path;
    EXPECT_EQ(testing::DumpBatch(from_json), testing::DumpBatch(from_wire)) << path;
  }
}

TEST(Captures, OfJsonAreKeptWholeAndReadAsProtobufReadsThem) {
  const std::vector<fs::path> files = FilesEndingWith("captures", ".traces.json");
  if (files.empty()) GTEST_SKIP() << "no captures beside the project";
  for (const fs::path& path : files) {
    const std::string json = Read(path);
    Batch batch;
    const Result<RefusedItems> refused = DecodeTracesJsonUntrusted(json, batch);
    ASSERT_TRUE(refused) << path << ": " << refused.error().message;
    EXPECT_EQ(refused->count, 0u) << path << ": " << refused->reason;
    EXPECT_FALSE(batch.empty()) << path;
    const std::optional<std::string> wire = testing::ReferenceWireFromJson(json);
    ASSERT_TRUE(wire) << path;
    const auto reference = testing::ReferenceDecode(*wire);
    ASSERT_TRUE(reference) << path;
    EXPECT_EQ(testing::DumpBatch(batch), testing::DumpBatch(reference->batch)) << path;
  }
}

// Samples from other projects' tests; some are other signals or deliberately wrong.
TEST(Samples, AreReadOrRefusedAndTracesOfTheSpecificationAreKeptWhole) {
  const std::vector<fs::path> files = FilesEndingWith("otlp-samples", ".json");
  if (files.empty()) GTEST_SKIP() << "no samples beside the project";
  for (const fs::path& path : files) {
    Batch batch;
    const Result<RefusedItems> refused = DecodeTracesJsonUntrusted(Read(path), batch);
    if (!path.string().ends_with("opentelemetry-proto-examples/trace.json")) continue;
    ASSERT_TRUE(refused) << path << ": " << refused.error().message;
    EXPECT_EQ(refused->count, 0u) << refused->reason;
    EXPECT_EQ(batch.spans.size(), 1u);
  }
}

}  // namespace
}  // namespace telltale
