# Compiler flags, the linker and the compiler cache: the same for every target.

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers)
if(TELLTALE_DEVELOPER_MODE)
  add_compile_options(-Werror)
endif()

# Assertions of the standard library are cheap next to what they catch.
add_compile_definitions($<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

set(TELLTALE_SANITIZE "" CACHE STRING "Sanitizers for the whole build: address,undefined | thread")
if(TELLTALE_SANITIZE)
  add_compile_options(-fsanitize=${TELLTALE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TELLTALE_SANITIZE})
endif()
if(TELLTALE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(TELLTALE_LOCK_ANALYSIS)
  add_compile_options(-Wthread-safety -Werror=thread-safety)
endif()
