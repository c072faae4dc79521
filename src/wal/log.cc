#include "wal/log.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <map>
#include <thread>
#include <utility>

#include "base/bytes.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/mutex.h"
#include "wal/record.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

Error SystemError(ErrorCode code, std::string_view what, const fs::path& path) {
  return {code, std::string(what) + ": " + path.string() + ": " + std::strerror(errno), {}};
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

// A new file's name is durable only once its folder is.
Status SyncFolder(const fs::path& folder) {
  const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) {
    return std::unexpected(SystemError(ErrorCode::kUnavailable, "sync the log's folder", folder));
  }
  return {};
}

Status WriteAll(int fd, std::string_view bytes, uint64_t offset, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0) {
      if (errno == EINTR) continue;
      return std::unexpected(SystemError(ErrorCode::kUnavailable, "write the log", path));
    }
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return {};
}

Result<std::string> ReadRange(int fd, uint64_t offset, size_t size, const fs::path& path) {
  std::string bytes;
  bytes.resize(size);
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0) {
      if (errno == EINTR) continue;
      return std::unexpected(SystemError(ErrorCode::kUnavailable, "read the log", path));
    }
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

struct Segment {
  uint64_t start = 0;  // position of the first record
  uint64_t end = 0;    // position after the last whole record
  fs::path path;
  FileDescriptor file;

  uint64_t OffsetOf(uint64_t position) const { return kSegmentHeaderBytes + (position - start); }
};

fs::path SegmentPath(const fs::path& folder, uint64_t start) {
  char name[40];
  std::snprintf(name, sizeof name, "%016" PRIx64 ".wal", start);
  return folder / name;
}

// What is wrong with a segment's records, found while it is opened.
struct Damage {
  uint64_t torn = 0;
  uint64_t corrupt = 0;
};

// Walks the records from the segment's start and sets its end. A broken record that
// a whole one follows is corruption: it is stepped over. One with nothing whole after
// it is the torn end of a write that was never acknowledged.
Damage FindEnd(Segment& segment, std::string_view bytes) {
  Damage damage;
  uint64_t at = 0;
  segment.end = segment.start;
  while (at < bytes.size()) {
    RecordHeader header;
    const RecordState state = InspectRecordUntrusted(bytes.substr(at), segment.start + at, header);
    if (state == RecordState::kEnd) break;
    if (state == RecordState::kWhole) {
      at += kRecordHeaderBytes + header.length;
      segment.end = segment.start + at;
      continue;
    }
    const uint64_t next = at + kRecordHeaderBytes + header.length;
    RecordHeader next_header;
    const bool followed =
        next < bytes.size() &&
        InspectRecordUntrusted(bytes.substr(next), segment.start + next, next_header) == RecordState::kWhole;
    if (!followed) {
      damage.torn += 1;
      break;
    }
    damage.corrupt += 1;
    at = next;
  }
  return damage;
}

class FileLog final : public WriteAheadLog {
 public:
  explicit FileLog(const WriteAheadLogOptions& options) : options_(options) {}
  ~FileLog() override { Close(); }

  Status Start();

  void Append(std::vector<Block> blocks, Done done) override;
  Result<std::vector<WalRecord>> Read(uint64_t position, const ReadLimits& limits) override;
  void WaitForRecord(uint64_t position, int timeout_ms) override;
  void Release(uint64_t position) override;
  void Close() override;

  std::string id() const override { return id_; }
  uint64_t begin_position() const override;
  uint64_t end_position() const override;
  uint64_t size_bytes() const override;
  uint64_t pending_bytes() const override;
  bool failed() const override;

 private:
  struct Pending {
    Block block;
    Done done;  // with the last block of an append
  };

  Status OpenSegments();
  Status OpenSegment(const fs::path& path, bool last);
  Status AddSegment(uint64_t start);
  Result<Segment*> SegmentFor(uint64_t record_bytes);
  void Run();
  Status Commit(std::vector<Pending>& group);
  Status ReadOne(Segment& segment, uint64_t position, WalRecord& record, bool& broken);

  // Constant after Start().
  const WriteAheadLogOptions options_;
  std::string id_;
  std::string id_bytes_;

  // Only the writer thread (and Start, before it).
  std::string buffer_;

  mutable Mutex mu_;
  CondVar work_;     // something waits, or closing_
  CondVar durable_;  // end_ moved, or closing_
  std::vector<Pending> pending_ TELLTALE_GUARDED_BY(mu_);
  uint64_t pending_bytes_ TELLTALE_GUARDED_BY(mu_) = 0;
  // By start position. The writer appends, the reader erases; a Segment's address is
  // stable, and only the writer touches the last one's `end`.
  std::map<uint64_t, Segment> segments_ TELLTALE_GUARDED_BY(mu_);
  uint64_t end_ TELLTALE_GUARDED_BY(mu_) = 0;
  uint64_t released_ TELLTALE_GUARDED_BY(mu_) = 0;
  bool closing_ TELLTALE_GUARDED_BY(mu_) = false;
  bool failed_ TELLTALE_GUARDED_BY(mu_) = false;

