# embed_migrations(<target> <folder>)
#
# Adds a source to the target that holds every NNNN_name.sql of the folder, by number, with the
# SHA-256 of its bytes. The files are globbed, against the project's habit: a migration that
# somebody forgot to list would be missing in the binary without a word. A new, changed or removed
# file makes the next build configure again.
function(embed_migrations target folder)
  file(GLOB files CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*.sql)
  list(SORT files)  # four digits each, so by name is by number
  set(numbers "")
  set(entries "")
  foreach(file IN LISTS files)
    if(NOT file MATCHES "^([0-9][0-9][0-9][0-9])_[a-z0-9_]+\\.sql$")
      message(FATAL_ERROR "${folder}/${file}: a migration is named NNNN_name.sql")
    endif()
    set(number ${CMAKE_MATCH_1})
    if(number IN_LIST numbers)
      message(FATAL_ERROR "${folder}/${file}: there is another migration ${number}")
    endif()
    list(APPEND numbers ${number})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${file})
    file(READ ${folder}/${file} sql)
    file(SHA256 ${folder}/${file} checksum)
    string(REGEX REPLACE "^0+([0-9])" "\\1" number ${number})  # 0010 would be octal
    string(APPEND entries
      "    Migration{${number}, \"${file}\", R\"~sql~(${sql})~sql~\",\n              \"${checksum}\"},\n")
  endforeach()
  list(LENGTH files count)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded_migrations.cpp)
  file(WRITE ${source}.new
"#include \"common/postgres/migrations.hpp\"

#include <array>

namespace events::postgres {
namespace {

constexpr std::array<Migration, ${count}> kMigrations{{
${entries}}};

}  // namespace

std::span<const Migration> embedded_migrations() noexcept {
    return kMigrations;
}

}  // namespace events::postgres
")
  # Only when it differs: an equal file is not compiled again.
  file(COPY_FILE ${source}.new ${source} ONLY_IF_DIFFERENT)
  target_sources(${target} PRIVATE ${source})
endfunction()
