# The house test must fail where it should: a small house with one mistake at a time, each of which it must name.
# Run as: cmake -DSCRATCH=<folder> -P house_catches.cmake
cmake_minimum_required(VERSION 3.25)

function(expect name mistake file content)
  file(REMOVE_RECURSE ${SCRATCH})
  foreach(room base modem/at modem/driver store sim)
    set(folder ${SCRATCH}/src/${room})
    if(room MATCHES "^modem")
      set(folder ${SCRATCH}/${room})
    endif()
    file(WRITE ${folder}/plain.h "// A file.\n#include \"base/plain.h\"\n")
  endforeach()
  file(WRITE ${SCRATCH}/rooms.txt "base:\nmodem/at:\nmodem/driver: modem/at\nstore:\nsim:\n")
  if(file)
    file(WRITE ${SCRATCH}/${file} "${content}")
  endif()
  execute_process(COMMAND ${CMAKE_COMMAND} -DROOT=${SCRATCH} -DROOMS=${SCRATCH}/rooms.txt
                          -P ${CMAKE_CURRENT_LIST_DIR}/house_test.cmake
                  RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out)
  string(REGEX REPLACE "[ \n]+" " " out "${out}")
  string(FIND "${out}" "${mistake}" found)
  if(mistake AND (status EQUAL 0 OR found EQUAL -1))
    message(FATAL_ERROR "${name}: not noticed (\"${mistake}\"): ${out}")
  elseif(NOT mistake AND NOT status EQUAL 0)
    message(FATAL_ERROR "${name}: ${out}")
  endif()
endfunction()

expect("a straight house" "" "" "")
expect("an arrow upward" "base may not know store" src/base/bad.h "// Bad.\n#include \"store/plain.h\"\n")
expect("an arrow between floors" "modem/at may not know modem/driver" modem/at/bad.h
       "// Bad.\n#include \"modem/driver/plain.h\"\n")
expect("the simulator used by a room" "store may not know sim" src/store/bad.cpp "// Bad.\n#include \"sim/plain.h\"\n")
expect("a room that nobody named" "src/attic/bad.h: stands in no room" src/attic/bad.h "// Bad.\n")
expect("an include that is not from the roots" "that is no room" src/store/bad.h "// Bad.\n#include \"plain.h\"\n")
expect("a file that says nothing of itself" "does not open with what it is" src/store/bad.h "#pragma once\n")
file(REMOVE_RECURSE ${SCRATCH})
