// The files of the web UI that were built into this program (cmake/EmbedWeb.cmake).
#pragma once

#include <vector>

#include "api/static_files.h"

namespace telltale {

// Empty when the UI had not been built.
std::vector<StaticFile> UiFiles();

}  // namespace telltale
