// The bounded buffer between the thread that makes a streamed response and the
// connection that sends it.
//
// Thread safety  Write, closed and Finish belong to the producing thread, Take,
//                finished and Close to the connection's; `wake` runs on the
//                producing thread and must only nudge the connection.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "base/mutex.h"
#include "net/http.h"

namespace telltale {

class StreamPipe final : public HttpStream {
 public:
  // A slow client holds this much of a response in memory, and no more than one
  // further Write of the producer.
  static constexpr size_t kBufferBytesMax = 256u << 10;

  // `chunked`: wrap each piece in the chunked transfer coding.
  StreamPipe(bool chunked, std::function<void()> wake) : chunked_(chunked), wake_(std::move(wake)) {}

  bool Write(std::string bytes) override;
  bool closed() const override { return closed_.load(std::memory_order_relaxed); }
  void BreakOff() override { broken_off_.store(true, std::memory_order_relaxed); }
  bool broken_off() const { return broken_off_.load(std::memory_order_relaxed); }
  // After this the producing thread touches nothing of the connection.
  void Finish();

  // Everything written since the last Take, framed.
  std::string Take();
  bool finished();
  // The client has gone: Write returns false from here on, a blocked one at once.
  void Close();

 private:
  const bool chunked_;
  const std::function<void()> wake_;
  std::atomic<bool> closed_ = false;
  std::atomic<bool> broken_off_ = false;

  Mutex mu_;
  CondVar drained_;
  std::string buffer_ TELLTALE_GUARDED_BY(mu_);
  bool finished_ TELLTALE_GUARDED_BY(mu_) = false;
};

}  // namespace telltale
