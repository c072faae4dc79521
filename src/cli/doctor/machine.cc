#include "cli/doctor/machine.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <set>

#include "cli/text.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

// The store merges in place: it needs room for a part beside what it replaces.
constexpr uint64_t kFreeBytesMin = 256ull << 20;
constexpr uint64_t kFreeBytesLow = 2ull << 30;
constexpr int64_t kSecondsOfYear2024 = 1'704'067'200;
constexpr int64_t kSecondsOfYear2100 = 4'102'444'800;
// A Date header has whole seconds, and an answer takes time.
constexpr int64_t kSkewSecondsWarn = 3;
constexpr int64_t kSkewSecondsFail = 300;
constexpr int64_t kFutureSecondsWarn = 60;

fs::path NearestExisting(fs::path path) {
  std::error_code error;
  while (!fs::exists(path, error) && path.has_relative_path()) path = path.parent_path();
  return path.empty() ? fs::path(".") : path;
}

std::string Share(const FolderFacts& facts) {
  return FormatBytes(facts.free_bytes) + " of " + FormatBytes(facts.total_bytes) + " free";
}

Finding JudgePlace(const FolderFacts& facts, const FolderContext& context) {
  const std::string what = "data folder " + facts.path;
  const std::string choose = "choose another folder: telltale serve --data PATH";
  if (facts.exists && !facts.is_folder) return Bad("data", what + " is a file, not a folder", choose);
  if (!facts.is_writable) {
    return Bad("data",
               what + (facts.exists ? " cannot be written by this user" : " cannot be made by this user"),
               "give this user the right to write there, or " + choose);
  }
  if (facts.exists) return Good("data", what + " can be written");
  if (!context.server_is_up) return Good("data", what + " does not exist yet; telltale serve makes it");
  if (context.path_was_given) {
    return Warn("data", what + " does not exist, so the running server keeps its data elsewhere",
                "give the --data of that server");
  }
  return Good(
      "data",
      what + " does not exist: the running server keeps its data elsewhere (--data PATH looks there)");
}

Finding JudgeSpace(const FolderFacts& facts) {
  const std::string fix = "free space, or start telltale serve with --retention-bytes or another --data";
  if (facts.has_no_inodes) return Bad("disk", "no inodes are left on the disk of " + facts.path, fix);
  if (facts.free_bytes < kFreeBytesMin) return Bad("disk", Share(facts) + ": nearly full", fix);
  if (facts.free_bytes < kFreeBytesLow) return Warn("disk", Share(facts) + ": getting full", fix);
  return Good("disk", Share(facts));
}

std::string Seconds(int64_t seconds) {
  return FormatDuration(static_cast<uint64_t>(seconds) * 1'000'000'000);
}

Finding JudgeSkew(int64_t ahead_seconds) {
  const int64_t skew = std::abs(ahead_seconds);
  const std::string message = "the server's clock is " + Seconds(skew) +
                              (ahead_seconds > 0 ? " ahead of" : " behind") + " this machine's";
  const std::string fix = "set both clocks by NTP: timedatectl set-ntp true";
  if (skew > kSkewSecondsFail)
    return Bad("clock", message + ": traces seem to be missing or in the future", fix);
  if (skew > kSkewSecondsWarn) return Warn("clock", message, fix);
  return Good("clock", "this machine and the server agree on the time");
}

bool IsModelKey(std::string_view key) {
  return key == "model" || key == "llm.model" || key == "gen_ai.request.model" ||
         key == "gen_ai.response.model" || key == "llm.model_name" || key == "ai.model.id";
}

}  // namespace

FolderFacts LookAtFolder(const fs::path& path) {
  std::error_code error;
  FolderFacts facts{
      .path = path.string(), .exists = fs::exists(path, error), .is_folder = fs::is_directory(path, error)};
  const fs::path near = facts.exists ? path : NearestExisting(path);
  facts.is_writable = ::access(near.c_str(), W_OK | X_OK) == 0;
  struct statvfs disk{};
  if (::statvfs(near.c_str(), &disk) == 0) {
    facts.free_bytes = static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize;
    facts.total_bytes = static_cast<uint64_t>(disk.f_blocks) * disk.f_frsize;
    facts.has_no_inodes = disk.f_files > 0 && disk.f_favail == 0;
  }
  return facts;
}

