# carrel_ffmpeg_libraries(NAMESPACE ROOT FLAVOUR LIB…): the static libraries that 'scripts/build-ffmpeg FLAVOUR' made in
# ROOT, as the imported targets NAMESPACE::LIB.
function(carrel_ffmpeg_libraries namespace root flavour)
  foreach(lib ${ARGN})
    if(NOT EXISTS "${root}/lib/lib${lib}.a")
      message(FATAL_ERROR
        "There is no static FFmpeg for the ${flavour} in ${root} (lib${lib}.a is missing). "
        "Run scripts/build-ffmpeg, or set CARREL_FFMPEG_ROOT and CARREL_FFMPEG_CONVERTER_ROOT to the prefixes of such.")
    endif()
    add_library(${namespace}::${lib} STATIC IMPORTED)
    set_target_properties(${namespace}::${lib} PROPERTIES
      IMPORTED_LOCATION "${root}/lib/lib${lib}.a"
      INTERFACE_INCLUDE_DIRECTORIES "${root}/include"
      INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${root}/include")
  endforeach()
endfunction()
