#include "ledger/call_row.h"

#include <gtest/gtest.h>

#include <vector>

#include "block/fixed_column.h"
#include "block/join.h"
#include "ledger/call_encoder.h"

namespace telltale {
namespace {

TEST(CallRowTest, RevisionAndArrivalAreNoDifference) {
  CallRow a;
  CallRow b;
  b.revision = 3;
  b.received_unix_ms = 9;
  EXPECT_TRUE(SaysTheSame(a, b));
  b.cost = 5;
  EXPECT_FALSE(SaysTheSame(a, b));
}

TEST(CallEncoderTest, WritesABlockThatCanBeJoinedAndWhoseIdsAreFound) {
  std::vector<CallRow> rows(2);
  rows[0].trace_id.bytes[0] = 1;
  rows[1].trace_id.bytes[0] = 2;
  rows[1].provider = "openai";
  rows[1].response_id = "answer";
  CallEncoder encoder;
  const Block first = encoder.Encode(rows);
  const Block second = encoder.Encode(rows);
  EXPECT_EQ(first.kind, BlockKind::kCalls);
  EXPECT_EQ(first.rows, 2u);
  const std::vector<std::string_view> both = {first.bytes, second.bytes};
  const auto joined = JoinBlocks(both);
  ASSERT_TRUE(joined) << joined.error().message;
  const std::string bytes = joined->Copy();
  const FixedColumns columns(bytes);
  EXPECT_EQ(columns.rows(), 4u);
  EXPECT_EQ(columns.Find("trace_id", 16).size(), 64u);
  EXPECT_EQ(columns.Find("trace_id", 16)[48], 2);
  EXPECT_EQ(columns.Find("response_hash", 8).size(), 32u);
}

}  // namespace
}  // namespace telltale
