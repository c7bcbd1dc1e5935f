#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>

/// The clocks and the random numbers of this process, replaced: time stands still but for pass(), and random
/// bytes follow from a seed. It takes the place of libc's clock_gettime, getrandom and timerfd_settime: only
/// for a test program of its own, with one thread.
namespace carrel::sandbox::fake {

/// Time begins anew.
void begin_virtual_world(unsigned seed);
void pass(std::chrono::nanoseconds time);
/// The loop does what is due in each of these milliseconds.
void run_for(boost::asio::io_context& loop, std::chrono::milliseconds time);

}  // namespace carrel::sandbox::fake
