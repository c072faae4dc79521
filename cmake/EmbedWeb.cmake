# Puts the files of web/dist into the binary: one assembly file that includes their
# bytes, and one table of them (cmd/ui_files.inc). Without a built UI the table is empty
# and the server says at / how to build it.
function(telltale_embed_web out)
  set(folder ${PROJECT_BINARY_DIR}/generated/cmd)
  set(assembly ${folder}/ui_files.S)
  set(table ${folder}/ui_files.inc)
  add_custom_command(
    OUTPUT ${assembly} ${table}
    COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/tools/embed_web.py
            ${PROJECT_SOURCE_DIR}/web/dist ${assembly} ${table}
    DEPENDS ${PROJECT_SOURCE_DIR}/tools/embed_web.py $<$<BOOL:${TELLTALE_WEB}>:${PROJECT_SOURCE_DIR}/web/dist/index.html>)
  set(${out} ${assembly} ${table} PARENT_SCOPE)
endfunction()
