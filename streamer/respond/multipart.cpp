#include "streamer/respond/multipart.hpp"

namespace carrel::streamer {

std::string content_range(const Span& span, std::uint64_t size) {
  return "bytes " + std::to_string(span.first) + "-" + std::to_string(span.last) + "/" + std::to_string(size);
}

Multipart make_multipart(const Pieces& whole, const std::string& part_type, const std::string& etag,
                         const std::vector<Span>& spans) {
  const std::uint64_t size = total_bytes(whole);
  const std::string boundary = "carrel-" + etag;
  Multipart multipart;
  multipart.content_type = "multipart/byteranges; boundary=" + boundary;
  std::string delimiter = "--" + boundary + "\r\n";
  for (const Span& span : spans) {
    multipart.body.emplace_back(delimiter + "Content-Type: " + part_type +
                                "\r\nContent-Range: " + content_range(span, size) + "\r\n\r\n");
    append_slice(multipart.body, whole, span.first, span.length());
    delimiter = "\r\n--" + boundary + "\r\n";
  }
  multipart.body.emplace_back("\r\n--" + boundary + "--\r\n");
  return multipart;
}

}  // namespace carrel::streamer
