#pragma once

namespace events::service {

/// Opens standard input, output and error on /dev/null where they are closed, so that no file or
/// connection gets their numbers, and with it the log. To be called before anything opens a file.
/// They are opened for reading: what is written fails, as it would have before.
void open_standard_descriptors() noexcept;

}  // namespace events::service
