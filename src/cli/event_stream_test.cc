#include "cli/event_stream.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

// "name=data name=data"
std::string Read(EventStream& stream, std::string_view bytes) {
  std::string text;
  for (const ServerEvent& event : stream.ReadUntrusted(bytes))
    text += (text.empty() ? "" : " ") + event.name + "=" + event.data;
  return text;
}

TEST(EventStreamTest, AnEventIsGivenOnceItsBlankLineCame) {
  const std::string bytes =
      ": hello\nretry: 5\n\nid: 1\nevent: trace\ndata: {}\n\nid: 2\r\nevent: x\r\ndata:a\r\ndata: b\r\n\r\n";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    EventStream stream;
    std::string text = Read(stream, std::string_view(bytes).substr(0, cut));
    const std::string more = Read(stream, std::string_view(bytes).substr(cut));
    text += (text.empty() || more.empty() ? "" : " ") + more;
    EXPECT_EQ(text, "trace={} x=a\nb") << cut;
    EXPECT_EQ(stream.last_id(), "2");
  }
}

TEST(EventStreamTest, AnIdCountsWithItsEventAndWithoutDataToo) {
  EventStream stream;
  EXPECT_EQ(Read(stream, "id: 7\n: \n\nid: 8\ndata: cut"), "");
  EXPECT_EQ(stream.last_id(), "7");
}

}  // namespace
}  // namespace telltale