  std::thread writer_;
};

Status FileLog::Start() {
  std::error_code ec;
  fs::create_directories(options_.folder, ec);
  if (ec) {
    return Fail(ErrorCode::kUnavailable,
                "make the log's folder: " + options_.folder.string() + ": " + ec.message());
  }
  TELLTALE_RETURN_IF_ERROR(OpenSegments());
  writer_ = std::thread([this] { Run(); });
  return {};
}

Status FileLog::OpenSegments() {
  std::vector<fs::path> paths;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(options_.folder, ec)) {
    if (entry.path().extension() == ".wal") paths.push_back(entry.path());
  }
  if (ec)
    return Fail(ErrorCode::kUnavailable, "list the log: " + options_.folder.string() + ": " + ec.message());
  std::ranges::sort(paths);
  for (const fs::path& path : paths) TELLTALE_RETURN_IF_ERROR(OpenSegment(path, path == paths.back()));

  MutexLock lock(mu_);
  if (id_bytes_.empty()) {
    id_bytes_.resize(16);
    if (::getrandom(id_bytes_.data(), id_bytes_.size(), 0) != 16) {
      return Fail(ErrorCode::kInternal, "name the log: no random bytes from the system");
    }
  }
  id_ = ToHex(id_bytes_);
  if (!segments_.empty()) {
    released_ = segments_.begin()->second.start;
    end_ = segments_.rbegin()->second.end;
  }
  return {};
}

Status FileLog::OpenSegment(const fs::path& path, bool last) {
  Segment segment;
  segment.path = path;
  segment.file = FileDescriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  struct stat info{};
  if (!segment.file.valid() || ::fstat(segment.file.get(), &info) != 0) {
    return std::unexpected(SystemError(ErrorCode::kUnavailable, "open a log segment", path));
  }
  const auto size = static_cast<size_t>(info.st_size);
  void* map = size == 0 ? MAP_FAILED : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, segment.file.get(), 0);
  const std::string_view bytes =
      map == MAP_FAILED ? std::string_view() : std::string_view(static_cast<char*>(map), size);
  const auto unmap = [&] {
    if (map != MAP_FAILED) ::munmap(map, size);
  };

  if (bytes.size() < kSegmentHeaderBytes || !bytes.starts_with(kSegmentMagic)) {
    // A crash between making the file and syncing its header: nothing in it was
    // ever acknowledged. Only the newest segment can be so.
    unmap();
    if (!last)
      return Fail(ErrorCode::kCorrupt, "open a log segment: " + path.string() + ": not a segment of the log");
    Count(Counter::kLogRecordsTorn);
    std::error_code ec;
    fs::remove(path, ec);
    return {};
  }
  std::memcpy(&segment.start, bytes.data() + 8, 8);
  id_bytes_.assign(bytes.substr(16, 16));
  const Damage damage = FindEnd(segment, bytes.substr(kSegmentHeaderBytes));
  unmap();
  if (damage.torn > 0) {
    Count(last ? Counter::kLogRecordsTorn : Counter::kLogRecordsCorrupt, damage.torn);
    Log(LogLevel::kWarn, "log: cut off an incomplete record",
        {{"segment", path.string()}, {"position", segment.end}});
    // Zeros from here on: what is torn must not look like a record to anyone again.
    if (last) {
      const uint64_t offset = segment.OffsetOf(segment.end);
      if (::ftruncate(segment.file.get(), static_cast<off_t>(offset)) != 0 ||
          ::posix_fallocate(segment.file.get(), 0,
                            static_cast<off_t>(std::max<uint64_t>(size, offset + 1))) != 0 ||
          ::fsync(segment.file.get()) != 0) {
        return std::unexpected(SystemError(ErrorCode::kUnavailable, "cut the log's torn end", path));
      }
    }
  }
  if (damage.corrupt > 0) {
    Count(Counter::kLogRecordsCorrupt, damage.corrupt);
    Log(LogLevel::kError, "log: records changed on disk",
        {{"segment", path.string()}, {"records", damage.corrupt}});
  }
  MutexLock lock(mu_);
  const uint64_t start = segment.start;
  segments_.emplace(start, std::move(segment));
  return {};
}

