#include <array>

#include "orchestrator/http/handlers.hpp"
#include "orchestrator/http/handlers_errors.hpp"
#include "orchestrator/http/route.hpp"

namespace carrel::http {
namespace {

constexpr std::array kRoutes{
    Route{Method::post, "/api/v1/auth/login", Permission::anyone, "login", log_in},
    Route{Method::post, "/api/v1/auth/logout", Permission::viewer, "logout", log_out},
    Route{Method::get, "/api/v1/me", Permission::viewer, "me", show_me},
    Route{Method::get, "/api/v1/admin/users", Permission::admin, "admin_users", list_users},
    Route{Method::post, "/api/v1/admin/users", Permission::admin, "admin_users", add_user},
    Route{Method::get, "/api/v1/admin/users/{name}", Permission::admin, "admin_user", show_user},
    Route{Method::patch, "/api/v1/admin/users/{name}", Permission::admin, "admin_user", change_user},
    Route{Method::delete_, "/api/v1/admin/users/{name}", Permission::admin, "admin_user", remove_user},
    Route{Method::get, "/api/v1/admin/sessions", Permission::admin, "admin_sessions", list_sessions},
    Route{Method::delete_, "/api/v1/admin/sessions/{id}", Permission::admin, "admin_session", revoke_session},
    Route{Method::get, "/api/v1/admin/audit", Permission::admin, "admin_audit", list_audit},
    Route{Method::get, "/api/v1/admin/errors", Permission::admin, "admin_errors", list_errors},
    Route{Method::post, "/api/v1/admin/backup", Permission::admin, "admin_backup", make_backup},
    Route{Method::get, "/api/v1/admin/backups", Permission::admin, "admin_backups", list_backups},
    Route{Method::post, "/api/v1/admin/sandboxes/verify", Permission::admin, "admin_verify", verify_sandbox},
    Route{Method::get, "/api/v1/admin/tokens", Permission::admin, "admin_tokens", list_tokens},
    Route{Method::post, "/api/v1/admin/tokens", Permission::admin, "admin_tokens", add_token},
    Route{Method::delete_, "/api/v1/admin/tokens/{name}", Permission::admin, "admin_token", revoke_token},
    Route{Method::get, "/api/v1/admin/config", Permission::admin, "admin_config", show_config},
    Route{Method::get, "/api/v1/admin/log", Permission::admin, "admin_log", show_log_level},
    Route{Method::patch, "/api/v1/admin/log", Permission::admin, "admin_log", change_log_level},
    Route{Method::get, "/api/v1/admin/status", Permission::admin, "admin_status", show_status},
    Route{Method::get, "/api/v1/admin/sandboxes", Permission::admin, "admin_sandboxes", list_sandboxes},
    Route{Method::get, "/api/v1/admin/sandboxes/{id}", Permission::admin, "admin_sandbox", show_sandbox},
    Route{Method::get, "/api/v1/admin/sandboxes/{id}/why", Permission::admin, "admin_sandbox",
          explain_sandbox},
    Route{Method::get, "/api/v1/admin/sandboxes/{id}/logs", Permission::admin, "admin_sandbox_logs",
          show_sandbox_logs},
    Route{Method::post, "/api/v1/admin/sandboxes/{id}/stop", Permission::admin, "admin_sandbox_action",
          stop_sandbox},
    Route{Method::post, "/api/v1/admin/sandboxes/{id}/kill", Permission::admin, "admin_sandbox_action",
          kill_sandbox},
    Route{Method::post, "/api/v1/admin/sandboxes/{id}/pause", Permission::admin, "admin_sandbox_action",
          pause_sandbox},
    Route{Method::post, "/api/v1/admin/sandboxes/{id}/resume", Permission::admin, "admin_sandbox_action",
          resume_sandbox},
    Route{Method::patch, "/api/v1/admin/sandboxes/{id}/limits", Permission::admin, "admin_sandbox_action",
          limit_sandbox},
    Route{Method::get, "/api/v1/admin/pool", Permission::admin, "admin_pool", show_pool},
    Route{Method::patch, "/api/v1/admin/pool", Permission::admin, "admin_pool", resize_pool},
    Route{Method::post, "/api/v1/admin/pool/drain", Permission::admin, "admin_pool", drain_pool},
    Route{Method::post, "/api/v1/admin/gc", Permission::admin, "admin_gc", collect_left_over},
    Route{Method::get, "/api/v1/admin/jobs", Permission::admin, "admin_jobs", list_jobs},
    Route{Method::post, "/api/v1/admin/jobs", Permission::admin, "admin_jobs", add_job},
    Route{Method::get, "/api/v1/admin/jobs/{id}", Permission::admin, "admin_job", show_job},
    Route{Method::patch, "/api/v1/admin/jobs/{id}", Permission::admin, "admin_job", change_job},
    Route{Method::post, "/api/v1/admin/jobs/{id}/cancel", Permission::admin, "admin_job", cancel_job},
    Route{Method::post, "/api/v1/admin/jobs/{id}/retry", Permission::admin, "admin_job", retry_job},
    Route{Method::get, "/api/v1/admin/events", Permission::admin, "events", admin_events},
    Route{Method::get, "/api/v1/events", Permission::viewer, "events", own_events},
    Route{Method::get, "/api/v1/videos", Permission::viewer, "videos", list_videos},
    Route{Method::get, "/api/v1/videos/{id}", Permission::viewer, "video", show_video},
    Route{Method::put, "/api/v1/videos/{id}/position", Permission::viewer, "video_position", keep_position},
    Route{Method::get, "/api/v1/videos/{id}/stream", Permission::viewer, "video_stream", show_stream},
    Route{Method::get, "/api/v1/videos/{id}/qualities", Permission::viewer, "video_qualities",
          show_qualities},
    Route{Method::post, "/api/v1/videos/{id}/convert", Permission::viewer, "video_convert", convert_video},
    Route{Method::get, "/stream/{id}/poster.jpg", Permission::stream, "picture", poster},
    Route{Method::get, "/stream/{id}/thumbnail", Permission::stream, "picture", thumbnail},
    Route{Method::get, "/stream/{id}/sprites.vtt", Permission::stream, "picture", sprite_map},
    Route{Method::get, "/stream/{id}/sprites/{sheet}", Permission::stream, "picture", sprite_sheet},
    Route{Method::get, "/stream/{id}/{resource…}", Permission::stream, "stream", stream},
    Route{Method::get, "/livez", Permission::anyone, "livez", livez},
    Route{Method::get, "/healthz", Permission::anyone, "livez", livez},
    Route{Method::get, "/readyz", Permission::anyone, "readyz", readyz},
    Route{Method::get, "/metrics", Permission::anyone, "metrics", metrics},
    Route{Method::get, "/", Permission::anyone, "page", web_page},
    Route{Method::get, "/login", Permission::anyone, "page", web_page},
    Route{Method::get, "/watch/{id}", Permission::anyone, "page", web_page},
    Route{Method::get, "/{file…}", Permission::anyone, "asset", web_asset},
};

}  // namespace

std::span<const Route> routes() {
  return kRoutes;
}

}  // namespace carrel::http
