#include "process.h"

#include <csignal>
#include <ctime>
#include <fstream>
#include <iostream>

#include <unistd.h>

#include "json/writer.h"

namespace telltale {
namespace {

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

void HoldSignals() {
  const sigset_t set = StopSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool WaitForStopSignal(int milliseconds) {
  const sigset_t set = StopSignals();
  if (milliseconds < 0) {
    int number = 0;
    sigwait(&set, &number);
    return true;
  }
  const timespec timeout{.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1'000'000l};
  return sigtimedwait(&set, nullptr, &timeout) > 0;
}

Status WriteReady(const std::filesystem::path& path,
                  const std::vector<std::pair<std::string, std::string>>& addresses) {
  std::string text;
  JsonWriter json(text);
  json.BeginObject();
  json.Key("pid").Int(::getpid());
  for (const auto& [name, address] : addresses) {
    if (!address.empty()) json.Key(name).String(address);
  }
  json.EndObject();
  const std::filesystem::path part = path.string() + ".part";
  std::ofstream file(part, std::ios::trunc);
  file << text << '\n';
  file.close();
  std::error_code ec;
  if (file) std::filesystem::rename(part, path, ec);
  if (!file || ec)
    return Fail(ErrorCode::kUnavailable, "write the ready file: " + path.string() + ": cannot be written");
  return {};
}

uint64_t ResidentBytes() {
  uint64_t pages_total = 0;
  uint64_t pages_resident = 0;
  std::ifstream("/proc/self/statm") >> pages_total >> pages_resident;
  return pages_resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

int Report(const Error& error) {
  std::cerr << "error: " << error.message << '\n';
  if (!error.hint.empty()) std::cerr << "hint: " << error.hint << '\n';
  return 1;
}

}  // namespace telltale
