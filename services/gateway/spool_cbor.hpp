#pragma once

#include "gateway/spool_file.hpp"

#include <string_view>
#include <vector>

namespace events::gateway {

/// The messages of a file in the spool's former form, which nobody writes any more: a CBOR sequence
/// (RFC 8742), an item {"subject": text, "headers": {text: text}, "payload": bytes} a message. An
/// item may have other members with a single value: they are passed over. The form has neither
/// count nor checksum: a file that ends between two items is whole. Throws NotASpoolFile.
[[nodiscard]] std::vector<SpooledMessage> decode_cbor(std::string_view file);

}  // namespace events::gateway
