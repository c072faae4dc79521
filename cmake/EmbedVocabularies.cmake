# Puts the vocabularies of .cache/vocabularies (./dev fetches them) into the binary: each
# packed and compressed, one assembly file that includes their bytes, one table of them
# (tokenizer/vocabularies.inc). Those that are absent are not in the table: counting with
# them then says so.
function(telltale_embed_vocabularies out)
  set(folder ${PROJECT_BINARY_DIR}/generated/tokenizer)
  file(GLOB files CONFIGURE_DEPENDS 
    ${PROJECT_SOURCE_DIR}/.cache/vocabularies/*.tiktoken ${PROJECT_SOURCE_DIR}/.cache/vocabularies/*.json)

  add_executable(pack_vocabularies ${PROJECT_SOURCE_DIR}/tools/pack_vocabularies.cc)
  target_link_libraries(pack_vocabularies PRIVATE PkgConfig::ZSTD nlohmann_json::nlohmann_json)
  add_custom_command(
    OUTPUT ${folder}/vocabularies.S ${folder}/vocabularies.inc
    COMMAND pack_vocabularies ${folder} ${files}
    DEPENDS pack_vocabularies ${files})
  set(${out} ${folder}/vocabularies.S ${folder}/vocabularies.inc PARENT_SCOPE)
endfunction()
