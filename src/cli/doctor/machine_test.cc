#include "cli/doctor/machine.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace telltale {
namespace {

constexpr int64_t kNow = 1'764'069'300;
constexpr uint64_t kGiB = 1ull << 30;

FolderFacts Folder() {
  return {.path = "/d",
          .exists = true,
          .is_folder = true,
          .is_writable = true,
          .free_bytes = 50 * kGiB,
          .total_bytes = 100 * kGiB};
}

TEST(JudgeFolder, IsContentWithAFolderThatCanBeWrittenOrMade) {
  FolderFacts facts = Folder();
  EXPECT_EQ(JudgeFolder(facts, {})[0].level, FindingLevel::kOk);
  EXPECT_EQ(JudgeFolder(facts, {})[1].message, "50.0 GiB of 100.0 GiB free");
  facts.exists = facts.is_folder = false;
  EXPECT_EQ(JudgeFolder(facts, {})[0].level, FindingLevel::kOk);
  EXPECT_EQ(JudgeFolder(facts, {.server_is_up = true, .path_was_given = true})[0].level, FindingLevel::kWarn);
}

TEST(JudgeFolder, FailsWhereNothingCanBeWritten) {
  FolderFacts facts = Folder();
  facts.is_writable = false;
  EXPECT_EQ(JudgeFolder(facts, {})[0].level, FindingLevel::kFail);
  facts = Folder();
  facts.is_folder = false;
  EXPECT_EQ(JudgeFolder(facts, {})[0].level, FindingLevel::kFail);
  facts = Folder();
  facts.free_bytes = kGiB;
  EXPECT_EQ(JudgeFolder(facts, {})[1].level, FindingLevel::kWarn);
  facts.free_bytes = kGiB / 16;
  EXPECT_EQ(JudgeFolder(facts, {})[1].level, FindingLevel::kFail);
  facts = Folder();
  facts.has_no_inodes = true;
  EXPECT_EQ(JudgeFolder(facts, {})[1].level, FindingLevel::kFail);
}

TEST(LookAtFolder, LooksAboveAFolderThatDoesNotExist) {
  const auto base = std::filesystem::path(::testing::TempDir()) / "telltale-doctor-test";
  std::filesystem::create_directories(base);
  const FolderFacts missing = LookAtFolder(base / "a/b/c");
  EXPECT_FALSE(missing.exists);
  EXPECT_TRUE(missing.is_writable);
  EXPECT_GT(missing.total_bytes, 0u);
  std::ofstream(base / "file") << "x";
  EXPECT_FALSE(LookAtFolder(base / "file").is_folder);
  std::filesystem::remove_all(base);
}

TEST(JudgeClock, ComparesWithTheServerAndTheNewestSpan) {
  EXPECT_EQ(JudgeClock({.local_seconds = kNow, .server_seconds = kNow + 1})[0].level, FindingLevel::kOk);
  EXPECT_EQ(JudgeClock({.local_seconds = kNow, .server_seconds = kNow - 10})[0].message,
            "the server's clock is 10.0 s behind this machine's");
  EXPECT_EQ(JudgeClock({.local_seconds = kNow, .server_seconds = kNow + 3600})[0].level, FindingLevel::kFail);
  EXPECT_EQ(JudgeClock({.local_seconds = kNow}).size(), 1u);
  EXPECT_EQ(JudgeClock({.local_seconds = kNow, .newest_span_seconds = kNow + 600}).size(), 2u);
}

TEST(JudgeClock, FailsInAYearThatCannotBe) {
  EXPECT_EQ(JudgeClock({.local_seconds = 0})[0].message, "this machine believes it is 1970-01-01");
  EXPECT_EQ(JudgeClock({.local_seconds = 5'000'000'000})[0].level, FindingLevel::kFail);
}

TEST(ReadHttpDate, ReadsTheFormOfHttpAndNothingElse) {
  EXPECT_EQ(ReadHttpDateUntrusted("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  EXPECT_FALSE(ReadHttpDateUntrusted("1994-11-06"));
  EXPECT_FALSE(ReadHttpDateUntrusted(""));
  EXPECT_FALSE(ReadHttpDateUntrusted("Sun, 06 Nov 1994 08:49:37 GMT, and more"));
}

TEST(JudgeCounters, TellsEachLossWithItsSentence) {
  const std::vector<CounterReading> counters = {{"spans_received", "info", "Fine.", 9},
                                                {"spans_refused", "loss", "Lost.", 3},
                                                {"other", "loss", "No.", 0}};
  const std::vector<Finding> findings = JudgeCounters(counters);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].level, FindingLevel::kWarn);
  EXPECT_EQ(findings[0].message, "spans_refused is 3: Lost.");
  EXPECT_EQ(JudgeCounters({counters[0]})[0].level, FindingLevel::kOk);
}

TEST(JudgeTraces, LooksAtOtherProgramsThanDoctor) {
  const ListedTrace own{.service = std::string(kDoctorService)};
  EXPECT_EQ(JudgeTraces({own})[0].level, FindingLevel::kWarn);
  EXPECT_EQ(JudgeTraces({own, {.service = "app"}})[0].message, "1 recent trace from 1 service, app");
  const std::vector<Finding> findings =
      JudgeTraces({{.service = "app", .root_missing = true}, {.service = "b"}});
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_TRUE(findings[1].message.starts_with("1 of 2 recent traces came without a root"))
      << findings[1].message;
}

TEST(JudgeAttributeKeys, AsksForAModelInAnyOfItsNames) {
  EXPECT_EQ(JudgeAttributeKeys({"a", "model"}).level, FindingLevel::kOk);
  EXPECT_EQ(JudgeAttributeKeys({"a"}).level, FindingLevel::kWarn);
}

}  // namespace
}  // namespace telltale
