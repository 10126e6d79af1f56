# A README shows a program word for word, in a ```cpp block that holds the whole file. Run as
#     cmake -DREADME=<file> -DEXAMPLE=<file> -P readme_example.cmake
cmake_minimum_required(VERSION 3.25)

file(READ ${README} readme)
file(READ ${EXAMPLE} example)
string(FIND "${readme}" "```cpp\n${example}```\n" at)
if(at EQUAL -1)
  message(FATAL_ERROR "${README} does not show ${EXAMPLE} as it is: copy the file between ```cpp and ```")
endif()
