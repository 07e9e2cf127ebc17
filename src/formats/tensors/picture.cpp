#include "formats/tensors/picture.hpp"

#include <octet/status.hpp>

#include "base/file.hpp"
#include "base/format.hpp"
#include "base/limits.hpp"

namespace octet {

Picture read_picture(std::span<const std::byte> bytes, const std::string& where) {
  if (is_pnm(bytes)) return read_pnm(bytes, where);
  if (is_png(bytes) || is_jpeg(bytes)) return read_png_or_jpeg(bytes, where);
  throw Error(StatusCode::invalid_input, "the file is not a PGM, PPM, PNG or JPEG picture", where);
}

Picture read_picture_file(const std::string& path) { return read_picture(read_file(path), path); }

void check_picture_size(std::int64_t width, std::int64_t height, const std::string& where) {
  if (width < 1 || height < 1)
    throw Error(StatusCode::invalid_input,
                concat("the picture is ", width, " x ", height, " pixels"), where);
  if (width > limits::kImagePixels / height)
    throw Error(StatusCode::resource_exhausted,
                concat("the picture is ", width, " x ", height, " pixels; the limit is ",
                       limits::kImagePixels, " pixels"),
                where, "make the picture smaller");
}

}  // namespace octet
