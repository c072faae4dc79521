#include "cli/event_stream.h"

#include <utility>

namespace telltale {

std::vector<ServerEvent> EventStream::ReadUntrusted(std::string_view bytes) {
  std::vector<ServerEvent> events;
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (line_.size() < kLineBytesMax) line_ += piece.substr(0, kLineBytesMax - line_.size());
    if (end == std::string_view::npos) break;
    bytes.remove_prefix(end + 1);
    std::string line = std::exchange(line_, {});
    if (line.ends_with('\r')) line.pop_back();
    TakeLine(line, events);
  }
  return events;
}

void EventStream::TakeLine(std::string_view line, std::vector<ServerEvent>& events) {
  if (line.empty()) {
    last_id_ = id_;
    if (std::exchange(has_data_, false)) events.push_back(std::move(event_));
    event_ = {};
    return;
  }
  const size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") {
    event_.name = value;
  } else if (field == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  } else if (field == "id" && value.find('\0') == std::string_view::npos) {
    id_ = value;
  }
}

}  // namespace telltale
