#include "ingest/receivers/otlp_grpc.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/counters.h"
#include "net/gzip.h"
#include "net/loopback.h"
#include "otlp/decoder.h"
#include "otlp/response.h"

namespace telltale {
namespace {

constexpr int kRetryDelayMs = 1000;
// Between finding a free port and taking it another program may.
constexpr int kFreePortTries = 5;

grpc::Status PushBack(const std::string& message) {
  return {
      grpc::StatusCode::RESOURCE_EXHAUSTED, message,
      EncodeStatusProtobuf(static_cast<int>(grpc::StatusCode::RESOURCE_EXHAUSTED), message, kRetryDelayMs)};
}

// gRPC's metadata before a message; HTTP's headers have the same limit.
constexpr int kMetadataBytesMax = 64 << 10;

// True for what gRPC's two compressions begin with. The API does not tell whether a
// message is compressed; as protobuf these bytes are wire type 7, which does not exist,
// and a field 15, which the request does not have.
bool IsCompressed(std::string_view message) {
  return message.starts_with("\x1f\x8b") || message.starts_with("\x78\x01") ||
         message.starts_with("\x78\x5e") || message.starts_with("\x78\x9c") ||
         message.starts_with("\x78\xda");
}

// The compression of a message that gRPC itself does not know, so nobody unpacked it;
// empty for other bytes.
std::string_view ForeignCompression(std::string_view message) {
  if (message.starts_with("\x28\xb5\x2f\xfd")) return "zstd";
  if (message.size() >= 10 && message.starts_with("\xff\x06") && message.substr(4, 6) == "sNaPpY")
    return "snappy";
  return {};
}

grpc::Status NotOtlp(std::string_view message, const std::string& why) {
  const std::string_view compression = ForeignCompression(message);
  if (compression.empty()) return {grpc::StatusCode::INVALID_ARGUMENT, why};
  return {grpc::StatusCode::UNIMPLEMENTED,
          "the message is compressed with " + std::string(compression) + ": telltale takes gzip and deflate"};
}

// One call: read the request's bytes, decode, hand over, answer. Deletes itself when
// gRPC is done with it.
class ExportCall final : public grpc::ServerGenericBidiReactor {
 public:
  ExportCall(Signal signal, size_t message_bytes_max, SpanSink& sink)
      : signal_(signal), message_bytes_max_(message_bytes_max), sink_(sink) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish({grpc::StatusCode::INVALID_ARGUMENT, "the call ended without a request"});
      return;
    }
    const auto slice = std::make_shared<grpc::Slice>();
    if (!request_.TrySingleSlice(slice.get()).ok() && !request_.DumpToSingleSlice(slice.get()).ok()) {
      Finish({grpc::StatusCode::INVALID_ARGUMENT, "the request's bytes cannot be read"});
      return;
    }
    request_.Clear();
    const std::string_view bytes(reinterpret_cast<const char*>(slice->begin()), slice->size());
    if (!IsCompressed(bytes)) return Take(bytes, slice);
    auto plain = GunzipUntrusted(bytes, message_bytes_max_);
    if (plain) {
      const auto kept = std::make_shared<const std::string>(std::move(*plain));
      return Take(*kept, kept);
    }
    const bool too_large = plain.error().code == ErrorCode::kOverLimit;
    Count(too_large ? Counter::kRequestsRefusedTooLarge : Counter::kRequestsRefusedMalformed);
    Finish({too_large ? grpc::StatusCode::RESOURCE_EXHAUSTED : grpc::StatusCode::INVALID_ARGUMENT,
            plain.error().message});
  }

  void OnDone() override { delete this; }

