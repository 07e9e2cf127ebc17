// Which problems take the same time.
#pragma once

#include "tuning/tuning_store.hpp"

namespace octet {

// The problem's text with '#' for every number that has a point or an exponent: layers that differ
// only in their scales are measured once. On the CPU the number of threads counts too.
TuningKey tuning_key(const Problem& problem, const Demands& demands, const Backend& backend);

// The problem at another batch, where the operator gives the same outputs but for the batch;
// otherwise the problem as it is.
Problem at_batch(const Problem& problem, std::int64_t batch);

}  // namespace octet
