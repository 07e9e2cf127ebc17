// Which operator an id in a file means.
//
// No versioned id equals an unversioned one, so one table serves all files.
#include <unordered_map>

#include "formats/mge/lower.hpp"
#include "formats/mge/operator_id.hpp"

namespace octet::mge {
namespace {

// Operators of MegEngine that no quantised network needs; listed to be refused by their names.
constexpr std::string_view kUnsupported[] = {"AdaptivePoolingBackwardV1",
                                             "AddUpdate",
                                             "AffineInt",
                                             "Alloc",
                                             "Argsort",
                                             "AtlasRuntimeOpr",
                                             "BetaRNG",
                                             "CambriconRuntimeOpr",
                                             "CheckNonFinite",
                                             "CollectiveComm",
                                             "CondExecMark",
                                             "CondExecMerge",
                                             "CondExecPred",
                                             "CondExecPredLogical",
                                             "CondTake",
                                             "Conv3DBias",
                                             "Convolution3D",
                                             "Convolution3DBackwardData",
                                             "CorrelationForward",
                                             "Correlation",
                                             "Cross",
                                             "Cumsum",
                                             "CumsumV1",
                                             "CustomOpNode",
                                             "CvtColor",
                                             "DctChannelSelect",
                                             "DctChannelSelectV1",
                                             "DeformableConvForward",
                                             "DeformableConv",
                                             "DeformablePSROIPoolingForward",
                                             "DeformablePSROIPooling",
                                             "Diag",
                                             "Dot",
                                             "Dropout",
                                             "DropoutForward",
                                             "ExponentialRNG",
                                             "ExternCOprRunner",
                                             "Eye",
                                             "FakeQuant",
                                             "FakeQuantForward",
                                             "Fill",
                                             "Flip",
                                             "GammaRNG",
                                             "GaussianBlur",
                                             "GaussianRNG",
                                             "GaussianRNGV1",
                                             "GeneralNorm",
                                             "GeneralNormForward",
                                             "GroupNorm",
                                             "GroupNormForward",
                                             "Images2Neibs",
                                             "Images2NeibsForward",
                                             "IncrMeshIndexing",
                                             "IndexingIncrMultiAxisVec",
                                             "IndexingRemap",
                                             "IndexingSetMultiAxisVec",
                                             "IndexingSetOneHot",
                                             "InstanceNorm",
                                             "InstanceNormForward",
                                             "LSQ",
                                             "LSQForward",
                                             "LSTM",
                                             "LSTMCell",
                                             "LSTMCellForward",
                                             "LSTMForward",
                                             "LinspaceFull",
                                             "MagicMindRuntimeOpr",
                                             "MaskConvolution",
                                             "MaskConvolutionV2",
                                             "MaskPropagate",
                                             "MaskedFill",
                                             "MatrixInverse",
                                             "MeshIndexing",
                                             "MultiHeadAttn",
                                             "MultiHeadAttnForward",
                                             "MultinomialRNG",
                                             "NMSKeep",
                                             "NMSKeepMGB",
                                             "NonZero",
                                             "NvOf",
                                             "PermutationRNG",
                                             "PersistentOutputStorage",
                                             "PoissonRNG",
                                             "RNN",
                                             "RNNCell",
                                             "RNNCellForward",
                                             "RNNForward",
                                             "ROIAlign",
                                             "ROIAlignForward",
                                             "ROIAlignV1",
                                             "ROICopy",
                                             "ROIPooling",
                                             "ROIPoolingForward",
                                             "RegionRestrictedConvolution",
                                             "Remap",
                                             "RemapForward",
                                             "RemapV1",
                                             "Resize3D",
                                             "Resize3DForward",
                                             "Rotate",
                                             "SVD",
                                             "SVDForward",
                                             "SetMeshIndexing",
                                             "ShuffleRNG",
                                             "SlidingWindowTranspose",
                                             "Sleep",
                                             "TQT",
                                             "TQTForward",
                                             "TensorRTOpr",
                                             "TensorRTRuntimeOpr",
                                             "UniformRNG",
                                             "UniformRNGV1",
                                             "VirtualGrad",
                                             "WarpAffine",
                                             "WarpAffineForward",
                                             "WarpAffineV2",
                                             "Where",
                                             "WhereForward"};

// Both ids of each name.
template <typename Value, typename Names, typename Of>
void add_ids(std::unordered_map<std::uint64_t, Value>& ids, const Names& rows, const Of& of) {
  for (const auto& row : rows) {
    const auto [name, value] = of(row);
    ids.emplace(versioned_id(name), value);
    ids.emplace(unversioned_id(name), value);
  }
}

std::unordered_map<std::uint64_t, const OperatorRow*> make_table() {
  std::unordered_map<std::uint64_t, const OperatorRow*> ids;
  for (const auto family :
       {source_operators(), conv_operators(), local_operators(), pool_operators(),
        elementwise_operators(), convert_operators(), shape_operators(), index_operators(),
        relayout_operators(), reduce_operators(), matmul_operators(), norm_operators(),
        image_operators(), check_operators()})
    add_ids(ids, family, [](const OperatorRow& row) { return std::pair(row.name, &row); });
  return ids;
}

std::unordered_map<std::uint64_t, std::string_view> make_unsupported() {
  std::unordered_map<std::uint64_t, std::string_view> ids;
  add_ids(ids, kUnsupported, [](std::string_view name) { return std::pair(name, name); });
  return ids;
}

}  // namespace

const OperatorRow* find_operator(std::uint64_t type_id) {
  static const auto table = make_table();
  const auto found = table.find(type_id);
  return found == table.end() ? nullptr : found->second;
}

std::string_view name_of_unsupported(std::uint64_t type_id) {
  static const auto table = make_unsupported();
  const auto found = table.find(type_id);
  return found == table.end() ? std::string_view{} : found->second;
}

}  // namespace octet::mge
