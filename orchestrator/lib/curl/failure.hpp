#pragma once

#include <curl/curl.h>

#include <string_view>

#include "orchestrator/lib/curl/http.hpp"

namespace carrel::curl {

/// A failure from libcurl's result, the errno of the connect (0: none) and the text of CURLOPT_ERRORBUFFER.
[[nodiscard]] Failure failure_of(CURLcode code, int os_errno, std::string_view text);

}  // namespace carrel::curl
