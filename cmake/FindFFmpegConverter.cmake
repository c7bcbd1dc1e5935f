# The static FFmpeg that 'scripts/build-ffmpeg converter' makes, and the distribution's static libx264, as the imported
# targets ffmpeg_converter::avfilter and ffmpeg_converter::x264 with what they need.
if(TARGET ffmpeg_converter::avfilter)
  return()
endif()
set(_root "${CARREL_FFMPEG_CONVERTER_ROOT}")
if(NOT _root)
  set(_root "${CMAKE_SOURCE_DIR}/.cache/ffmpeg-converter")
endif()

include(FFmpegLibraries)
carrel_ffmpeg_libraries(ffmpeg_converter "${_root}" converter avfilter swscale avcodec avutil dav1d)

find_package(Threads REQUIRED)
find_library(_zlib NAMES libz.a REQUIRED)
set_property(TARGET ffmpeg_converter::avutil PROPERTY INTERFACE_LINK_LIBRARIES Threads::Threads m)
set_property(TARGET ffmpeg_converter::dav1d PROPERTY INTERFACE_LINK_LIBRARIES Threads::Threads ${CMAKE_DL_LIBS})
set_property(TARGET ffmpeg_converter::swscale PROPERTY INTERFACE_LINK_LIBRARIES ffmpeg_converter::avutil)
set_property(TARGET ffmpeg_converter::avcodec PROPERTY INTERFACE_LINK_LIBRARIES
             ffmpeg_converter::avutil ffmpeg_converter::dav1d ${_zlib})
set_property(TARGET ffmpeg_converter::avfilter PROPERTY INTERFACE_LINK_LIBRARIES
             ffmpeg_converter::swscale ffmpeg_converter::avcodec)

find_path(X264_INCLUDE_DIR x264.h REQUIRED)
find_library(X264_LIBRARY NAMES libx264.a REQUIRED)
add_library(ffmpeg_converter::x264 STATIC IMPORTED)
set_target_properties(ffmpeg_converter::x264 PROPERTIES
  IMPORTED_LOCATION "${X264_LIBRARY}"
  INTERFACE_INCLUDE_DIRECTORIES "${X264_INCLUDE_DIR}")
set_property(TARGET ffmpeg_converter::x264 PROPERTY INTERFACE_LINK_LIBRARIES Threads::Threads m ${CMAKE_DL_LIBS})
