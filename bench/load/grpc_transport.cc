#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <string>

#include "transport.h"

namespace telltale::bench {
namespace {

constexpr const char* kExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr auto kConnectPatience = std::chrono::seconds(10);
constexpr auto kCallPatience = std::chrono::seconds(60);

class GrpcTransport final : public Transport {
 public:
  explicit GrpcTransport(const std::shared_ptr<grpc::Channel>& channel) : stub_(channel) {}

  Answer Send(std::string_view request) override {
    // gRPC reads the bytes where they are: no copy of the request is made.
    const grpc::Slice slice(request.data(), request.size(), grpc::Slice::STATIC_SLICE);
    const grpc::ByteBuffer body(&slice, 1);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCallPatience);
    auto call = stub_.PrepareUnaryCall(&context, kExport, body, &queue_);
    grpc::ByteBuffer response;
    grpc::Status status;
    call->StartCall();
    call->Finish(&response, &status, this);
    void* tag = nullptr;
    bool ok = false;
    if (!queue_.Next(&tag, &ok) || !ok) return {.message = "the completion queue ended"};
    return ToAnswer(status, response);
  }

 private:
  static Answer ToAnswer(const grpc::Status& status, const grpc::ByteBuffer& response) {
    if (status.ok()) {
      grpc::Slice bytes;
      if (!response.DumpToSingleSlice(&bytes).ok()) return {.message = "the answer cannot be read"};
      return {.outcome = Outcome::kAcknowledged,
              .refused_spans = RefusedSpans({reinterpret_cast<const char*>(bytes.begin()), bytes.size()})};
    }
    const bool later = status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED ||
                       status.error_code() == grpc::StatusCode::UNAVAILABLE;
    return {.outcome = later ? Outcome::kTryLater : Outcome::kFailed,
            .message = "gRPC status " + std::to_string(status.error_code()) + ": " + status.error_message()};
  }

  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
};

}  // namespace

Result<std::unique_ptr<Transport>> ConnectGrpc(const std::string& endpoint) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxSendMessageSize(-1);
  // Without its own pool every channel to one address would share one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  auto channel = grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + kConnectPatience)) {
    return Fail(ErrorCode::kUnavailable, "connect: " + endpoint + ": no gRPC server answers");
  }
  return std::make_unique<GrpcTransport>(channel);
}

}  // namespace telltale::bench
