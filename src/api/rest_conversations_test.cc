#include <gtest/gtest.h>

#include "api/testing/ask.h"

namespace telltale {
namespace {

TEST(RestConversations, AnEmptyListIsAnAnswerAndAnUnknownIdIsNone) {
  AskedFace ask;
  EXPECT_EQ(ask.Rest("/api/v1/conversations").body, R"({"items":[],"next":null})");
  EXPECT_EQ(ask.Rest("/api/v1/users").body, R"({"items":[],"next":null})");
  const HttpResponse response = ask.Rest("/api/v1/conversations/a%2Fb");
  EXPECT_EQ(response.status, 404);
  EXPECT_TRUE(response.body.contains("find conversation a/b: the store has no call of it")) << response.body;
  EXPECT_EQ(ask.Rest("/api/v1/conversations/").status, 404);
}

TEST(RestConversations, FiltersAreThoseOfCallsAndIdsAreParameters) {
  AskedFace ask;
  (void)ask.Rest("/api/v1/conversations?model=gpt-4o&status=error&start=1&end=2");
  EXPECT_TRUE(ask.engine.asked[0].sql.contains(
      "(request_model = {model:String} OR response_model = {model:String})"));
  EXPECT_TRUE(ask.engine.asked[0].sql.contains(" AND failed"));
  (void)ask.Rest("/api/v1/conversations/it's");
  EXPECT_TRUE(ask.engine.asked[1].sql.contains("conversation IN ({conversation0:String})"));
  EXPECT_EQ(ParametersOf(ask.engine.asked[1]), "conversation0=it's");
}

TEST(RestConversations, RefusesWhatItCannotRead) {
  AskedFace ask;
  EXPECT_EQ(ask.Rest("/api/v1/conversations?limit=201").status, 400);
  EXPECT_EQ(ask.Rest("/api/v1/conversations?sort=cost").status, 400);
  EXPECT_EQ(ask.Rest("/api/v1/conversations?cursor=AAAA").status, 400);
  EXPECT_EQ(ask.Rest("/api/v1/users?sort=name").status, 400);
  EXPECT_EQ(ask.Rest("/api/v1/conversations/x?cursor=AAAA").status, 400);
}

}  // namespace
}  // namespace telltale
