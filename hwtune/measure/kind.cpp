#include <linux/ioprio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hwtune/measure/bounds.hpp"

namespace carrel::hwtune {

void be_kind() {
  constexpr int kLast = 19;
  // Refused: it goes on as it is; the bounds hold all the same.
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, kLast));
  static_cast<void>(
      ::syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)));
}

}  // namespace carrel::hwtune