Status FileLog::AddSegment(uint64_t start) {
  Segment segment;
  segment.start = segment.end = start;
  segment.path = SegmentPath(options_.folder, start);
  segment.file = FileDescriptor(::open(segment.path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!segment.file.valid()) {
    return std::unexpected(SystemError(ErrorCode::kUnavailable, "make a log segment", segment.path));
  }
  const auto give_up = [&](std::string_view what) -> Status {
    Error error = SystemError(ErrorCode::kUnavailable, what, segment.path);
    std::error_code ec;
    fs::remove(segment.path, ec);
    return std::unexpected(std::move(error));
  };
  if (const int error = ::posix_fallocate(segment.file.get(), 0, static_cast<off_t>(options_.segment_bytes));
      error != 0) {
    errno = error;
    return give_up("reserve space for a log segment");
  }
  std::string header(kSegmentMagic);
  header.append(reinterpret_cast<const char*>(&start), 8);
  header += id_bytes_;
  if (Status written = WriteAll(segment.file.get(), header, 0, segment.path); !written)
    return give_up("write a log segment");
  if (::fsync(segment.file.get()) != 0) return give_up("sync a log segment");
  TELLTALE_RETURN_IF_ERROR(SyncFolder(options_.folder));
  MutexLock lock(mu_);
  segments_.emplace(start, std::move(segment));
  return {};
}

void FileLog::Append(std::vector<Block> blocks, Done done) {
  Status refused;
  uint64_t bytes = 0;
  for (const Block& block : blocks) bytes += block.bytes.size() + kRecordHeaderBytes;
  {
    MutexLock lock(mu_);
    if (failed_ || closing_) {
      refused = Fail(ErrorCode::kUnavailable,
                     failed_ ? "append to the log: an earlier sync failed" : "append to the log: closing");
    } else if (end_ - released_ + pending_bytes_ + bytes > options_.size_bytes_max) {
      refused =
          Fail(ErrorCode::kUnavailable, "append to the log: it holds " + std::to_string(end_ - released_) +
                                            " bytes that the store has not taken yet: limit is " +
                                            std::to_string(options_.size_bytes_max));
    } else if (pending_bytes_ + bytes > options_.pending_bytes_max && pending_bytes_ > 0) {
      refused = Fail(ErrorCode::kUnavailable, "append to the log: " + std::to_string(pending_bytes_) +
                                                  " bytes wait for the disk: limit is " +
                                                  std::to_string(options_.pending_bytes_max));
    } else {
      pending_bytes_ += bytes;
      for (Block& block : blocks) pending_.push_back({.block = std::move(block), .done = nullptr});
      pending_.back().done = std::move(done);
      work_.NotifyOne();
      return;
    }
  }
  done(std::move(refused));
}

void FileLog::Run() {
  while (true) {
    std::vector<Pending> group;
    {
      MutexLock lock(mu_);
      while (pending_.empty() && !closing_) work_.Wait(lock);
      if (pending_.empty()) return;
      group.swap(pending_);
    }
    const Status committed = Commit(group);
    uint64_t bytes = 0;
    for (const Pending& item : group) bytes += item.block.bytes.size() + kRecordHeaderBytes;
    {
      MutexLock lock(mu_);
      pending_bytes_ -= bytes;
      durable_.NotifyAll();
    }
    for (Pending& item : group) {
      if (item.done) item.done(committed);
    }
  }
}

Result<Segment*> FileLog::SegmentFor(uint64_t record_bytes) {
  {
    MutexLock lock(mu_);
    if (!segments_.empty()) {
      Segment& last = segments_.rbegin()->second;
      const uint64_t used = last.OffsetOf(last.end);
      if (used + record_bytes <= options_.segment_bytes || last.end == last.start) return &last;
    }
  }
  uint64_t start = 0;
  {
    MutexLock lock(mu_);
    start = end_;
  }
  TELLTALE_RETURN_IF_ERROR(AddSegment(start));
  MutexLock lock(mu_);
  return &segments_.rbegin()->second;
}

// The group goes to one segment, or to a few when it does not fit into the rest of one.
Status FileLog::Commit(std::vector<Pending>& group) {
  size_t next = 0;
  while (next < group.size()) {
    const uint64_t first_bytes = group[next].block.bytes.size() + kRecordHeaderBytes;
    TELLTALE_ASSIGN_OR_RETURN(Segment * segment, SegmentFor(first_bytes));
    uint64_t end = segment->end;
    buffer_.clear();
    while (next < group.size()) {
      const uint64_t bytes = group[next].block.bytes.size() + kRecordHeaderBytes;
      if (!buffer_.empty() && segment->OffsetOf(end) + bytes > options_.segment_bytes) break;
      AppendRecord(group[next].block, end, buffer_);
      end += bytes;
      ++next;
    }
    TELLTALE_RETURN_IF_ERROR(
        WriteAll(segment->file.get(), buffer_, segment->OffsetOf(segment->end), segment->path));
    if (::fdatasync(segment->file.get()) != 0) {
      Error error = SystemError(ErrorCode::kUnavailable, "sync the log", segment->path);
      Log(LogLevel::kError, "log: sync failed, refusing everything until restart",
          {{"error", error.message}});
      MutexLock lock(mu_);
      failed_ = true;
      return std::unexpected(std::move(error));
    }
    MutexLock lock(mu_);
    segment->end = end;
    end_ = end;
  }
  return {};
}

Status FileLog::ReadOne(Segment& segment, uint64_t position, WalRecord& record, bool& broken) {
  const uint64_t offset = segment.OffsetOf(position);
  TELLTALE_ASSIGN_OR_RETURN(const std::string head,
                            ReadRange(segment.file.get(), offset, kRecordHeaderBytes, segment.path));
  if (head.size() < kRecordHeaderBytes) {
    return Fail(ErrorCode::kCorrupt, "read the log: " + segment.path.string() + ": ends early");
  }
  const RecordHeader header = ReadRecordHeaderUntrusted(head);
  if (header.length > kRecordBytesMax) {
    return Fail(ErrorCode::kCorrupt, "read the log: " + segment.path.string() + ": bad length");
  }
  TELLTALE_ASSIGN_OR_RETURN(
      record.bytes, ReadRange(segment.file.get(), offset + kRecordHeaderBytes, header.length, segment.path));
  broken = !IsRecordWhole(head, record.bytes, position);
  record.position = position;
  record.end_position = position + kRecordHeaderBytes + header.length;
  record.kind = header.kind;
  record.rows = header.rows;
  return {};
}

Result<std::vector<WalRecord>> FileLog::Read(uint64_t position, const ReadLimits& limits) {
  std::vector<WalRecord> records;
  uint64_t bytes = 0;
  uint64_t rows = 0;
  while (true) {
    Segment* segment = nullptr;
    {
      MutexLock lock(mu_);
      if (position >= std::min(end_, limits.end_position)) break;
      auto at = segments_.upper_bound(position);
      if (at == segments_.begin())
        return Fail(ErrorCode::kNotFound,
                    "read the log: position " + std::to_string(position) + ": already released");
      segment = &std::prev(at)->second;
      if (position >= segment->end) {
        // A torn or corrupt end of an older segment: go on with the next one.
        if (at == segments_.end()) break;
        position = at->second.start;
        continue;
      }
    }
    WalRecord record;
    bool broken = false;
    TELLTALE_RETURN_IF_ERROR(ReadOne(*segment, position, record, broken));
    position = record.end_position;
    if (broken) continue;  // Counted when the log was opened.
    const bool fits = records.empty() || (bytes + record.bytes.size() <= limits.bytes_max &&
                                          rows + record.rows <= limits.rows_max);
    if (!fits) break;
    bytes += record.bytes.size();
    rows += record.rows;
    records.push_back(std::move(record));
  }
  return records;
}

void FileLog::WaitForRecord(uint64_t position, int timeout_ms) {
  MutexLock lock(mu_);
  if (end_ > position || closing_) return;
  durable_.WaitFor(lock, std::chrono::milliseconds(timeout_ms));
}

void FileLog::Release(uint64_t position) {
  std::vector<Segment> gone;
  {
    MutexLock lock(mu_);
    released_ = std::max(released_, std::min(position, end_));
    while (segments_.size() > 1 && std::next(segments_.begin())->second.start <= released_) {
      gone.push_back(std::move(segments_.extract(segments_.begin()).mapped()));
    }
  }
  for (const Segment& segment : gone) {
    std::error_code ec;
    fs::remove(segment.path, ec);
    if (ec)
      Log(LogLevel::kWarn, "log: cannot remove a segment",
          {{"segment", segment.path.string()}, {"error", ec.message()}});
  }
}

void FileLog::Close() {
  {
    MutexLock lock(mu_);
    closing_ = true;
    work_.NotifyAll();
    durable_.NotifyAll();
  }
  if (writer_.joinable()) writer_.join();
}

uint64_t FileLog::begin_position() const {
  MutexLock lock(mu_);
  return segments_.empty() ? 0 : segments_.begin()->second.start;
}
uint64_t FileLog::end_position() const {
  MutexLock lock(mu_);
  return end_;
}
uint64_t FileLog::size_bytes() const {
  MutexLock lock(mu_);
  return end_ - released_;
}
uint64_t FileLog::pending_bytes() const {
  MutexLock lock(mu_);
  return pending_bytes_;
}
bool FileLog::failed() const {
  MutexLock lock(mu_);
  return failed_;
}

}  // namespace

Result<std::unique_ptr<WriteAheadLog>> WriteAheadLog::Open(const WriteAheadLogOptions& options) {
  auto log = std::make_unique<FileLog>(options);
  TELLTALE_RETURN_IF_ERROR(log->Start());
  return log;
}

}  // namespace telltale
