// The groups of text that have all words of a search, newest first: content/word_groups.h.
//
//   TextGroups groups(engine, query, range);
//   TELLTALE_ASSIGN_OR_RETURN(std::vector<int64_t> some, groups.Before(bound, 8));   // empty: no more
//
// Some of them do not have the words: keys of words are short.
//
// Ownership      Engine and query must outlive it.
// Thread safety  One thread at a time.
// Cost           A bucket of the table `words` for the longest word, newest first, as far as it takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "content/word_groups.h"
#include "query/filter.h"
#include "query/text_query.h"
#include "store/engine.h"

namespace telltale {

class TextGroups {
 public:
  TextGroups(Engine& engine, const TextQuery& query, const TimeRange& range);

  // At most `count` groups that began before `bound`, newest first, none left out between.
  Result<std::vector<int64_t>> Before(int64_t bound, size_t count);
  // True: there are none before those that were answered last.
  bool done() const { return done_; }

 private:
  Result<std::vector<int64_t>> OfFirstKey(GroupKind kind, int64_t bound, size_t count);
  Result<std::vector<int64_t>> WithOtherKeys(std::vector<int64_t> groups);

  Engine& engine_;
  uint32_t first_key_ = 0;
  std::vector<uint32_t> other_keys_;
  int64_t least_ = 0;  // of groups on time
  int64_t most_ = 0;
  bool done_ = false;
};

}  // namespace telltale
