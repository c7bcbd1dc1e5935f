#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "orchestrator/lib/curl/http.hpp"
#include "orchestrator/lib/curl/sink.hpp"

namespace carrel::curl {

/// One easy handle with all it points into. Lives on the loop's thread.
class Transfer {
 public:
  using Clock = std::chrono::steady_clock;

  Transfer(Request request, std::unique_ptr<Sink> sink);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Null when libcurl gave none (out of memory).
  [[nodiscard]] CURL* handle() const noexcept { return easy_.get(); }
  /// The transfer behind a handle that libcurl names.
  [[nodiscard]] static Transfer* of(CURL* easy) noexcept;

  /// When the head must have come; none when it has, or may take any time.
  [[nodiscard]] std::optional<Clock::time_point> head_deadline() const noexcept;
  void resume() noexcept;
  /// Tells the sink; call once, after the handle left the multi handle.
  void finish(CURLcode code);
  void finish(Failure failure);

 private:
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  std::size_t take_body(std::string_view bytes);
  bool take_header(std::string_view line);
  void set_options();

  struct EasyFree {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
  };
  struct ListFree {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };

  Request request_;
  std::unique_ptr<Sink> sink_;
  Clock::time_point started_ = Clock::now();
  std::string url_;
  std::unique_ptr<curl_slist, ListFree> headers_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  Response response_;
  std::size_t head_bytes_ = 0;
  bool head_done_ = false;
  bool too_large_ = false;
  std::unique_ptr<CURL, EasyFree> easy_;  // last: freed before what it points into
};

}  // namespace carrel::curl
