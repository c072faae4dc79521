#include "wal/cursor.h"

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <cstring>

namespace telltale {
namespace {

struct Slot {
  uint64_t generation = 0;
  uint64_t begin = 0;
  uint64_t end = 0;
  uint64_t checksum = 0;

  uint64_t ExpectedChecksum() const { return XXH3_64bits(this, offsetof(Slot, checksum)); }
};
static_assert(sizeof(Slot) == 32);

class FileCursor final : public InsertCursor {
 public:
  FileCursor(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {
    Slot slots[2];
    const ssize_t got = ::pread(fd_, slots, sizeof slots, 0);
    for (ssize_t i = 0; i < 2 && got >= static_cast<ssize_t>((i + 1) * sizeof(Slot)); ++i) {
      const bool valid = slots[i].checksum == slots[i].ExpectedChecksum();
      if (valid && slots[i].generation > slot_.generation) slot_ = slots[i];
    }
  }
  ~FileCursor() override { ::close(fd_); }

  LogRange current() const override { return {slot_.begin, slot_.end}; }

  Status Begin(LogRange range) override {
    Slot next{.generation = slot_.generation + 1, .begin = range.begin, .end = range.end};
    next.checksum = next.ExpectedChecksum();
    const auto offset = static_cast<off_t>(next.generation % 2 * sizeof(Slot));
    if (::pwrite(fd_, &next, sizeof next, offset) != sizeof next || ::fdatasync(fd_) != 0) {
      return Fail(ErrorCode::kUnavailable,
                  "write the log's cursor: " + path_.string() + ": " + std::strerror(errno));
    }
    slot_ = next;
    return {};
  }

 private:
  const int fd_;
  const std::filesystem::path path_;
  Slot slot_;
};

}  // namespace

Result<std::unique_ptr<InsertCursor>> InsertCursor::Open(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "cursor";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return Fail(ErrorCode::kUnavailable,
                "open the log's cursor: " + path.string() + ": " + std::strerror(errno));
  return std::make_unique<FileCursor>(fd, path);
}

}  // namespace telltale
