// Reads MegEngine's .mge files: dumps of V1 ("MGBS", "MGBC") and V2 ("mgv2"), with or without test
// cases ("mgbtest0").
//
// The graph that comes back gives the numbers that MegEngine's CPU gives for the file as it stands;
// values that a dump has stored in a packed layout are read as values of rank 5.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "formats/model_file.hpp"

namespace octet {

// True when the bytes begin as a graph of MegEngine does, or as a file of MegEngine that is no such
// graph (a pickled object, an older internal format), which read_mge refuses with a sentence.
bool looks_like_mge(std::span<const std::byte> bytes) noexcept;

// `storage` keeps `bytes` alive; constants borrow from it. `origin` is used in messages.
// Throws Error(invalid_model, unsupported, resource_exhausted).
ModelFile read_mge(std::shared_ptr<const void> storage, std::span<const std::byte> bytes,
                   const std::string& origin);

}  // namespace octet
