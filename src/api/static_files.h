// The web UI's files, from memory: a table that the build made, or none.
//
//   StaticFiles files(UiFiles());
//   HttpResponse response = files.Answer(request);
//
// A path that is not a file is a page of the application in the browser, so it gets
// index.html; only below /assets/ it is 404, because there a page instead of a script
// would hide that the browser holds an old index.html.
//
// Ownership      Views must live as long as the process.
// Thread safety  Safe after construction.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace telltale {

struct StaticFile {
  std::string_view path;  // "/index.html"
  std::string_view content_type;
  std::string_view bytes;
  std::string_view gzip;   // empty: there is no compressed form
  bool immutable = false;  // the name changes with the content
};

class StaticFiles {
 public:
  explicit StaticFiles(const std::vector<StaticFile>& files);

  HttpResponse Answer(const HttpRequest& request) const;

 private:
  struct Entry {
    StaticFile file;
    std::string tag;  // of the content, without quotes
  };

  const Entry* Find(std::string_view path) const;

  std::map<std::string_view, Entry, std::less<>> files_;
};

}  // namespace telltale
