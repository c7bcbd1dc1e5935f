#include "orchestrator/accounts/credentials.hpp"

#include <doctest/doctest.h>

using namespace carrel;
using namespace carrel::accounts;

TEST_CASE("names") {
  CHECK(normalise_name("Anna").value() == "anna");
  CHECK(normalise_name("a.B_c-D@9").value() == "a.b_c-d@9");
  CHECK(normalise_name(std::string(64, 'a')).has_value());
  for (const std::string& wrong :
       {std::string(), std::string(65, 'a'), std::string("a\0", 2), std::string("a "), std::string("ä"),
        std::string("a:b"), std::string("a\n")}) {
    CAPTURE(wrong);
    CHECK(normalise_name(wrong).error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("a generated password is long, allowed, and new each time") {
  const auto password = generate_password();
  CHECK(password.size() == 24);
  CHECK(check_new_password(password).has_value());
  CHECK(password != generate_password());
}
