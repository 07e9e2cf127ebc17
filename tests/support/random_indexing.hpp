// Random problems of operators that pick and replace elements by computed indices, and of products
// in all their forms.
#pragma once

#include "support/random_case.hpp"

namespace octet::testing {

Case random_gather_computed(Random& random);
Case random_gather_elements(Random& random);
Case random_gather_nd(Random& random);
Case random_vector_index(Random& random);
Case random_scatter_elements(Random& random);
Case random_scatter_nd(Random& random);
Case random_one_hot(Random& random);
Case random_add_to_part(Random& random);
Case random_constant_of_shape(Random& random);

// Integer and f32 problems.
Case random_conv_transpose(Random& random);
Case random_float_conv(Random& random);
Case random_float_batch_conv(Random& random);
Case random_float_group_local(Random& random);
Case random_local_share(Random& random);
Case random_float_matmul(Random& random);      // one matrix times one, or one times many
Case random_broadcast_matmul(Random& random);  // leading axes and bias broadcast in any way

}  // namespace octet::testing
