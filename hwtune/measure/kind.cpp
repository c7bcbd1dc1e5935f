#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hwtune/measure/bounds.hpp"

namespace carrel::hwtune {
namespace {

// As in linux/ioprio.h, which is no C++ in Debian 12's 6.1.192: a parameter of it is called "class".
constexpr int kOfProcess = 1;
constexpr int kIdle = 3;
constexpr int kClassShift = 13;

}  // namespace

void be_kind() {
  constexpr int kLast = 19;
  // Refused: it goes on as it is; the bounds hold all the same.
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, kLast));
  static_cast<void>(::syscall(SYS_ioprio_set, kOfProcess, 0, kIdle << kClassShift));
}

}  // namespace carrel::hwtune
