#include "cli/text.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

TEST(Printable, TakesEscapeSequencesAndHiddenMarksOutOfNames) {
  EXPECT_EQ(Printable("a\x1b[31mb"), "a\ufffd[31mb");
  EXPECT_EQ(Printable("one\ntwo\tthree"), "one two three");
  EXPECT_EQ(Printable("\u202egnp.exe"), "\ufffdgnp.exe");
  EXPECT_EQ(Printable("cut \xf0\x9f\x98"), "cut \ufffd\ufffd\ufffd");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m"),
            "\ufffd31m");
  EXPECT_EQ(Printable("na\u00efve \u65e5\u672c \U0001f600"), "na\u00efve \u65e5\u672c \U0001f600");
}

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("\u251c\u2500 "), 3);
  EXPECT_EQ(DisplayWidth("\u65e5\u672c"), 4);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);
}

TEST(CutToWidth, NeverPassesTheWidthAndCutsOnlyWhatDoesNotFit) {
  EXPECT_EQ(CutToWidth("summarize", 9), "summarize");
  EXPECT_EQ(CutToWidth("summarize", 8), "summari\u2026");
  EXPECT_EQ(CutToWidth("summarize", 1), "\u2026");
  EXPECT_EQ(CutToWidth("summarize", 0), "");
  EXPECT_EQ(CutToWidth("\u65e5\u672c\u8a9e", 5), "\u65e5\u672c\u2026");
  EXPECT_EQ(CutToWidth("\u65e5\u672c\u8a9e", 4), "\u65e5\u2026");
}

TEST(FormatDuration, HasThreeDigitsAndTheNextUnitInTime) {
  EXPECT_EQ(FormatDuration(0), "0 ns");
  EXPECT_EQ(FormatDuration(812), "812 ns");
  EXPECT_EQ(FormatDuration(1'500), "1.50 \u00b5s");
  EXPECT_EQ(FormatDuration(45'000'000), "45.0 ms");
  EXPECT_EQ(FormatDuration(999'499'000), "999 ms");
  EXPECT_EQ(FormatDuration(999'500'000), "1.00 s");
  EXPECT_EQ(FormatDuration(9'996'000'000), "10.0 s");
  EXPECT_EQ(FormatDuration(59'960'000'000), "1m 00s");
  EXPECT_EQ(FormatDuration(125'000'000'000), "2m 05s");
  EXPECT_EQ(FormatDuration(3'720'000'000'000), "1h 02m");
  EXPECT_EQ(FormatDuration(1'043'000'000'000'000), "12d 01h");
}

TEST(ReadDurationFlag, ReadsGoStyleAndDays) {
  EXPECT_EQ(*ReadDurationFlag("since", "1h30m"), 5'400'000'000'000u);
  EXPECT_EQ(*ReadDurationFlag("since", "1.5s"), 1'500'000'000u);
  EXPECT_EQ(*ReadDurationFlag("since", "2us"), 2'000u);
  EXPECT_EQ(*ReadDurationFlag("since", "7d"), 604'800'000'000'000u);
}

TEST(ReadDurationFlag, RefusesWhatIsNoDurationAndNamesTheFlag) {
  for (const char* text : {"", "5", "-1s", "1 h", "h", "1h2", "soon", "1e400s", "999999999d"}) {
    const auto read = ReadDurationFlag("min-duration", text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidInput);
    EXPECT_TRUE(read.error().message.starts_with("read --min-duration: '")) << read.error().message;
  }
}

TEST(FormatUtcTime, KeepsNanoseconds) {
  EXPECT_EQ(FormatUtcTime(1'764'069'276'120'000'007), "2025-11-25T11:14:36.120000007Z");
}

TEST(FormatBytes, UsesBinaryUnits) {
  EXPECT_EQ(FormatBytes(1), "1 byte");
  EXPECT_EQ(FormatBytes(1536), "1.5 KiB");
  EXPECT_EQ(FormatBytes(20ull << 30), "20.0 GiB");
}

}  // namespace
}  // namespace telltale
