// Viewers by the dozen on one daemon. What happens to them goes to standard output, a JSON object a line, as
// it happens.

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/load/viewer.hpp"

namespace {

namespace asio = boost::asio;
using namespace carrel::load;

struct Options {
  std::uint16_t port = 0;
  std::string accounts, title;
  int viewers = 8;
  double seconds = 60, ramp = 10, slow_line = 0;
  std::uint64_t seed = 1;
};

/// Of twenty viewers thirteen just watch.
Habit habit_of(int number) {
  switch (number % 20) {
    case 3:
    case 13: return Habit::seeks;
    case 6:
    case 16: return Habit::pauses;
    case 9: return Habit::aborts;
    case 11:
    case 18: return Habit::slow_line;
    default: return Habit::watches;
  }
}

/// A loopback address each: the daemon bounds what one address may take.
asio::ip::tcp::endpoint address_of(int number) {
  return {asio::ip::address_v4(0x7f010001u + static_cast<std::uint32_t>(number)), 0};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Watches films as many people would.");
  app.add_option("--port", options.port)->required();
  app.add_option("--accounts", options.accounts, "a file of user names and passwords, a pair a line")
      ->required();
  app.add_option("--title", options.title)->required();
  app.add_option("--viewers", options.viewers);
  app.add_option("--seconds", options.seconds, "how long each watches");
  app.add_option("--ramp", options.ramp, "seconds until the last has come");
  app.add_option("--slow-line", options.slow_line, "bytes a second of those with a slow line");
  app.add_option("--seed", options.seed);
  CLI11_PARSE(app, argc, argv);

  std::vector<std::pair<std::string, std::string>> accounts;
  std::ifstream file(options.accounts);
  for (std::string user, password; file >> user >> password;) accounts.emplace_back(user, password);
  if (accounts.empty()) {
    std::cerr << "no accounts in " << options.accounts << "\n";
    return 2;
  }

  asio::io_context context(1);
  const auto began = Clock::now();
  const auto after = [&](double seconds) {
    return began + std::chrono::duration_cast<Clock::duration>(Seconds(seconds));
  };
  const Tell tell = [&](nlohmann::json event) {
    event["t"] = Seconds(Clock::now() - began).count();
    std::cout << event.dump() << "\n";
  };
  int failed = 0;
  for (int i = 0; i < options.viewers; ++i) {
    const auto& [user, password] = accounts[static_cast<std::size_t>(i) % accounts.size()];
    const Habit habit = habit_of(i);
    const double arrives = options.viewers > 1 ? options.ramp * i / (options.viewers - 1) : 0;
    ViewerPlan plan{.number = i,
                    .user = user,
                    .password = password,
                    .title = options.title,
                    .habit = habit,
                    .line = {address_of(i),
                             {asio::ip::address_v4::loopback(), options.port},
                             habit == Habit::slow_line ? options.slow_line : 0},
                    .arrives = after(arrives),
                    .leaves = after(options.ramp + options.seconds),
                    .seed = options.seed + static_cast<std::uint64_t>(i)};
    asio::co_spawn(context, watch(context.get_executor(), std::move(plan), tell),
                   [&](const std::exception_ptr& error) {
                     if (error) ++failed;
                   });
  }
  context.run();
  std::cout.flush();
  if (failed > 0) std::cerr << failed << " viewers ended by an exception\n";
  return failed > 0 ? 1 : 0;
}
