#include "api/tempo_streams.h"

#include <fcntl.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_posix.h>

#include <chrono>
#include <optional>
#include <utility>

#include "otlp/wire_reader.h"

namespace telltale {
namespace {

constexpr size_t kRequestBytesMax = 128u << 10;
// Clients of gRPC take 4 MiB unless they are told otherwise.
constexpr size_t kMessageBytes = 1u << 20;
constexpr size_t kMemoryBytes = 32u << 20;
constexpr int kMetadataBytesMax = 64 << 10;
constexpr std::string_view kService = "/tempopb.StreamingQuerier/";

std::optional<TempoCall> CallOf(std::string_view method) {
  if (!method.starts_with(kService)) return std::nullopt;
  method.remove_prefix(kService.size());
  if (method == "Search") return TempoCall::kSearch;
  if (method == "MetricsQueryRange") return TempoCall::kQueryRange;
  if (method == "MetricsQueryInstant") return TempoCall::kQueryInstant;
  return std::nullopt;
}

grpc::StatusCode CodeOf(int http_status) {
  switch (http_status) {
    case 400:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case 404:
      return grpc::StatusCode::NOT_FOUND;
    case 422:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case 503:
      return grpc::StatusCode::UNAVAILABLE;
    default:
      return grpc::StatusCode::INTERNAL;
  }
}

// One call: read the request, ask, send the answer in pieces. Deletes itself when gRPC is done
// with it, which is never before Finish.
class StreamCall final : public grpc::ServerGenericBidiReactor {
 public:
  StreamCall(TempoCall call, HttpHandler& tempo) : call_(call), tempo_(tempo) { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    grpc::Slice slice;
    if (!ok || !request_.DumpToSingleSlice(&slice).ok()) {
      return Finish({grpc::StatusCode::INVALID_ARGUMENT, "the call ended without a request"});
    }
    auto request = TempoRequestUntrusted(
        call_, std::string_view(reinterpret_cast<const char*>(slice.begin()), slice.size()));
    if (!request) return Finish({grpc::StatusCode::INVALID_ARGUMENT, request.error().message});
    tempo_.Handle(*std::move(request), [this](HttpResponse response) { Answer(std::move(response)); });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish({grpc::StatusCode::CANCELLED, "the client has gone"});
    WriteNext();
  }

  void OnDone() override { delete this; }

 private:
  void Answer(HttpResponse response) {
    if (response.status != 200) return Finish({CodeOf(response.status), response.body});
    messages_ = SplitMessage(response.body, kMessageBytes);
    WriteNext();
  }

  void WriteNext() {
    if (next_ == messages_.size()) return Finish(grpc::Status::OK);
    const grpc::Slice slice(std::exchange(messages_[next_++], {}));
    written_ = grpc::ByteBuffer(&slice, 1);
    StartWrite(&written_);
  }

  const TempoCall call_;
  HttpHandler& tempo_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer written_;
  std::vector<std::string> messages_;
  size_t next_ = 0;
};

class RefusedCall final : public grpc::ServerGenericBidiReactor {
 public:
  explicit RefusedCall(const std::string& method) {
    Finish({grpc::StatusCode::UNIMPLEMENTED,
            "no such method: " + method +
                ": telltale streams Search, MetricsQueryRange and MetricsQueryInstant of "
                "tempopb.StreamingQuerier"});
  }
  void OnDone() override { delete this; }
};

class StreamService final : public grpc::CallbackGenericService {
 public:
  explicit StreamService(HttpHandler& tempo) : tempo_(tempo) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    if (const auto call = CallOf(context->method())) return new StreamCall(*call, tempo_);
    return new RefusedCall(context->method());
  }

 private:
  HttpHandler& tempo_;
};

class GrpcStreams final : public TempoStreams {
 public:
  explicit GrpcStreams(HttpHandler& tempo) : service_(tempo) {}
  ~GrpcStreams() override { Stop(0); }

  Status Begin() {
    grpc::ServerBuilder builder;
    builder.RegisterCallbackGenericService(&service_);
    builder.SetMaxReceiveMessageSize(static_cast<int>(kRequestBytesMax));
    builder.SetResourceQuota(grpc::ResourceQuota("tempo").Resize(kMemoryBytes));
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) return Fail(ErrorCode::kInternal, "start gRPC for Tempo's API: it has no server");
    return {};
  }

  void Take(int fd) override {
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    grpc::AddInsecureChannelFromFd(server_.get(), fd);
  }

  void Stop(int grace_ms) override {
    if (server_ == nullptr) return;
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(grace_ms));
    server_->Wait();
    server_.reset();
  }

 private:
  StreamService service_;
  std::unique_ptr<grpc::Server> server_;
};

// --- requests ------------------------------------------------------------------------------------

