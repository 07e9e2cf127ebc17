// A tuning file that never gets in the way.
#pragma once

#include "tuning/tuning_store.hpp"

namespace octet {

// A file that is damaged, foreign or of another version is renamed to PATH.unusable, reported by
// one warning, and begun anew; one that the system does not let us use is reported and left alone,
// and nothing is kept then.
std::shared_ptr<TuningStore> open_tuning_store(const std::string& path);

}  // namespace octet
