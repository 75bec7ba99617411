#include "common/service/standard_descriptors.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <initializer_list>

namespace events::service {

void open_standard_descriptors() noexcept {
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        // open() takes the lowest number that is free, which is this one.
        if (::fcntl(number, F_GETFD) == -1) (void)::open("/dev/null", O_RDONLY);
    }
}

}  // namespace events::service
