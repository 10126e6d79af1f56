# pigeon_room(name SOURCES … LINKS …): one room of the house as a static library `pigeon_<name>`.
# Warnings are errors in our presets only (CMAKE_COMPILE_WARNING_AS_ERROR): never for who packages the program.
add_library(pigeon_options INTERFACE)
target_compile_options(pigeon_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual>
  # g++ 12 sees "+" + std::string overlap itself at -O3 (GCC's bug 105651, gone in 13).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
target_include_directories(pigeon_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(pigeon_options INTERFACE tl::expected Threads::Threads)

function(pigeon_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS" ${ARGN})
  add_library(pigeon_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(pigeon_${name} PUBLIC pigeon_options ${ROOM_LINKS})
endfunction()
