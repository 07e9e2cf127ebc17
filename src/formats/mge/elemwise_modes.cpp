#include "formats/mge/elemwise_modes.hpp"

#include <algorithm>

namespace octet::mge {
namespace {

using Mode = fbs::ElemwiseMode;

// Modes that are one function of Octet with the same operands.
constexpr std::pair<Mode, ElementwiseMode> kSame[] = {
    {Mode::RELU, ElementwiseMode::relu},
    {Mode::ABS, ElementwiseMode::abs},
    {Mode::ACOS, ElementwiseMode::acos},
    {Mode::ASIN, ElementwiseMode::asin},
    {Mode::CEIL, ElementwiseMode::ceil},
    {Mode::COS, ElementwiseMode::cos},
    {Mode::EXP, ElementwiseMode::exp},
    {Mode::EXPM1, ElementwiseMode::expm1},
    {Mode::FLOOR, ElementwiseMode::floor},
    {Mode::LOG, ElementwiseMode::log},
    {Mode::LOG1P, ElementwiseMode::log1p},
    {Mode::NEGATE, ElementwiseMode::negate},
    {Mode::SIGMOID, ElementwiseMode::sigmoid},
    {Mode::SIN, ElementwiseMode::sin},
    {Mode::TANH, ElementwiseMode::tanh},
    {Mode::ADD, ElementwiseMode::add},
    {Mode::FLOOR_DIV, ElementwiseMode::floor_div},
    {Mode::MAXIMUM, ElementwiseMode::max},
    {Mode::MINIMUM, ElementwiseMode::min},
    {Mode::MOD, ElementwiseMode::mod},
    {Mode::MUL, ElementwiseMode::mul},
    {Mode::POW, ElementwiseMode::pow},
    {Mode::SUB, ElementwiseMode::sub},
    {Mode::SWITCH_GT0, ElementwiseMode::switch_gt0},
    {Mode::TRUE_DIV, ElementwiseMode::div},
    {Mode::LOG_SUM_EXP, ElementwiseMode::log_sum_exp},
    {Mode::LT, ElementwiseMode::less},
    {Mode::LEQ, ElementwiseMode::less_equal},
    {Mode::EQ, ElementwiseMode::equal},
    {Mode::SHL, ElementwiseMode::shift_left},
    {Mode::SHR, ElementwiseMode::shift_right},
    {Mode::COND_LEQ_MOV, ElementwiseMode::cond_leq_mov},
    {Mode::FUSE_MUL_ADD3, ElementwiseMode::mul_add3},
    {Mode::FUSE_MUL_ADD4, ElementwiseMode::mul_add4},
    {Mode::FUSE_ADD_RELU, ElementwiseMode::add_relu},
    {Mode::FUSE_ADD_SIGMOID, ElementwiseMode::add_sigmoid},
    {Mode::FUSE_ADD_TANH, ElementwiseMode::add_tanh},
    {Mode::ROUND, ElementwiseMode::round},
    {Mode::ATAN2, ElementwiseMode::atan2},
    {Mode::ERF, ElementwiseMode::erf},
    {Mode::H_SWISH, ElementwiseMode::h_swish},
    {Mode::FUSE_ADD_H_SWISH, ElementwiseMode::add_h_swish},
    {Mode::NOT, ElementwiseMode::logical_not},
    {Mode::AND, ElementwiseMode::logical_and},
    {Mode::OR, ElementwiseMode::logical_or},
    {Mode::XOR, ElementwiseMode::logical_xor},
    {Mode::SILU, ElementwiseMode::silu},
    {Mode::GELU, ElementwiseMode::gelu},
    {Mode::COND_LT_MOV, ElementwiseMode::cond_lt_mov},
    {Mode::NEQ, ElementwiseMode::not_equal},
    {Mode::ISNAN, ElementwiseMode::is_nan},
    {Mode::ISINF, ElementwiseMode::is_inf},
    {Mode::SINH, ElementwiseMode::sinh},
    {Mode::COSH, ElementwiseMode::cosh},
    {Mode::ASINH, ElementwiseMode::asinh},
    {Mode::ACOSH, ElementwiseMode::acosh},
    {Mode::ATANH, ElementwiseMode::atanh},
    {Mode::TAN, ElementwiseMode::tan},
    {Mode::PRELU, ElementwiseMode::prelu},
    {Mode::SOFTPLUS, ElementwiseMode::softplus},
    {Mode::RELU6, ElementwiseMode::relu6},
    {Mode::HSIGMOID, ElementwiseMode::h_sigmoid},
    {Mode::SQRT, ElementwiseMode::sqrt},
    {Mode::SQUARE, ElementwiseMode::square},
    {Mode::SIGN, ElementwiseMode::sign},
};

}  // namespace

std::optional<ElementwiseMode> same_function(fbs::ElemwiseMode mode) {
  const auto* row = std::find_if(std::begin(kSame), std::end(kSame),
                                 [&](const auto& pair) { return pair.first == mode; });
  if (row == std::end(kSame)) return std::nullopt;
  return row->second;
}

std::optional<fbs::ElemwiseMode> same_function(ElementwiseMode mode) {
  const auto* row = std::find_if(std::begin(kSame), std::end(kSame),
                                 [&](const auto& pair) { return pair.second == mode; });
  if (row == std::end(kSame)) return std::nullopt;
  return row->first;
}

}  // namespace octet::mge
