// Random problems of the operators other than convolutions, for kernel tests.
#pragma once

#include "support/random_case.hpp"

namespace octet::testing {

Case random_pool(Random& random);
Case random_adaptive_pool(Random& random);
Case random_convert(Random& random);
Case random_relayout(Random& random, const Layout& layout);
Case random_binary(Random& random);
Case random_unary(Random& random);
Case random_concat(Random& random);
Case random_split(Random& random);
Case random_slice(Random& random);
Case random_gather(Random& random);
Case random_matmul(Random& random);

}  // namespace octet::testing
