# Every target of the project links events_options; nothing is set globally but the sanitizers,
# which must reach every object of a program.
add_library(events_options INTERFACE)

target_compile_options(events_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wcast-align -Wunused
  $<$<BOOL:${EVENTS_WARNINGS_AS_ERRORS}>:-Werror>)

if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Sources are included there, as headers are, and a coroutine's frame may hold what is anonymous.
  target_compile_options(events_options INTERFACE -Wno-subobject-linkage)
endif()

if(EVENTS_SANITIZE)
  add_compile_options(-fsanitize=${EVENTS_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${EVENTS_SANITIZE})
  if(EVENTS_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  # GCC 12 reports false positives of these from inlined library code in sanitized builds.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(events_options INTERFACE
      -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
  endif()
  if(EVENTS_SANITIZE STREQUAL "thread")
    target_compile_options(events_options INTERFACE -Wno-tsan)
  endif()
endif()

if(EVENTS_FUZZ)
  # The library's own assertions find what a sanitizer does not: an index behind a string's end. What
  # -fsanitize=function puts in front of a function breaks Clang 14's coroutines.
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize=function -D_GLIBCXX_ASSERTIONS)
endif()
