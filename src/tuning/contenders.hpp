// Which kernels are worth timing.
#pragma once

#include "kernels/chooser.hpp"

namespace octet {

using Contenders = std::vector<const Candidate*>;

// Those that accept, the cheapest by estimate first. Unless `full`, not those that are there so
// that everything runs, and `most` at most: rows that say so themselves, and rows without an
// estimate beside ones with. Points into `candidates`.
Contenders worth_timing(const Problem& problem, std::span<const Candidate> candidates, bool full,
                        std::size_t most);

// Whether rows of this list estimate their times, so that one without is there so that everything
// runs even where it alone accepts.
bool is_tuned_list(std::span<const Candidate> candidates);

// Microseconds; infinity for a row without an estimate.
double estimate_of(const Candidate& candidate, const Problem& problem);

}  // namespace octet