class QueryBuilder {
 public:
  void Add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (!text_.empty()) text_ += '&';
    text_.append(name).append("=").append(PercentEncode(value));
  }
  void Add(std::string_view name, uint64_t number) {
    if (number > 0) Add(name, std::to_string(number));
  }
  void AddMillis(std::string_view name, uint64_t millis) {
    if (millis > 0) Add(name, std::to_string(millis) + "ms");
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

// An entry of map<string, string>, as logfmt.
bool AddTag(std::string_view entry, std::string& tags) {
  std::string_view key;
  std::string_view value;
  WireReader in(entry);
  while (!in.AtEnd()) {
    uint32_t tag = 0;
    if (!in.ReadTag(tag)) return false;
    if (tag == WireTag(1, WireType::kBytes)) {
      if (!in.ReadBytes(key)) return false;
    } else if (tag == WireTag(2, WireType::kBytes)) {
      if (!in.ReadBytes(value)) return false;
    } else if (!in.Skip(tag)) {
      return false;
    }
  }
  if (!tags.empty()) tags += ' ';
  tags.append(key).append("=\"");
  for (const char byte : value) {
    if (byte == '"' || byte == '\\') tags += '\\';
    tags += byte;
  }
  tags += '"';
  return true;
}

bool ReadSearch(std::string_view message, QueryBuilder& query) {
  std::string tags;
  WireReader in(message);
  while (!in.AtEnd()) {
    uint32_t tag = 0;
    uint64_t number = 0;
    std::string_view text;
    if (!in.ReadTag(tag)) return false;
    switch (tag) {
      case WireTag(1, WireType::kBytes):
        if (!in.ReadBytes(text) || !AddTag(text, tags)) return false;
        break;
      case WireTag(8, WireType::kBytes):
        if (!in.ReadBytes(text)) return false;
        query.Add("q", text);
        break;
      case WireTag(2, WireType::kVarint):
      case WireTag(3, WireType::kVarint):
      case WireTag(4, WireType::kVarint):
      case WireTag(5, WireType::kVarint):
      case WireTag(6, WireType::kVarint):
      case WireTag(9, WireType::kVarint): {
        if (!in.ReadVarint(number)) return false;
        const uint32_t field = tag >> 3;
        if (field == 2) query.AddMillis("minDuration", number);
        if (field == 3) query.AddMillis("maxDuration", number);
        if (field == 4) query.Add("limit", number);
        if (field == 5) query.Add("start", number);
        if (field == 6) query.Add("end", number);
        if (field == 9) query.Add("spss", number);
        break;
      }
      default:
        if (!in.Skip(tag)) return false;
    }
  }
  query.Add("tags", tags);
  return true;
}

// Times are nanoseconds, which the parameters tell from seconds by their digits; a step is too.
bool ReadMetric(std::string_view message, QueryBuilder& query) {
  WireReader in(message);
  while (!in.AtEnd()) {
    uint32_t tag = 0;
    uint64_t number = 0;
    std::string_view text;
    if (!in.ReadTag(tag)) return false;
    switch (tag) {
      case WireTag(1, WireType::kBytes):
        if (!in.ReadBytes(text)) return false;
        query.Add("q", text);
        break;
      case WireTag(2, WireType::kVarint):
      case WireTag(3, WireType::kVarint):
      case WireTag(4, WireType::kVarint): {
        if (!in.ReadVarint(number)) return false;
        const uint32_t field = tag >> 3;
        if (field == 2) query.Add("start", number);
        if (field == 3) query.Add("end", number);
        if (field == 4 && number > 0) query.Add("step", std::to_string(number) + "ns");
        break;
      }
      default:
        if (!in.Skip(tag)) return false;
    }
  }
  return true;
}

std::string_view PathOf(TempoCall call) {
  switch (call) {
    case TempoCall::kSearch:
      return "/api/search";
    case TempoCall::kQueryRange:
      return "/api/metrics/query_range";
    case TempoCall::kQueryInstant:
      return "/api/metrics/query";
  }
  return {};
}

}  // namespace

Result<HttpRequest> TempoRequestUntrusted(TempoCall call, std::string_view message) {
  QueryBuilder query;
  if (!(call == TempoCall::kSearch ? ReadSearch(message, query) : ReadMetric(message, query))) {
    return Fail(ErrorCode::kInvalidInput, "read a request: " + std::to_string(message.size()) +
                                              " bytes: not the message of its method");
  }
  HttpRequest request;
  request.method = "GET";
  request.path = PathOf(call);
  request.query = query.Take();
  request.headers.Add("Accept", "application/protobuf");
  return request;
}

std::vector<std::string> SplitMessage(std::string_view message, size_t bytes_max) {
  std::vector<std::string> parts(1);
  WireReader in(message);
  while (!in.AtEnd()) {
    const char* const begin = in.at();
    uint32_t tag = 0;
    if (!in.ReadTag(tag) || !in.Skip(tag)) break;
    const std::string_view field(begin, static_cast<size_t>(in.at() - begin));
    if (!parts.back().empty() && parts.back().size() + field.size() > bytes_max) parts.emplace_back();
    parts.back() += field;
  }
  return parts;
}

Result<std::unique_ptr<TempoStreams>> TempoStreams::Start(HttpHandler& tempo) {
  auto streams = std::make_unique<GrpcStreams>(tempo);
  TELLTALE_RETURN_IF_ERROR(streams->Begin());
  return streams;
}

}  // namespace telltale
