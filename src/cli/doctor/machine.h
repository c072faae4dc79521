// What doctor makes of the machine, the clock and the server's own numbers. The Judge
// functions do no I/O: facts in, findings out.
//
//   Finding finding = JudgeFolder(LookAtFolder(path), {.server_is_up = true});
//
// Thread safety  Free functions; may be called from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/api_answers.h"
#include "cli/doctor/finding.h"

namespace telltale {

struct FolderFacts {
  std::string path;
  bool exists = false;
  bool is_folder = false;
  bool is_writable = false;  // by us; of the nearest folder above where it does not exist
  uint64_t free_bytes = 0;
  uint64_t total_bytes = 0;  // 0: unknown
  bool has_no_inodes = false;
};
FolderFacts LookAtFolder(const std::filesystem::path& path);
// TELLTALE's own default: XDG_DATA_HOME/telltale, or ~/.local/share/telltale.
std::filesystem::path DefaultDataPath();

struct FolderContext {
  bool server_is_up = false;
  bool path_was_given = false;
};
std::vector<Finding> JudgeFolder(const FolderFacts& facts, const FolderContext& context);

struct ClockFacts {
  int64_t local_seconds = 0;              // since the Unix epoch
  std::optional<int64_t> server_seconds;  // out of its Date header
  uint64_t newest_span_seconds = 0;       // 0: no spans
};
std::vector<Finding> JudgeClock(const ClockFacts& facts);
// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<int64_t> ReadHttpDateUntrusted(std::string_view text);

// A finding for each loss that is not zero, or one that says there is none.
std::vector<Finding> JudgeCounters(const std::vector<CounterReading>& counters);

// The traces of programs other than doctor itself.
std::vector<Finding> JudgeTraces(const std::vector<ListedTrace>& traces);
// Whether model calls say which model, out of the attribute keys that were seen.
Finding JudgeAttributeKeys(const std::vector<std::string>& keys);

inline constexpr std::string_view kDoctorService = "telltale-doctor";

}  // namespace telltale
