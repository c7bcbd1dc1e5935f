#include <doctest/doctest.h>

#include "orchestrator/http/server_load.hpp"

using namespace carrel::http;

TEST_CASE("one address has its share and no more, and gets it back") {
  ServerLoad load;
  CHECK(load.admit("a", 2));
  CHECK(load.admit("a", 2));
  CHECK_FALSE(load.admit("a", 2));
  CHECK(load.admit("b", 2));
  CHECK(load.connections() == 3);
  load.release("a");
  CHECK(load.admit("a", 2));
}

TEST_CASE("drained is told once, when the last answer is made") {
  ServerLoad load;
  int told = 0;
  load.begin_answer();
  load.begin_answer();
  load.stop([&told] { ++told; });
  CHECK(load.stopping());
  load.end_answer();
  CHECK(told == 0);
  load.begin_answer();  // a connection that was being accepted
  load.end_answer();
  CHECK(told == 0);
  load.end_answer();
  CHECK(told == 1);
  load.begin_answer();
  load.end_answer();
  CHECK(told == 1);
}

TEST_CASE("without an answer in the making it is drained at once") {
  ServerLoad load;
  bool told = false;
  load.stop([&told] { told = true; });
  CHECK(told);
  CHECK(load.stopping());
}

TEST_CASE("who sent nothing yet is spared at first, and who no longer waits always") {
  ServerLoad load;
  int fresh = 0;
  int kept = 0;
  int gone = 0;
  const ServerLoad::Wait first(load, {[&fresh] { ++fresh; }, true});
  const ServerLoad::Wait next(load, {[&kept] { ++kept; }, false});
  {
    const ServerLoad::Wait over(load, {[&gone] { ++gone; }, false});
  }
  load.end_waiting(false);
  CHECK(fresh == 0);
  CHECK(kept == 1);
  load.end_waiting(true);
  CHECK(fresh == 1);
  CHECK(gone == 0);
}
