#include "block/join.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include "block/block_reader.h"
#include "block/native.h"

namespace telltale {
namespace {

// A smaller piece costs less to copy than to hand over by itself.
constexpr size_t kReferredBytesMin = 16 << 10;

// One column of the result, gathered over all blocks.
class ColumnJoin {
 public:
  bool Read(BlockReader& in, std::string_view name, std::string_view type, uint64_t rows) {
    if (name_.empty()) {
      name_ = name;
      type_ = type;
      if (!ParseType(type, parsed_)) return false;
    }
    if (name != name_ || type != type_) return false;
    std::string_view bytes;
    uint64_t version = 0;
    switch (parsed_.layout) {
      case Layout::kFixed:
        if (!in.Bytes(rows * parsed_.width, bytes)) return false;
        pieces_.push_back(bytes);
        return true;
      case Layout::kText:
        if (!in.Texts(rows, bytes)) return false;
        pieces_.push_back(bytes);
        return true;
      case Layout::kDictionary:
        return in.Word(version) && version == 1 && ReadDictionary(in, rows);
      case Layout::kMap:
        return in.Word(version) && version == 1 && ReadMap(in, rows);
    }
    return false;
  }

  void Write(JoinedBlock& out) const {
    std::string head;
    AppendString(name_, head);
    AppendString(type_, head);
    const bool has_dictionary = parsed_.layout == Layout::kDictionary || parsed_.layout == Layout::kMap;
    if (has_dictionary) DictionaryColumn::AppendPrefix(head);
    head += offsets_;
    if (has_dictionary) dictionary_.AppendBody(head);
    out.Append(head);
    for (const std::string_view piece : pieces_) {
      piece.size() < kReferredBytesMin ? out.Append(piece) : out.Refer(piece);
    }
  }

 private:
  bool ReadDictionary(BlockReader& in, uint64_t rows) {
    if (rows == 0) return true;
    uint64_t flags = 0;
    uint64_t key_count = 0;
    uint64_t index_count = 0;
    if (!in.Word(flags) || !in.Word(key_count) || key_count == 0 || key_count > UINT32_MAX) return false;
    numbers_.clear();
    uint32_t hint = UINT32_MAX;
    for (uint64_t i = 0; i < key_count; ++i) {
      std::string_view key;
      if (!in.Text(key)) return false;
      numbers_.push_back(dictionary_.NumberOf(key, hint));
    }
    if (!in.Word(index_count) || index_count != rows) return false;
    switch (flags & 0xff) {
      case 0:
        return ReadIndices<uint8_t>(in, rows);
      case 1:
        return ReadIndices<uint16_t>(in, rows);
      case 2:
        return ReadIndices<uint32_t>(in, rows);
      default:
        return false;
    }
  }

  template <typename T>
  bool ReadIndices(BlockReader& in, uint64_t rows) {
    std::string_view bytes;
    if (!in.Bytes(rows * sizeof(T), bytes)) return false;
    for (uint64_t i = 0; i < rows; ++i) {
      T index;
      std::memcpy(&index, bytes.data() + i * sizeof(T), sizeof(T));
      if (index >= numbers_.size()) return false;
      dictionary_.AddNumber(numbers_[index]);
    }
    return true;
  }

  bool ReadMap(BlockReader& in, uint64_t rows) {
    std::string_view bytes;
    if (!in.Bytes(rows * 8, bytes)) return false;
    uint64_t end = 0;
    for (uint64_t i = 0; i < rows; ++i) {
      uint64_t next = 0;
      std::memcpy(&next, bytes.data() + i * 8, 8);
      if (next < end) return false;
      end = next;
      AppendNumber<uint64_t>(pairs_ + end, offsets_);
    }
    pairs_ += end;
    if (!ReadDictionary(in, end) || !in.Texts(end, bytes)) return false;
    pieces_.push_back(bytes);
    return true;
  }

  std::string_view name_;
  std::string_view type_;
  ColumnType parsed_;
  std::vector<std::string_view> pieces_;  // values as they lie in the blocks
  std::string offsets_;                   // kMap
  uint64_t pairs_ = 0;                    // kMap: pairs so far
  DictionaryColumn dictionary_;           // kDictionary, kMap: of the keys
  std::vector<uint32_t> numbers_;         // a block's dictionary in the joined one
};

}  // namespace

std::string JoinedBlock::Copy() const {
  std::string bytes;
  bytes.reserve(size_bytes_);
  for (const std::string_view piece : pieces_) bytes += piece;
  return bytes;
}

void JoinedBlock::Append(std::string_view bytes) {
  if (!is_open_) {
    own_.push_back(std::make_unique<std::string>());
    pieces_.emplace_back();
    is_open_ = true;
  }
  *own_.back() += bytes;
  pieces_.back() = *own_.back();
  size_bytes_ += bytes.size();
}

void JoinedBlock::Refer(std::string_view bytes) {
  pieces_.push_back(bytes);
  is_open_ = false;
  size_bytes_ += bytes.size();
}

Result<JoinedBlock> JoinBlocks(std::span<const std::string_view> blocks) {
  std::vector<ColumnJoin> columns;
  uint64_t rows_total = 0;
  for (const std::string_view block : blocks) {
    BlockReader in(block);
    uint64_t column_count = 0;
    uint64_t rows = 0;
    bool good = in.Varint(column_count) && in.Varint(rows) && column_count <= 1000 && rows <= block.size();
    if (good && columns.empty()) columns.resize(column_count);
    good = good && column_count == columns.size();
    for (size_t i = 0; good && i < columns.size(); ++i) {
      std::string_view name;
      std::string_view type;
      good = in.Text(name) && in.Text(type) && columns[i].Read(in, name, type, rows);
    }
    if (!good || !in.empty()) {
      return Fail(ErrorCode::kCorrupt, "join blocks: block of " + std::to_string(block.size()) +
                                           " bytes: not a block of these columns");
    }
    rows_total += rows;
  }
  std::string head;
  AppendVarint(columns.size(), head);
  AppendVarint(rows_total, head);
  JoinedBlock out;
  out.Append(head);
  for (const ColumnJoin& column : columns) column.Write(out);
  return out;
}

}  // namespace telltale
