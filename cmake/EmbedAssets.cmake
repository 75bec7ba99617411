# embed_assets(<target> <folder> <namespace>)
#
# Adds a source to the target, whose <namespace>::embedded_assets() gives every file of the folder that a browser loads: its content,
# the same packed with gzip, its type, and the SHA-256 of its content. index.html is served as /,
# name.html as /name, everything else by its path in the folder. Files of another kind are refused,
# but for those of vendor/ (licences, checksums), which are left out.
#
# The files are globbed, as the migrations are. A new, changed or removed file makes the next build
# configure again; its hash stands in the source, so that is compiled anew. The bytes come in by
# .incbin: as an array of numbers they would take the compiler minutes.
function(embed_assets target folder namespace)
  find_program(GZIP_PROGRAM gzip REQUIRED)
  set(type_html "text/html; charset=utf-8")
  set(type_css "text/css; charset=utf-8")
  set(type_js "text/javascript; charset=utf-8")
  set(type_json "application/json")
  set(type_svg "image/svg+xml")

  set(packed ${CMAKE_CURRENT_BINARY_DIR}/assets)
  file(MAKE_DIRECTORY ${packed})
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*)
  list(SORT files)
  set(count 0)
  set(assembly "")
  set(symbols "")
  set(entries "")
  foreach(file IN LISTS files)
    cmake_path(GET file EXTENSION LAST_ONLY extension)
    string(REPLACE "." "" extension "${extension}")
    if(NOT DEFINED type_${extension} OR extension STREQUAL "")
      if(file MATCHES "^vendor/")
        continue()
      endif()
      message(FATAL_ERROR "${folder}/${file}: no content type is known for this file")
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${file})
    file(SHA256 ${folder}/${file} hash)
    set(gzip ${packed}/${hash}.gz)
    if(NOT EXISTS ${gzip})
      execute_process(COMMAND ${GZIP_PROGRAM} -9 -n -c INPUT_FILE ${folder}/${file}
                      OUTPUT_FILE ${gzip}.new COMMAND_ERROR_IS_FATAL ANY)
      file(RENAME ${gzip}.new ${gzip})
    endif()
    string(REGEX REPLACE "^(index)?(.*)\\.html$" "\\2" path "${file}")
    string(APPEND assembly
      "asset_${count}: .incbin \"${folder}/${file}\"\n"
      "asset_${count}_gzip: .incbin \"${gzip}\"\n"
      "asset_${count}_end: .byte 0\n")
    foreach(part IN ITEMS "" _gzip _end)
      string(APPEND symbols "extern const char asset_${count}${part}[] asm(\"asset_${count}${part}\");\n")
    endforeach()
    string(APPEND entries
      "    {\"/${path}\", \"${type_${extension}}\", \"${hash}\",\n"
      "     {asset_${count}, asset_${count}_gzip}, {asset_${count}_gzip, asset_${count}_end}},\n")
    math(EXPR count "${count} + 1")
  endforeach()

  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded_assets.cpp)
  file(WRITE ${source}.new
"#include \"common/http/assets.hpp\"

#include <span>

asm(R\"~(
.pushsection .rodata
${assembly}.popsection
)~\");

namespace ${namespace} {
namespace {

${symbols}
const events::http::Asset kAssets[] = {
${entries}};

}  // namespace

std::span<const events::http::Asset> embedded_assets() noexcept;
std::span<const events::http::Asset> embedded_assets() noexcept {
    return kAssets;
}

}  // namespace ${namespace}
")
  # Only when it differs: an equal file is not compiled again.
  file(COPY_FILE ${source}.new ${source} ONLY_IF_DIFFERENT)
  target_sources(${target} PRIVATE ${source})
endfunction()
