# The static FFmpeg that scripts/build-ffmpeg makes, as the imported targets ffmpeg::avformat and ffmpeg::swresample
# with what they need.
if(TARGET ffmpeg::avformat)
  return()
endif()
set(_ffmpeg_root "${CARREL_FFMPEG_ROOT}")
if(NOT _ffmpeg_root)
  set(_ffmpeg_root "${CMAKE_SOURCE_DIR}/.cache/ffmpeg")
endif()
include(FFmpegLibraries)
carrel_ffmpeg_libraries(ffmpeg "${_ffmpeg_root}" streamer avformat avcodec swresample avutil)

find_package(Threads REQUIRED)
find_library(_zlib NAMES libz.a REQUIRED)
set_property(TARGET ffmpeg::avutil PROPERTY INTERFACE_LINK_LIBRARIES Threads::Threads m)
set_property(TARGET ffmpeg::swresample PROPERTY INTERFACE_LINK_LIBRARIES ffmpeg::avutil)
set_property(TARGET ffmpeg::avcodec PROPERTY INTERFACE_LINK_LIBRARIES ffmpeg::swresample ffmpeg::avutil ${_zlib})
set_property(TARGET ffmpeg::avformat PROPERTY INTERFACE_LINK_LIBRARIES ffmpeg::avcodec ${_zlib})
