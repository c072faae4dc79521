// Does on purpose what a sanitizer must catch. Its tests pass only when it dies, so a
// build that lost its sanitizers fails instead of reporting that all is well.
#include <climits>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

namespace {

void ReadPastTheEnd() {
  volatile char* bytes = static_cast<volatile char*>(std::malloc(8));
  volatile char read = bytes[8];
  (void)read;
}

void OverflowASignedNumber() {
  volatile int largest = INT_MAX;
  largest = largest + 1;
}

void RaceForANumber() {
  int number = 0;
  std::thread other([&] {
    for (int i = 0; i < 100'000; ++i) ++number;
  });
  for (int i = 0; i < 100'000; ++i) ++number;
  other.join();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "address") ReadPastTheEnd();
  if (what == "undefined") OverflowASignedNumber();
  if (what == "thread") RaceForANumber();
  return 0;
}
