#include "ingest/receivers/otlp_grpc.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/counters.h"
#include "otlp/response.h"
#include "otlp/trace_decoder.h"

namespace telltale {
namespace {

constexpr std::string_view kExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr int kRetryDelayMs = 1000;

grpc::Status PushBack(const std::string& message) {
  return {
      grpc::StatusCode::RESOURCE_EXHAUSTED, message,
      EncodeStatusProtobuf(static_cast<int>(grpc::StatusCode::RESOURCE_EXHAUSTED), message, kRetryDelayMs)};
}

// One call: read the request's bytes, decode, hand over, answer. Deletes itself when
// gRPC is done with it.
class ExportCall final : public grpc::ServerGenericBidiReactor {
 public:
  explicit ExportCall(SpanSink& sink) : sink_(sink) { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish({grpc::StatusCode::INVALID_ARGUMENT, "the call ended without a request"});
      return;
    }
    auto slice = std::make_shared<grpc::Slice>();
    if (!request_.TrySingleSlice(slice.get()).ok() && !request_.DumpToSingleSlice(slice.get()).ok()) {
      Finish({grpc::StatusCode::INVALID_ARGUMENT, "the request's bytes cannot be read"});
      return;
    }
    request_.Clear();
    const std::string_view bytes(reinterpret_cast<const char*>(slice->begin()), slice->size());
    Batch batch;
    batch.Retain(slice);
    auto refused = DecodeTracesProtobufUntrusted(bytes, batch);
    if (!refused) {
      Count(Counter::kRequestsRefusedMalformed);
      Finish({grpc::StatusCode::INVALID_ARGUMENT, refused.error().message});
      return;
    }
    sink_.Submit(std::move(batch), [this, refused = std::move(*refused)](Status durable) {
      if (!durable) {
        Finish(PushBack(durable.error().message));
        return;
      }
      const std::string body = EncodeTraceResponseProtobuf(refused);
      const grpc::Slice answer(body);
      response_ = grpc::ByteBuffer(&answer, 1);
      StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
    });
  }

  void OnDone() override { delete this; }

 private:
  SpanSink& sink_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

class RefusedCall final : public grpc::ServerGenericBidiReactor {
 public:
  explicit RefusedCall(const std::string& method) {
    Finish({grpc::StatusCode::UNIMPLEMENTED,
            "no such method: " + method + ": telltale takes TraceService/Export"});
  }
  void OnDone() override { delete this; }
};

class ExportService final : public grpc::CallbackGenericService {
 public:
  explicit ExportService(SpanSink& sink) : sink_(sink) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    if (context->method() == kExport) return new ExportCall(sink_);
    return new RefusedCall(context->method());
  }

 private:
  SpanSink& sink_;
};

class Receiver final : public OtlpGrpcReceiver {
 public:
  explicit Receiver(SpanSink& sink) : service_(sink) {}
  ~Receiver() override { Stop(1000); }

  Status Start(const OtlpGrpcOptions& options) {
    grpc::ServerBuilder builder;
    const std::string target = options.address + ":" + std::to_string(options.port);
    builder.AddListeningPort(target, grpc::InsecureServerCredentials(), &port_);
    builder.RegisterCallbackGenericService(&service_);
    builder.SetMaxReceiveMessageSize(static_cast<int>(options.message_bytes_max));
    builder.SetResourceQuota(grpc::ResourceQuota("otlp").Resize(options.memory_bytes_max));
    // A second telltale on the same port must fail, not share its requests.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      return Fail(ErrorCode::kUnavailable,
                  "listen for OTLP/gRPC: " + target + ": the address is taken or not ours",
                  "stop what uses it, or choose another with --otlp-grpc");
    }
    return {};
  }

  uint16_t port() const override { return static_cast<uint16_t>(port_); }

  void Stop(int grace_ms) override {
    if (server_ == nullptr) return;
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(grace_ms));
    server_->Wait();
    server_.reset();
  }

 private:
  ExportService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

Result<std::unique_ptr<OtlpGrpcReceiver>> OtlpGrpcReceiver::Listen(const OtlpGrpcOptions& options,
                                                                   SpanSink& sink) {
  auto receiver = std::make_unique<Receiver>(sink);
  TELLTALE_RETURN_IF_ERROR(receiver->Start(options));
  return receiver;
}

}  // namespace telltale
