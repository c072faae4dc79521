#include "query/text_groups.h"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

#include "query/statement.h"
#include "store/row_reader.h"

namespace telltale {
namespace {

constexpr uint32_t kWordBits = 24;
// A mask of them is one number.
constexpr size_t kOtherKeysMax = 60;
// Between the time of a request and that of its group: requests are encoded side by side.
constexpr int64_t kSlackMs = 60'000;

// Newest first, and only a few.
constexpr std::string_view kShortRead =
    "max_threads = 1, max_block_size = 1024, read_in_order_use_virtual_row = 1";

uint32_t BucketOfKey(uint32_t key) {
  return key >> kWordBits;
}

std::string HasKey(uint32_t key) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string sql = "position(words, unhex('";
  for (int shift = 20; shift >= 0; shift -= 4) sql += kHex[key >> shift & 15];
  return sql + "')) > 0";
}

int64_t ClampedMs(int64_t unix_nano, int64_t add_ms) {
  const int64_t ms = unix_nano / 1'000'000;
  int64_t sum = 0;
  if (!__builtin_add_overflow(ms, add_ms, &sum)) return sum;
  return add_ms > 0 ? INT64_MAX : INT64_MIN;
}

std::vector<int64_t> ReadGroups(const QueryResult& result) {
  std::vector<int64_t> groups;
  for (RowReader rows(result.bytes); !rows.done();) groups.push_back(rows.Number<int64_t>());
  return groups;
}

}  // namespace

TextGroups::TextGroups(Engine& engine, const TextQuery& query, const TimeRange& range)
    : engine_(engine),
      least_(ClampedMs(range.start_unix_nano, -(kLateMs + kGroupMsMax + kSlackMs))),
      most_(ClampedMs(range.end_unix_nano, kLateMs + kSlackMs)) {
  // The longest word is likely the rarest.
  size_t longest = 0;
  for (const TextTerm& term : query.terms) {
    if (term.is_excluded) continue;
    size_t size = 0;
    for (const std::string& word : term.words) size = std::max(size, word.size());
    other_keys_.insert(other_keys_.end(), term.keys.begin(), term.keys.end());
    if (size <= longest || term.keys.empty()) continue;
    longest = size;
    const auto at = std::ranges::max_element(term.words, {}, &std::string::size) - term.words.begin();
    first_key_ = term.keys[std::min<size_t>(static_cast<size_t>(at), term.keys.size() - 1)];
  }
  std::ranges::sort(other_keys_);
  const auto same = std::ranges::unique(other_keys_);
  other_keys_.erase(same.begin(), same.end());
  std::erase(other_keys_, first_key_);
  if (other_keys_.size() > kOtherKeysMax) other_keys_.resize(kOtherKeysMax);
}

Result<std::vector<int64_t>> TextGroups::OfFirstKey(GroupKind kind, int64_t bound, size_t count) {
  Statement sql("SELECT text_group FROM words WHERE bucket = ");
  sql << std::to_string(BucketOf(kind, BucketOfKey(first_key_))) << " AND text_group < "
      << std::to_string(bound);
  if (kind == GroupKind::kOnTime)
    sql << " AND text_group >= " << std::to_string(least_) << " AND text_group <= " << std::to_string(most_);
  sql << " AND " << HasKey(first_key_ & ((1u << kWordBits) - 1))
      << " ORDER BY bucket DESC, text_group DESC LIMIT " << std::to_string(count);
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine_.Query(sql.Take(kShortRead)));
  return ReadGroups(result);
}

Result<std::vector<int64_t>> TextGroups::WithOtherKeys(std::vector<int64_t> groups) {
  if (other_keys_.empty() || groups.empty()) return groups;
  std::string buckets, mask, list;
  for (size_t i = 0; i < other_keys_.size(); ++i) {
    const uint32_t bucket = BucketOfKey(other_keys_[i]);
    const std::string both = std::to_string(BucketOf(GroupKind::kOnTime, bucket)) + ", " +
                             std::to_string(BucketOf(GroupKind::kLate, bucket));
    buckets += (i > 0 ? ", " : "") + both;
    mask += (i > 0 ? " + " : "") + std::string("toUInt64(") + std::to_string(uint64_t{1} << i) +
            ") * (bucket IN (" + both + ") AND " + HasKey(other_keys_[i] & ((1u << kWordBits) - 1)) + ")";
  }
  for (const int64_t group : groups) list += (list.empty() ? "" : ", ") + std::to_string(group);
  Statement sql("SELECT text_group FROM words WHERE bucket IN (");
  sql << buckets << ") AND text_group IN (" << list << ") GROUP BY text_group HAVING groupBitOr(" << mask
      << ") = " << std::to_string((uint64_t{1} << other_keys_.size()) - 1) << " ORDER BY text_group DESC";
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine_.Query(sql.Take("max_threads = 1")));
  return ReadGroups(result);
}

Result<std::vector<int64_t>> TextGroups::Before(int64_t bound, size_t count) {
  // How many have the first word; of rare words beside common ones it takes more.
  for (size_t first = count;; first = std::min<size_t>(first * 4, 4096)) {
    std::vector<int64_t> groups;
    int64_t least = INT64_MIN;  // older ones may be missing in a list that is full
    for (const GroupKind kind : {GroupKind::kOnTime, GroupKind::kLate}) {
      TELLTALE_ASSIGN_OR_RETURN(const std::vector<int64_t> some, OfFirstKey(kind, bound, first));
      if (some.size() == first) least = std::max(least, some.back());
      groups.insert(groups.end(), some.begin(), some.end());
    }
    std::ranges::sort(groups, std::greater());
    const auto same = std::ranges::unique(groups);
    groups.erase(same.begin(), same.end());
    std::erase_if(groups, [&](int64_t group) { return group < least; });
    done_ = least == INT64_MIN;
    if (groups.empty()) return groups;
    bound = groups.back();
    TELLTALE_ASSIGN_OR_RETURN(groups, WithOtherKeys(std::move(groups)));
    if (groups.size() > count) {
      groups.resize(count);
      done_ = false;
    }
    if (!groups.empty() || done_) return groups;
  }
}

}  // namespace telltale
