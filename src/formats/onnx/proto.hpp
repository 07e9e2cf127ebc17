// The ONNX messages. Their fields are plain bytes from outside: nothing in them is checked yet.
#pragma once

#include <octet_onnx.pb.h>
