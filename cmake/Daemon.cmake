# events_daemon(<name> CORE <core library> SOURCES ...)
#
# A daemon is a core library, which the tests link, and an executable that is main.cpp alone.
function(events_daemon name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "CORE" "SOURCES")
  add_library(${arg_CORE} STATIC ${arg_SOURCES})
  target_include_directories(${arg_CORE} PUBLIC ${CMAKE_SOURCE_DIR}/services)
  target_link_libraries(${arg_CORE} PUBLIC common PRIVATE events_options)
  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE ${arg_CORE} events_options)
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  set(example ${CMAKE_CURRENT_SOURCE_DIR}/.env.example)
  if(NOT EXISTS ${example})
    set(example ${CMAKE_SOURCE_DIR}/.env.${name}.example)  # the publisher's stands at the top
  endif()
  install(FILES ${example} DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME ${name}.env.example)
endfunction()

# events_collector(<name> <source> <port>)
#
# The daemon that stores a source's events. Each stands in a services/*/CMakeLists.txt on a line of its
# own: scripts and tests read the collectors' names, sources and ports there (scripts/lib.sh).
function(events_collector name source port)
  string(REPLACE "-" "_" core ${name}_core)
  events_daemon(${name} CORE ${core} SOURCES ${source}_store.cpp)
endfunction()
