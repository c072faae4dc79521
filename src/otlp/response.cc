#include "otlp/response.h"

#include "json/writer.h"
#include "otlp/wire_writer.h"

namespace telltale {
namespace {

constexpr std::string_view kRetryInfoType = "type.googleapis.com/google.rpc.RetryInfo";

std::string EncodeDuration(int delay_ms) {
  std::string duration;
  if (delay_ms >= 1000) AppendWireVarint(1, static_cast<uint64_t>(delay_ms / 1000), duration);
  if (delay_ms % 1000 != 0) AppendWireVarint(2, static_cast<uint64_t>(delay_ms % 1000) * 1'000'000, duration);
  return duration;
}

// JSON spells a Duration as seconds with 0, 3, 6 or 9 decimals.
std::string DurationText(int delay_ms) {
  std::string text = std::to_string(delay_ms / 1000);
  if (delay_ms % 1000 != 0) text += '.' + std::to_string(1000 + delay_ms % 1000).substr(1);
  return text + 's';
}

}  // namespace

std::string EncodeExportResponseProtobuf(const RefusedItems& refused) {
  std::string response;
  if (refused.count == 0) return response;
  std::string partial_success;
  AppendWireVarint(1, refused.count, partial_success);
  AppendWireBytes(2, refused.reason, partial_success);
  AppendWireBytes(1, partial_success, response);
  return response;
}

std::string EncodeExportResponseJson(Signal signal, const RefusedItems& refused) {
  std::string response;
  JsonWriter json(response);
  json.BeginObject();
  if (refused.count > 0) {
    json.Key("partialSuccess").BeginObject();
    json.Key(NamesOf(signal).json_rejected).UintString(refused.count);
    json.Key("errorMessage").String(refused.reason);
    json.EndObject();
  }
  json.EndObject();
  return response;
}

std::string EncodeStatusProtobuf(int grpc_code, std::string_view message, std::optional<int> retry_delay_ms) {
  std::string status;
  AppendWireVarint(1, static_cast<uint64_t>(grpc_code), status);
  AppendWireBytes(2, message, status);
  if (retry_delay_ms) {
    std::string retry_info;
    AppendWireBytes(1, EncodeDuration(*retry_delay_ms), retry_info);
    std::string any;
    AppendWireBytes(1, kRetryInfoType, any);
    AppendWireBytes(2, retry_info, any);
    AppendWireBytes(3, any, status);
  }
  return status;
}

std::string EncodeStatusJson(int grpc_code, std::string_view message, std::optional<int> retry_delay_ms) {
  std::string status;
  JsonWriter json(status);
  json.BeginObject();
  json.Key("code").Int(grpc_code);
  json.Key("message").String(message);
  if (retry_delay_ms) {
    json.Key("details").BeginArray().BeginObject();
    json.Key("@type").String(kRetryInfoType);
    json.Key("retryDelay").String(DurationText(*retry_delay_ms));
    json.EndObject().EndArray();
  }
  json.EndObject();
  return status;
}

}  // namespace telltale
