# How tests are registered. Labels: unit, integration (a real Docker Engine), e2e (a real browser), fuzz,
# soak (minutes each, only when asked for).

# carrel_unit_test(NAME [TIMEOUT seconds] SOURCES … LIBS …): one executable, one ctest entry labelled "unit".
function(carrel_unit_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LIBS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE carrel_test_main ${arg_LIBS})
  add_test(NAME ${name} COMMAND ${name})
  # The fast ones first.
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT ${arg_TIMEOUT} COST 1000)
endfunction()

# What a test outside the build tree needs to find it.
set(CARREL_TEST_ENVIRONMENT "CARREL_BUILD_DIR=${CMAKE_BINARY_DIR}" "CARREL_SOURCE_DIR=${CMAKE_SOURCE_DIR}")

# carrel_integration_test(NAME FILE [TIMEOUT seconds] [BESIDE_OTHERS]): a Python unittest file, alone on the machine while it
# runs unless it watches no clock and counts no sandboxes.
function(carrel_integration_test name file)
  cmake_parse_arguments(arg "BESIDE_OTHERS" "TIMEOUT" "" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  cmake_path(ABSOLUTE_PATH file NORMALIZE)
  cmake_path(GET file PARENT_PATH folder)
  # -B: no __pycache__ in the sources.
  add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} -B ${file} -v WORKING_DIRECTORY ${folder})
  set_tests_properties(${name} PROPERTIES LABELS integration TIMEOUT ${arg_TIMEOUT} ENVIRONMENT "${CARREL_TEST_ENVIRONMENT}")
  if(NOT arg_BESIDE_OTHERS)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()
