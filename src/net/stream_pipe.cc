#include "net/stream_pipe.h"

#include <charconv>
#include <utility>

namespace telltale {
namespace {

void AppendChunk(std::string_view bytes, std::string& out) {
  char size[2 * sizeof(size_t)];
  const auto end = std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr;
  out.append(size, end);
  out += "\r\n";
  out += bytes;
  out += "\r\n";
}

}  // namespace

bool StreamPipe::Write(std::string bytes) {
  // A chunk of size 0 would end the response.
  if (bytes.empty()) return !closed();
  MutexLock lock(mu_);
  while (buffer_.size() >= kBufferBytesMax && !closed()) drained_.Wait(lock);
  if (closed()) return false;

  const bool was_empty = buffer_.empty();
  if (chunked_) {
    AppendChunk(bytes, buffer_);
  } else {
    buffer_ += bytes;
  }
  if (was_empty) wake_();
  return true;
}

void StreamPipe::Finish() {
  MutexLock lock(mu_);
  if (chunked_ && !broken_off()) buffer_ += "0\r\n\r\n";
  finished_ = true;
  // Under the lock: once the connection sees finished_, wake_ may dangle.
  wake_();
}

std::string StreamPipe::Take() {
  MutexLock lock(mu_);
  drained_.NotifyAll();
  return std::exchange(buffer_, {});
}

bool StreamPipe::finished() {
  MutexLock lock(mu_);
  return finished_;
}

void StreamPipe::Close() {
  MutexLock lock(mu_);
  closed_.store(true, std::memory_order_relaxed);
  buffer_.clear();
  drained_.NotifyAll();
}

}  // namespace telltale
