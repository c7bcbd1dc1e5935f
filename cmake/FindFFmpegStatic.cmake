# The static FFmpeg that scripts/build-ffmpeg makes, as the imported targets ffmpeg::avformat and ffmpeg::swresample
# with what they need.
if(TARGET ffmpeg::avformat)
  return()
endif()
set(_ffmpeg_root "${CARREL_FFMPEG_ROOT}")
if(NOT _ffmpeg_root)
  set(_ffmpeg_root "${CMAKE_SOURCE_DIR}/.cache/ffmpeg")
endif()

foreach(_lib avformat avcodec swresample avutil)
  if(NOT EXISTS "${_ffmpeg_root}/lib/lib${_lib}.a")
    message(FATAL_ERROR
      "There is no static FFmpeg in ${_ffmpeg_root} (lib${_lib}.a is missing). "
      "Run scripts/build-ffmpeg, or set CARREL_FFMPEG_ROOT to the prefix of one.")
  endif()
  add_library(ffmpeg::${_lib} STATIC IMPORTED)
  set_target_properties(ffmpeg::${_lib} PROPERTIES
    IMPORTED_LOCATION "${_ffmpeg_root}/lib/lib${_lib}.a"
    INTERFACE_INCLUDE_DIRECTORIES "${_ffmpeg_root}/include"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${_ffmpeg_root}/include")
endforeach()

find_package(Threads REQUIRED)
set_property(TARGET ffmpeg::avutil PROPERTY INTERFACE_LINK_LIBRARIES Threads::Threads m)
set_property(TARGET ffmpeg::swresample PROPERTY INTERFACE_LINK_LIBRARIES ffmpeg::avutil)
set_property(TARGET ffmpeg::avcodec PROPERTY INTERFACE_LINK_LIBRARIES ffmpeg::swresample ffmpeg::avutil)
set_property(TARGET ffmpeg::avformat PROPERTY INTERFACE_LINK_LIBRARIES ffmpeg::avcodec)
