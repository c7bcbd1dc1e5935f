#pragma once

#include <boost/asio/awaitable.hpp>

#include "orchestrator/http/message.hpp"
#include "orchestrator/http/services.hpp"

/// One function per route; each file beside this one holds those of one resource.
namespace carrel::http {

using AsyncReply = boost::asio::awaitable<Reply>;

AsyncReply log_in(Services& services, const Request& request);
AsyncReply log_out(Services& services, const Request& request);
AsyncReply show_me(Services& services, const Request& request);

AsyncReply list_users(Services& services, const Request& request);
AsyncReply show_user(Services& services, const Request& request);
AsyncReply add_user(Services& services, const Request& request);
AsyncReply change_user(Services& services, const Request& request);
AsyncReply remove_user(Services& services, const Request& request);

AsyncReply list_sessions(Services& services, const Request& request);
AsyncReply revoke_session(Services& services, const Request& request);

AsyncReply list_audit(Services& services, const Request& request);

AsyncReply make_backup(Services& services, const Request& request);
AsyncReply list_backups(Services& services, const Request& request);

AsyncReply show_status(Services& services, const Request& request);

AsyncReply list_sandboxes(Services& services, const Request& request);
AsyncReply show_sandbox(Services& services, const Request& request);
AsyncReply explain_sandbox(Services& services, const Request& request);
AsyncReply show_sandbox_logs(Services& services, const Request& request);
AsyncReply stop_sandbox(Services& services, const Request& request);
AsyncReply kill_sandbox(Services& services, const Request& request);
AsyncReply pause_sandbox(Services& services, const Request& request);
AsyncReply resume_sandbox(Services& services, const Request& request);
AsyncReply limit_sandbox(Services& services, const Request& request);

AsyncReply show_pool(Services& services, const Request& request);
AsyncReply resize_pool(Services& services, const Request& request);
AsyncReply drain_pool(Services& services, const Request& request);
AsyncReply collect_left_over(Services& services, const Request& request);

AsyncReply admin_events(Services& services, const Request& request);
AsyncReply own_events(Services& services, const Request& request);

AsyncReply verify_sandbox(Services& services, const Request& request);
AsyncReply list_tokens(Services& services, const Request& request);
AsyncReply add_token(Services& services, const Request& request);
AsyncReply revoke_token(Services& services, const Request& request);
AsyncReply show_config(Services& services, const Request& request);
AsyncReply show_log_level(Services& services, const Request& request);
AsyncReply change_log_level(Services& services, const Request& request);

AsyncReply list_videos(Services& services, const Request& request);
AsyncReply show_video(Services& services, const Request& request);
AsyncReply keep_position(Services& services, const Request& request);
AsyncReply show_stream(Services& services, const Request& request);

AsyncReply show_qualities(Services& services, const Request& request);
AsyncReply convert_video(Services& services, const Request& request);

AsyncReply list_jobs(Services& services, const Request& request);
AsyncReply show_job(Services& services, const Request& request);
AsyncReply add_job(Services& services, const Request& request);
AsyncReply change_job(Services& services, const Request& request);
AsyncReply cancel_job(Services& services, const Request& request);
AsyncReply retry_job(Services& services, const Request& request);

AsyncReply poster(Services& services, const Request& request);
AsyncReply thumbnail(Services& services, const Request& request);
AsyncReply sprite_map(Services& services, const Request& request);
AsyncReply sprite_sheet(Services& services, const Request& request);

AsyncReply stream(Services& services, const Request& request);

AsyncReply livez(Services& services, const Request& request);
AsyncReply readyz(Services& services, const Request& request);
AsyncReply metrics(Services& services, const Request& request);

AsyncReply web_page(Services& services, const Request& request);
AsyncReply web_asset(Services& services, const Request& request);

}  // namespace carrel::http
