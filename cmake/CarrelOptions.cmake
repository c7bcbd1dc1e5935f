# What every target of the project is compiled with.
add_library(carrel_options INTERFACE)
target_include_directories(carrel_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(carrel_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wconversion -Wno-sign-conversion -Wimplicit-fallthrough -Werror
  -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms: on "literal" + std::string when optimising (GCC bug 105651), and on the frames of Asio's coroutines.
  target_compile_options(carrel_options INTERFACE -Wno-restrict -Wno-mismatched-new-delete)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++'s own std::stable_sort uses what C++17 deprecated, and clang says so of each use.
  target_compile_options(carrel_options INTERFACE -Wno-deprecated-declarations)
endif()
target_compile_definitions(carrel_options INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
target_compile_options(carrel_options INTERFACE -fstack-protector-strong)

if(CARREL_SANITIZE)
  add_compile_options(-fsanitize=${CARREL_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CARREL_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumented code confuses g++'s analysis of optional values; its manual says so of -Wmaybe-uninitialized.
    target_compile_options(carrel_options INTERFACE -Wno-maybe-uninitialized)
  endif()
  if(CARREL_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio's fences are not modelled by g++'s TSan; the warning says so for each use.
    add_compile_options(-Wno-tsan)
  endif()
endif()

if(CARREL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # what guides the fuzzers, in every library
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
