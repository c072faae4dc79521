// /api/v1/traces/{trace_id}/skeleton.
#include <gtest/gtest.h>

#include "api/testing/ask.h"

namespace telltale {
namespace {

struct Step {
  uint8_t id = 0;
  uint8_t parent = 0;
  std::string name = {};
};

Rows StepRows(const std::vector<Step>& steps) {
  Rows rows;
  for (const Step& step : steps) {
    rows.Bytes(IdOf<8>(step.id)).Bytes(IdOf<8>(step.parent));
    rows.Number<int64_t>(1'000 + step.id).Number<int64_t>(10).String("shop").String(step.name);
    rows.Number<uint8_t>(1).Number<uint8_t>(0).Number<uint8_t>(1).Number<uint8_t>(0);
    rows.Number<uint32_t>(0).Number<uint32_t>(0).Number<uint32_t>(0).Number<int64_t>(7);
  }
  return rows;
}

const std::vector<Step> kSteps = {{1, 0, "GET"}, {2, 1, "chat"}, {3, 9, "GET"}};

TEST(RestSkeleton, ColumnsSayTheStructureAndDictionariesTheTexts) {
  AskedFace ask;
  ask.engine.Answer(StepRows(kSteps));
  ask.engine.Answer(Rows()
                        .Bytes(IdOf<8>(2))
                        .Number<uint8_t>(1)
                        .Number<uint8_t>(1)
                        .Number<uint8_t>(0)
                        .String("gpt-4o")
                        .Number<int64_t>(1'000)
                        .Number<int64_t>(-1)
                        .Number<int64_t>(3'500'000'000)
                        .Number<uint8_t>(2));
  const HttpResponse response = ask.Rest("/api/v1/traces/1/skeleton");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(
      response.body,
      R"({"trace_id":"00000000000000000000000000000001","start_unix_nano":"1001","duration_nano":"12",)"
      R"("span_count":3,"error_count":0,"completeness":{"complete":false,"root_missing":false,)"
      R"("missing_parent_count":1,"duplicate_spans":0,"dropped_attributes":0,"dropped_events":0,"dropped_links":0,)"
      R"("truncated":false},"totals":null,"first_span":0,)"
      R"("spans":{"span_id":["0000000000000001","0000000000000002","0000000000000003"],"parent":[-1,0,-2],)"
      R"("depth":[0,1,0],"name":[0,1,0],"service":[0,0,0],"start_offset_nano":[0,1,2],"duration_nano":[10,10,10],)"
      R"("kind":[1,1,1],"status":[0,0,0],"flags":[1,1,1]},"names":["GET","chat"],"services":["shop"],)"
      R"("orphans":{"span":[2],"parent_id":["0000000000000009"]},)"
      R"("calls":{"span":[1],"kind":["llm"],"model":[0],"input_tokens":[1000],"output_tokens":[null],"cost":[0.0035],)"
      R"("cost_status":["computed"],"counts":[true],"failed":[false]},"models":["gpt-4o"],"next":null})");
}

std::string NextOf(const std::string& body) {
  const std::string key = R"("next":")";
  const size_t at = body.find(key) + key.size();
  return body.substr(at, body.find('"', at) - at);
}

TEST(RestSkeleton, APageGoesOnWhereTheOneBeforeEnded) {
  AskedFace ask;
  ask.engine.Answer(StepRows(kSteps));
  const std::string first = ask.Rest("/api/v1/traces/1/skeleton?limit=2").body;
  AskedFace again;
  again.engine.Answer(StepRows(kSteps));
  const std::string second = again.Rest("/api/v1/traces/1/skeleton?limit=2&cursor=" + NextOf(first)).body;
  EXPECT_TRUE(second.contains(R"("first_span":2,"spans":{"span_id":["0000000000000003"])")) << second;
  EXPECT_TRUE(second.ends_with(R"("next":null})")) << second;
}

TEST(RestSkeleton, APageOfATraceThatHasChangedIsRefused) {
  AskedFace ask;
  ask.engine.Answer(StepRows(kSteps));
  const std::string first = ask.Rest("/api/v1/traces/1/skeleton?limit=2").body;
  AskedFace again;
  again.engine.Answer(StepRows({kSteps[0], kSteps[1]}));
  const HttpResponse second = again.Rest("/api/v1/traces/1/skeleton?cursor=" + NextOf(first));
  EXPECT_EQ(second.status, 400);
  EXPECT_TRUE(second.body.contains("other spans now")) << second.body;
}

TEST(RestSkeleton, RefusesWhatItCannotRead) {
  AskedFace ask;
  EXPECT_EQ(ask.Rest("/api/v1/traces/1/skeleton").status, 404);
  EXPECT_EQ(ask.Rest("/api/v1/traces/x/skeleton").status, 400);
  EXPECT_EQ(ask.Rest("/api/v1/traces/1/skeleton?cursor=AAAA").status, 400);
  EXPECT_EQ(ask.Rest("/api/v1/traces/1/skeleton?limit=0").status, 400);
  EXPECT_EQ(ask.Rest("/api/v1/traces/1/other").status, 400);
}

}  // namespace
}  // namespace telltale
