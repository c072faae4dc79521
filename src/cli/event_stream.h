// Reads server-sent events out of bytes as they come (WHATWG HTML, 9.2).
//
//   EventStream stream;
//   for (const ServerEvent& event : stream.ReadUntrusted(piece)) Show(event.name, event.data);
//
// Thread safety  One thread at a time.
// Failure        None: what is no event is left out.
// Limits         kLineBytesMax of a line; the rest of a longer one is lost.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace telltale {

struct ServerEvent {
  std::string name;
  std::string data;
};

class EventStream {
 public:
  static constexpr size_t kLineBytesMax = 16u << 20;

  std::vector<ServerEvent> ReadUntrusted(std::string_view bytes);
  // Of the last event, or where the stream said that it stands; empty: it never did.
  const std::string& last_id() const { return last_id_; }

 private:
  void TakeLine(std::string_view line, std::vector<ServerEvent>& events);

  std::string line_;
  std::string id_;  // becomes the last one with its event
  std::string last_id_;
  ServerEvent event_;
  bool has_data_ = false;
};

}  // namespace telltale