 private:
  // `owner` keeps `bytes` alive.
  void Take(std::string_view bytes, std::shared_ptr<const void> owner) {
    Batch batch;
    batch.Retain(std::move(owner));
    auto refused = DecodeProtobufUntrusted(signal_, bytes, batch);
    if (!refused) {
      Count(Counter::kRequestsRefusedMalformed);
      Finish(NotOtlp(bytes, refused.error().message));
      return;
    }
    sink_.Submit(std::move(batch), [this, refused = std::move(*refused)](Status durable) {
      if (!durable) {
        Finish(PushBack(durable.error().message));
        return;
      }
      const std::string body = EncodeExportResponseProtobuf(refused);
      const grpc::Slice answer(body);
      response_ = grpc::ByteBuffer(&answer, 1);
      StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
    });
  }

  const Signal signal_;
  const size_t message_bytes_max_;
  SpanSink& sink_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

class RefusedCall final : public grpc::ServerGenericBidiReactor {
 public:
  explicit RefusedCall(const std::string& method) {
    Finish({grpc::StatusCode::UNIMPLEMENTED,
            "no such method: " + method +
                ": telltale takes Export of TraceService, LogsService and MetricsService"});
  }
  void OnDone() override { delete this; }
};

class ExportService final : public grpc::CallbackGenericService {
 public:
  ExportService(size_t message_bytes_max, SpanSink& sink)
      : message_bytes_max_(message_bytes_max), sink_(sink) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    for (const Signal signal : kSignals) {
      if (context->method() == NamesOf(signal).grpc_method)
        return new ExportCall(signal, message_bytes_max_, sink_);
    }
    return new RefusedCall(context->method());
  }

 private:
  const size_t message_bytes_max_;
  SpanSink& sink_;
};

class Receiver final : public OtlpGrpcReceiver {
 public:
  Receiver(size_t message_bytes_max, SpanSink& sink) : service_(message_bytes_max, sink) {}
  ~Receiver() override { Stop(1000); }

  Status Start(const OtlpGrpcOptions& options) {
    const bool both = options.address == "localhost";
    // gRPC cannot give two addresses one port of its own choice, so it is told which.
    for (int i = 0; i < kFreePortTries && server_ == nullptr; ++i) {
      const bool choose = both && options.port == 0;
      Build(options, choose ? FindFreeLoopbackPort() : options.port);
      if (!choose) break;
    }
    if (server_ == nullptr || port_ == 0) {
      return Fail(ErrorCode::kUnavailable,
                  "listen for OTLP/gRPC: " + options.address + ":" + std::to_string(options.port) +
                      ": the address is taken or not ours",
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
  void Build(const OtlpGrpcOptions& options, uint16_t port) {
    const auto add = [&, text = ":" + std::to_string(port)](grpc::ServerBuilder& builder,
                                                            std::string address) {
      if (address.find(':') != std::string::npos) address = "[" + address + "]";
      builder.AddListeningPort(address + text, grpc::InsecureServerCredentials(), &port_);
    };
    grpc::ServerBuilder builder;
    if (options.address != "localhost") {
      add(builder, options.address);
    } else {
      add(builder, "127.0.0.1");
      if (HasIpv6Loopback()) add(builder, "::1");
    }
    builder.RegisterCallbackGenericService(&service_);
    builder.SetMaxReceiveMessageSize(static_cast<int>(options.message_bytes_max));
    builder.SetResourceQuota(grpc::ResourceQuota("otlp").Resize(options.memory_bytes_max));
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
    // gRPC would unpack a message whole before it looks at its size: a few kilobytes
    // could take all memory. ExportCall stops at the limit.
    builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
    // A second telltale on the same port must fail, not share its requests.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    server_ = builder.BuildAndStart();
  }

  ExportService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

Result<std::unique_ptr<OtlpGrpcReceiver>> OtlpGrpcReceiver::Listen(const OtlpGrpcOptions& options,
                                                                   SpanSink& sink) {
  auto receiver = std::make_unique<Receiver>(options.message_bytes_max, sink);
  TELLTALE_RETURN_IF_ERROR(receiver->Start(options));
  return receiver;
}

}  // namespace telltale
