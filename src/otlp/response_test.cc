#include "otlp/response.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace telltale {
namespace {

TEST(TraceResponse, IsEmptyWhenEverySpanWasKept) {
  EXPECT_EQ(EncodeExportResponseProtobuf({}), "");
  EXPECT_EQ(EncodeExportResponseJson(Signal::kTraces, {}), "{}");
}

TEST(TraceResponse, TellsHowManySpansWereRefusedAndWhy) {
  const RefusedItems refused = {.count = 300, .reason = "a \"b\""};
  // partial_success { rejected_spans: 300 error_message: "a \"b\"" }
  EXPECT_EQ(ToHex(EncodeExportResponseProtobuf(refused)),
            "0a0a08ac02120561202262"
            "22");
  EXPECT_EQ(EncodeExportResponseJson(Signal::kTraces, refused),
            R"({"partialSuccess":{"rejectedSpans":"300","errorMessage":"a \"b\""}})");
}

TEST(Status, CarriesCodeAndMessage) {
  EXPECT_EQ(ToHex(EncodeStatusProtobuf(kGrpcInvalidArgument, "no")), "080312026e6f");
  EXPECT_EQ(EncodeStatusJson(kGrpcInvalidArgument, "no"), R"({"code":3,"message":"no"})");
}

TEST(Status, CarriesTheRetryDelayAsRetryInfo) {
  const std::string wire = EncodeStatusProtobuf(kGrpcUnavailable, "full", 1500);
  // details { type_url value { retry_delay { seconds: 1 nanos: 500000000 } } }
  const std::string type_url = "type.googleapis.com/google.rpc.RetryInfo";
  EXPECT_EQ(ToHex(wire),
            "080e120466756c6c"
            "1a36"
            "0a28" +
                ToHex(type_url) +
                "120a"
                "0a08"
                "0801"
                "1080cab5ee01");
  EXPECT_EQ(EncodeStatusJson(kGrpcUnavailable, "full", 1500),
            R"({"code":14,"message":"full","details":[)"
            R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.500s"}]})");
}

TEST(Status, SpellsDelaysOfWholeSecondsAndOfMilliseconds) {
  EXPECT_NE(EncodeStatusJson(14, "", 2000).find(R"("2s")"), std::string::npos);
  EXPECT_NE(EncodeStatusJson(14, "", 7).find(R"("0.007s")"), std::string::npos);
  EXPECT_NE(EncodeStatusJson(14, "", 0).find(R"("0s")"), std::string::npos);
}

}  // namespace
}  // namespace telltale
