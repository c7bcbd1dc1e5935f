#include "streamer/package/xml.hpp"

namespace carrel::streamer {

XmlWriter::Scope::Scope(XmlWriter& writer, std::string_view name) : writer_(writer), name_(name) {
  writer_.begin_line();
  writer_.text_.append("<").append(name);
  writer_.in_tag_ = true;
  ++writer_.depth_;
}

XmlWriter::Scope::~Scope() {
  --writer_.depth_;
  if (writer_.in_tag_) {
    writer_.text_ += "/>\n";
    writer_.in_tag_ = false;
    return;
  }
  writer_.begin_line();
  writer_.text_.append("</").append(name_).append(">\n");
}

XmlWriter::Scope& XmlWriter::Scope::attribute(std::string_view name, std::string_view value) {
  writer_.text_.append(" ").append(name).append("=\"");
  writer_.escaped(value);
  writer_.text_ += '"';
  return *this;
}

void XmlWriter::text_element(std::string_view name, std::string_view content) {
  begin_line();
  text_.append("<").append(name).append(">");
  escaped(content);
  text_.append("</").append(name).append(">\n");
}

void XmlWriter::begin_line() {
  if (in_tag_) text_ += ">\n";
  in_tag_ = false;
  text_.append(2 * depth_, ' ');
}

void XmlWriter::escaped(std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case '&': text_ += "&amp;"; break;
      case '<': text_ += "&lt;"; break;
      case '>': text_ += "&gt;"; break;
      case '"': text_ += "&quot;"; break;
      default: text_ += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
  }
}

}  // namespace carrel::streamer
