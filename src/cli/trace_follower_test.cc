#include "cli/trace_follower.h"

#include <gtest/gtest.h>

#include <string>

namespace telltale {
namespace {

ListedTrace Trace(const char* id, uint64_t start, bool root_missing = false) {
  return {.trace_id = id, .root_missing = root_missing, .start_unix_nano = start};
}

std::string Ids(const std::vector<ListedTrace>& traces) {
  std::string ids;
  for (const ListedTrace& trace : traces) ids += trace.trace_id + " ";
  return ids;
}

TEST(TraceFollower, ShowsEachNewTraceOnceOldestFirst) {
  TraceFollower follower;
  follower.Ignore({Trace("before", 1)});
  EXPECT_EQ(follower.Offer({Trace("c", 30), Trace("b", 20), Trace("before", 1)}, 0), 2u);
  EXPECT_EQ(Ids(follower.Take(0)), "b c ");
  EXPECT_EQ(follower.Offer({Trace("c", 30), Trace("b", 20)}, 1000), 0u);
  EXPECT_EQ(Ids(follower.Take(1000)), "");
}

TEST(TraceFollower, ShowsATraceThatStartedLongAgoAndArrivesNow) {
  TraceFollower follower;
  follower.Offer({Trace("new", 100)}, 0);
  follower.Take(0);
  follower.Offer({Trace("new", 100), Trace("late", 5)}, 1000);
  EXPECT_EQ(Ids(follower.Take(1000)), "late ");
}

TEST(TraceFollower, WaitsForTheRootButNotForEver) {
  TraceFollower follower;
  follower.Offer({Trace("comes", 1, true), Trace("never", 2, true)}, 0);
  EXPECT_EQ(Ids(follower.Take(0)), "");
  follower.Offer({Trace("comes", 1, false), Trace("never", 2, true)}, 4000);
  EXPECT_EQ(Ids(follower.Take(4000)), "comes ");
  EXPECT_EQ(Ids(follower.Take(TraceFollower::kRootWaitMs - 1)), "");
  EXPECT_EQ(Ids(follower.Take(TraceFollower::kRootWaitMs)), "never ");
}

}  // namespace
}  // namespace telltale
