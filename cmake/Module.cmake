# A module is one folder under src/: one namespace, one static library, one idea.
#
#   telltale_module(wal
#     DEPENDS base            # other modules: what its files may include
#     EXTERNAL ZLIB::ZLIB     # libraries that are not ours
#     SOURCES log.cc          # listed, never globbed
#     TESTS log_test.cc       # together they are the ctest `wal_test`
#     FUZZERS record_fuzz.cc) # one libFuzzer binary each, only with TELLTALE_FUZZ
#
# tools/check_layers.py reads DEPENDS and refuses an include that it does not name.
function(telltale_module name)
  cmake_parse_arguments(M "" "" "DEPENDS;EXTERNAL;SOURCES;TESTS;TEST_EXTERNAL;FUZZERS;BENCHES" ${ARGN})

  add_library(telltale_${name} STATIC ${M_SOURCES})
  target_include_directories(telltale_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/generated)
  list(TRANSFORM M_DEPENDS PREPEND telltale_ OUTPUT_VARIABLE modules)
  target_link_libraries(telltale_${name} PUBLIC ${modules} ${M_EXTERNAL} Threads::Threads)

  if(TELLTALE_DEVELOPER_MODE AND M_TESTS)
    add_executable(${name}_test ${M_TESTS})
    target_link_libraries(${name}_test PRIVATE telltale_${name} GTest::gtest_main ${M_TEST_EXTERNAL})
    add_test(NAME ${name}_test COMMAND ${name}_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  endif()

  if(TELLTALE_DEVELOPER_MODE)
    foreach(bench ${M_BENCHES})
      get_filename_component(stem ${bench} NAME_WE)
      add_executable(${stem} ${bench})
      target_link_libraries(${stem} PRIVATE telltale_${name} benchmark::benchmark_main)
    endforeach()
  endif()

  if(TELLTALE_FUZZ)
    foreach(fuzzer ${M_FUZZERS})
      get_filename_component(stem ${fuzzer} NAME_WE)
      add_executable(${stem} ${fuzzer})
      target_link_libraries(${stem} PRIVATE telltale_${name} ${M_TEST_EXTERNAL})
      target_link_options(${stem} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endfunction()