fs::path DefaultDataPath() {
  const char* data_home = std::getenv("XDG_DATA_HOME");
  if (data_home != nullptr && *data_home != '\0') return fs::path(data_home) / "telltale";
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr && *home != '\0' ? home : "/var/lib") / ".local/share/telltale";
}

std::vector<Finding> JudgeFolder(const FolderFacts& facts, const FolderContext& context) {
  std::vector<Finding> findings = {JudgePlace(facts, context)};
  if (facts.total_bytes > 0) findings.push_back(JudgeSpace(facts));
  return findings;
}

std::optional<int64_t> ReadHttpDateUntrusted(std::string_view text) {
  const std::string copy(text);
  tm parts{};
  const char* end = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&parts);
}

std::vector<Finding> JudgeClock(const ClockFacts& facts) {
  if (facts.local_seconds < kSecondsOfYear2024 || facts.local_seconds >= kSecondsOfYear2100) {
    const auto nanos = static_cast<uint64_t>(std::max<int64_t>(facts.local_seconds, 0)) * 1'000'000'000;
    return {Bad("clock", "this machine believes it is " + FormatUtcTime(nanos).substr(0, 10),
                "set the clock: timedatectl set-ntp true")};
  }
  std::vector<Finding> findings;
  if (facts.server_seconds) {
    findings.push_back(JudgeSkew(*facts.server_seconds - facts.local_seconds));
  } else {
    findings.push_back(Good("clock", "this machine's year is plausible"));
  }
  const auto newest = static_cast<int64_t>(facts.newest_span_seconds);
  if (newest > facts.local_seconds + kFutureSecondsWarn) {
    findings.push_back(
        Warn("clock", "the newest span starts " + Seconds(newest - facts.local_seconds) + " in the future",
             "set the clock of the machine that sends it"));
  }
  return findings;
}

std::vector<Finding> JudgeCounters(const std::vector<CounterReading>& counters) {
  std::vector<Finding> findings;
  for (const CounterReading& counter : counters) {
    if (counter.severity != "loss" || counter.value == 0) continue;
    findings.push_back(
        Warn("loss", counter.name + " is " + std::to_string(counter.value) + ": " + counter.meaning,
             "look at the sender's log for the same moment; counts begin when the server starts"));
  }
  if (findings.empty())
    findings.push_back(Good("loss", "nothing that was sent to this server was refused or dropped"));
  return findings;
}

std::vector<Finding> JudgeTraces(const std::vector<ListedTrace>& traces) {
  size_t count = 0;
  size_t without_root = 0;
  std::set<std::string> services;
  for (const ListedTrace& trace : traces) {
    if (trace.service == kDoctorService) continue;
    ++count;
    without_root += trace.root_missing ? 1 : 0;
    services.insert(trace.service);
  }
  if (count == 0) {
    return {Warn(
        "traces", "no program has sent a trace within the last 24 h",
        "point it here: OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317 for gRPC, :4318 for HTTP; a script "
        "must call provider.shutdown() before it ends")};
  }
  std::vector<Finding> findings = {
      Good("traces", Plural(count, "recent trace") + " from " + Plural(services.size(), "service") + ", " +
                         *services.begin() + (services.size() > 1 ? " among them" : ""))};
  if (without_root > 0) {
    findings.push_back(
        Warn("traces",
             std::to_string(without_root) + " of " + Plural(count, "recent trace") +
                 " came without a root: context was lost across threads, or the root never ended",
             "pass the context on (contextvars.copy_context().run, or attach and detach), and end "
             "every span, on errors too"));
  }
  return findings;
}

Finding JudgeAttributeKeys(const std::vector<std::string>& keys) {
  if (std::ranges::any_of(keys, IsModelKey)) return Good("attributes", "spans say which model they called");
  return Warn("attributes", "no span says which model it called",
              "set gen_ai.request.model and gen_ai.usage.input_tokens on the span, after it starts and "
              "before it ends");
}

}  // namespace telltale
