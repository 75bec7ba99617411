# events_daemon(<name> CORE <core library> SOURCES ...)
#
# A daemon is a core library, which the tests link, and an executable that is main.cpp alone.
function(events_daemon name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "CORE" "SOURCES")
  add_library(${arg_CORE} STATIC ${arg_SOURCES})
  target_include_directories(${arg_CORE} PUBLIC ${CMAKE_SOURCE_DIR}/services)
  target_link_libraries(${arg_CORE} PUBLIC common PRIVATE events_options)
  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE ${arg_CORE} events_registered_sources events_options)
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  events_install_example(${name})
endfunction()

# events_collector(<name> <source> <port>)
#
# A collector has no code of its own: it is the description of its source (libs/common/sources),
# whose `collector` is <name>, and the port that it listens on by default. Each stands in a
# services/*/CMakeLists.txt on a line of its own: scripts and tests read them there (scripts/lib.sh).
function(events_collector name source port)
  add_executable(${name} ${CMAKE_SOURCE_DIR}/libs/common/service/collector_main.cpp)
  target_compile_definitions(${name} PRIVATE
    EVENTS_COLLECTOR_SOURCE="${source}" EVENTS_COLLECTOR_PORT=${port})
  target_link_libraries(${name} PRIVATE common events_registered_sources events_options)
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  events_install_example(${name})
endfunction()

function(events_install_example name)
  set(example ${CMAKE_CURRENT_SOURCE_DIR}/.env.example)
  if(NOT EXISTS ${example})
    set(example ${CMAKE_SOURCE_DIR}/.env.${name}.example)  # the publisher's stands at the top
  endif()
  install(FILES ${example} DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME ${name}.env.example)
endfunction()
