# Every target of the project links events_options; nothing is set globally but the sanitizers,
# which must reach every object of a program.
add_library(events_options INTERFACE)

target_compile_options(events_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wcast-align -Wunused
  $<$<BOOL:${EVENTS_WARNINGS_AS_ERRORS}>:-Werror>)

if(EVENTS_SANITIZE)
  add_compile_options(-fsanitize=${EVENTS_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${EVENTS_SANITIZE})
  if(EVENTS_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  # GCC 12 reports false positives of these from inlined library code in sanitized builds.
  target_compile_options(events_options INTERFACE
    -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
  if(EVENTS_SANITIZE STREQUAL "thread")
    target_compile_options(events_options INTERFACE -Wno-tsan)
  endif()
endif()
