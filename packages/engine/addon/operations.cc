// Operations for float32 and bfloat16 on a processor: instance normalisation with the activation that
// follows and padding by reflection, both of images [B, H, W, C] and with their gradients; addition,
// sums over pixels, and the gradient of an activation. Each runs on one thread. Several threads gained
// nothing, since TensorFlow runs other operations at the same time.
#include "operations.h"

#include <cstdint>
#include <memory>
#include <vector>

#include "image-loops.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/ops.h"

// The declarations of tensorflow/c/kernels.h that are used: the header itself includes others, which
// an installed engine does not have.
extern "C" {
struct TF_KernelBuilder;
struct TF_OpKernelConstruction;
struct TF_OpKernelContext;
TF_KernelBuilder *TF_NewKernelBuilder(const char *operation, const char *device,
                                      void *(*create)(TF_OpKernelConstruction *),
                                      void (*compute)(void *, TF_OpKernelContext *),
                                      void (*destroy)(void *));
void TF_KernelBuilder_TypeConstraint(TF_KernelBuilder *builder, const char *attribute,
                                     TF_DataType type, TF_Status *status);
void TF_RegisterKernelBuilder(const char *name, TF_KernelBuilder *builder, TF_Status *status);
void TF_GetInput(TF_OpKernelContext *context, int index, TF_Tensor **tensor, TF_Status *status);
TF_Tensor *TF_AllocateOutput(TF_OpKernelContext *context, int index, TF_DataType type,
                             const int64_t *sides, int rank, size_t bytes, TF_Status *status);
TF_Tensor *TF_ForwardInputOrAllocateOutput(TF_OpKernelContext *context, const int *inputs,
                                           int input_count, int index, const int64_t *sides,
                                           int rank, int *forwarded, TF_Status *status);
void TF_OpKernelContext_Failure(TF_OpKernelContext *context, TF_Status *status);
void TF_OpKernelConstruction_Failure(TF_OpKernelConstruction *construction, TF_Status *status);
void TF_OpKernelConstruction_GetAttrType(TF_OpKernelConstruction *construction, const char *name,
                                         TF_DataType *value, TF_Status *status);
void TF_OpKernelConstruction_GetAttrFloat(TF_OpKernelConstruction *construction, const char *name,
                                          float *value, TF_Status *status);
}

namespace janus {
namespace {

struct StatusDeleter {
  void operator()(TF_Status *status) const { TF_DeleteStatus(status); }
};
using Status = std::unique_ptr<TF_Status, StatusDeleter>;

struct TensorDeleter {
  void operator()(TF_Tensor *tensor) const { TF_DeleteTensor(tensor); }
};
using Tensor = std::unique_ptr<TF_Tensor, TensorDeleter>;

struct ShapeDeleter {
  void operator()(TF_ShapeHandle *shape) const { TF_DeleteShapeHandle(shape); }
};
using Shape = std::unique_ptr<TF_ShapeHandle, ShapeDeleter>;

// The attributes of an operation in a graph.
struct Attributes {
  TF_DataType type = TF_FLOAT;
  float epsilon = 0;
  float slope = 1;
  float alpha = 0;
};

// One call of a kernel: hands out its inputs and allocates its outputs.
class Call {
 public:
  Call(TF_OpKernelContext *context) : context_(context), status_(TF_NewStatus()) {}

  template <typename T>
  const T *Input(int index, std::vector<int64_t> *shape = nullptr) {
    TF_Tensor *tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_.get());
    if (tensor == nullptr) return nullptr;
    inputs_.emplace_back(tensor);
    if (shape != nullptr) {
      shape->clear();
      for (int i = 0; i < TF_NumDims(tensor); i++) shape->push_back(TF_Dim(tensor, i));
    }
    return static_cast<const T *>(TF_TensorData(tensor));
  }

  template <typename T>
  T *Output(int index, TF_DataType type, const std::vector<int64_t> &shape) {
    size_t elements = 1;
    for (int64_t side : shape) elements *= static_cast<size_t>(side);
    TF_Tensor *tensor = TF_AllocateOutput(context_, index, type, shape.data(),
                                          static_cast<int>(shape.size()), elements * sizeof(T),
                                          status_.get());
    if (tensor == nullptr) return nullptr;
    outputs_.emplace_back(tensor);
    return static_cast<T *>(TF_TensorData(tensor));
  }

  // Returns an output in the memory of the first of `inputs` that nothing else uses, else in new memory.
  template <typename T>
  T *OutputInPlace(const std::vector<int> &inputs, const std::vector<int64_t> &shape) {
    int forwarded = -1;
    TF_Tensor *tensor = TF_ForwardInputOrAllocateOutput(
        context_, inputs.data(), static_cast<int>(inputs.size()), 0, shape.data(),
        static_cast<int>(shape.size()), &forwarded, status_.get());
    if (tensor == nullptr) return nullptr;
    outputs_.emplace_back(tensor);
    return static_cast<T *>(TF_TensorData(tensor));
  }

  bool Good() {
    if (TF_GetCode(status_.get()) == TF_OK) return true;
    TF_OpKernelContext_Failure(context_, status_.get());
    return false;
  }

  // Gives up the call's references, so that an output may take the inputs' memory, which stays valid.
  void ReleaseInputs() { inputs_.clear(); }

  bool IsSame(const std::vector<int64_t> &shape, const std::vector<int64_t> &other) {
    if (shape == other) return true;
    TF_SetStatus(status_.get(), TF_INVALID_ARGUMENT, "both inputs must have the same shape");
    return Good();
  }

  bool HasChannels(const std::vector<int64_t> &shape) {
    if (!shape.empty()) return true;
    TF_SetStatus(status_.get(), TF_INVALID_ARGUMENT, "the tensor must have at least one axis");
    return Good();
  }

  bool IsImage(const std::vector<int64_t> &shape) {
    if (shape.size() == 4) return true;
    TF_SetStatus(status_.get(), TF_INVALID_ARGUMENT, "an image must be [B, H, W, C]");
    return Good();
  }

 private:
  TF_OpKernelContext *context_;
  Status status_;
  std::vector<Tensor> inputs_;
  std::vector<Tensor> outputs_;
};

int64_t LengthOf(const std::vector<int64_t> &shape) {
  int64_t length = 1;
  for (int64_t side : shape) length *= side;
  return length;
}

template <typename T>
void ComputeNorm(const Attributes &attributes, TF_OpKernelContext *context) {
  Call call(context);
  std::vector<int64_t> shape;
  const T *x = call.Input<T>(0, &shape);
  if (!call.Good() || !call.IsImage(shape)) return;
  const std::vector<int64_t> rows = {shape[0], shape[3]};
  T *y = call.Output<T>(0, attributes.type, shape);
  float *mean = call.Output<float>(1, TF_FLOAT, rows);
  float *scale = call.Output<float>(2, TF_FLOAT, rows);
  if (!call.Good()) return;
  const Image size{shape[1] * shape[2], shape[3]};
  for (int64_t b = 0; b < shape[0]; b++) {
    const int64_t at = b * size.pixels * size.channels;
    float *mean_at = mean + b * size.channels;
    float *scale_at = scale + b * size.channels;
    Statistics(x + at, size, attributes.epsilon, mean_at, scale_at);
    Normalise(x + at, size, attributes.slope, mean_at, scale_at, y + at);
  }
}

template <typename T>
void ComputeNormGradient(const Attributes &attributes, TF_OpKernelContext *context) {
  Call call(context);
  std::vector<int64_t> shape;
  const T *dy = call.Input<T>(0);
  const T *x = call.Input<T>(1, &shape);
  const float *mean = call.Input<float>(2);
  const float *scale = call.Input<float>(3);
  if (!call.Good() || !call.IsImage(shape)) return;
  T *dx = call.Output<T>(0, attributes.type, shape);
  if (!call.Good()) return;
  const Image size{shape[1] * shape[2], shape[3]};
  for (int64_t b = 0; b < shape[0]; b++) {
    const int64_t at = b * size.pixels * size.channels;
    const int64_t row = b * size.channels;
    NormaliseGradient(dy + at, x + at, size, attributes.slope, mean + row, scale + row, dx + at);
  }
}

template <typename T, int padding>
void ComputePad(const Attributes &attributes, TF_OpKernelContext *context) {
  Call call(context);
  std::vector<int64_t> shape;
  const T *x = call.Input<T>(0, &shape);
  if (!call.Good() || !call.IsImage(shape)) return;
  const Sides size{shape[0], shape[1], shape[2], shape[3]};
  T *y = call.Output<T>(
      0, attributes.type,
      {size.batch, size.height + 2 * padding, size.width + 2 * padding, size.channels});
  // An empty image may have no address, which memcpy must not be given.
  if (call.Good() && LengthOf(shape) > 0) Pad(x, size, padding, y);
}

template <typename T, int padding>
void ComputePadGradient(const Attributes &attributes, TF_OpKernelContext *context) {
  Call call(context);
  std::vector<int64_t> shape;
  const T *dy = call.Input<T>(0, &shape);
  if (!call.Good() || !call.IsImage(shape)) return;
  const Sides size{shape[0], shape[1] - 2 * padding, shape[2] - 2 * padding, shape[3]};
  T *dx = call.Output<T>(0, attributes.type, {size.batch, size.height, size.width, size.channels});
  if (call.Good()) PadGradient(dy, size, padding, dx);
}

// Calls `loop(a, b, length, result)` for two inputs of one shape; the result takes the memory of one of
// them where nothing else uses it.
template <typename T, typename Loop>
void ComputeElements(TF_OpKernelContext *context, const Loop &loop) {
  Call call(context);
  std::vector<int64_t> shape, other;
  const T *a = call.Input<T>(0, &shape);
  const T *b = call.Input<T>(1, &other);
  if (!call.Good() || !call.IsSame(shape, other)) return;
  call.ReleaseInputs();
  T *result = call.OutputInPlace<T>({0, 1}, shape);
  if (call.Good()) loop(a, b, LengthOf(shape), result);
}

template <typename T>
void ComputeAdd(const Attributes &, TF_OpKernelContext *context) {
  ComputeElements<T>(context, Add<T>);
}

template <typename T>
void ComputeActivationGradient(const Attributes &attributes, TF_OpKernelContext *context) {
  ComputeElements<T>(context, [&](const T *dy, const T *y, int64_t length, T *dx) {
    ActivationGradient(dy, y, attributes.alpha, length, dx);
  });
}

template <typename T>
void ComputeChannelSum(const Attributes &, TF_OpKernelContext *context) {
  Call call(context);
  std::vector<int64_t> shape;
  const T *x = call.Input<T>(0, &shape);
  if (!call.Good() || !call.HasChannels(shape)) return;
  const int64_t channels = shape.back();
  float *sum = call.Output<float>(0, TF_FLOAT, {channels});
  if (!call.Good() || channels == 0) return;
  ChannelSum(x, {LengthOf(shape) / channels, channels}, sum);
}

void *CreateKernel(TF_OpKernelConstruction *construction) {
  auto *attributes = new Attributes();
  Status status(TF_NewStatus());
  TF_OpKernelConstruction_GetAttrType(construction, "T", &attributes->type, status.get());
  // Operations without these attributes keep the defaults.
  Status absent(TF_NewStatus());
  TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &attributes->epsilon, absent.get());
  TF_OpKernelConstruction_GetAttrFloat(construction, "slope", &attributes->slope, absent.get());
  TF_OpKernelConstruction_GetAttrFloat(construction, "alpha", &attributes->alpha, absent.get());
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return attributes;
}

void DeleteKernel(void *kernel) { delete static_cast<Attributes *>(kernel); }

using Computation = void (*)(const Attributes &, TF_OpKernelContext *);

template <Computation compute>
void Run(void *kernel, TF_OpKernelContext *context) {
  compute(*static_cast<const Attributes *>(kernel), context);
}

void FirstShape(TF_ShapeInferenceContext *context, TF_Status *status) {
  Shape shape(TF_NewShapeHandle());
  TF_ShapeInferenceContextGetInput(context, 0, shape.get(), status);
  if (TF_GetCode(status) == TF_OK) {
    TF_ShapeInferenceContextSetOutput(context, 0, shape.get(), status);
  }
}

void LastSide(TF_ShapeInferenceContext *context, TF_Status *status) {
  Shape shape(TF_NewShapeHandle()), channels(TF_NewShapeHandle());
  TF_ShapeInferenceContextGetInput(context, 0, shape.get(), status);
  if (TF_GetCode(status) != TF_OK) return;
  const int64_t rank = TF_ShapeInferenceContextRankKnown(context, shape.get())
                           ? TF_ShapeInferenceContextRank(context, shape.get())
                           : 0;
  if (rank < 1) {
    TF_SetStatus(status, TF_INVALID_ARGUMENT, "the tensor must have at least one axis");
    return;
  }
  TF_ShapeInferenceContextSubshape(context, shape.get(), rank - 1, rank, channels.get(), status);
  if (TF_GetCode(status) == TF_OK) {
    TF_ShapeInferenceContextSetOutput(context, 0, channels.get(), status);
  }
}

// Output 0 has the shape of input `index`; outputs 1 and 2, if any, are [B, C].
template <int index, int outputs>
void SameShape(TF_ShapeInferenceContext *context, TF_Status *status) {
  Shape image(TF_NewShapeHandle());
  TF_ShapeInferenceContextGetInput(context, index, image.get(), status);
  if (TF_GetCode(status) != TF_OK) return;
  TF_ShapeInferenceContextSetOutput(context, 0, image.get(), status);
  if (outputs == 1 || TF_GetCode(status) != TF_OK) return;
  Shape batch(TF_NewShapeHandle()), channels(TF_NewShapeHandle()), rows(TF_NewShapeHandle());
  TF_ShapeInferenceContextSubshape(context, image.get(), 0, 1, batch.get(), status);
  if (TF_GetCode(status) != TF_OK) return;
  TF_ShapeInferenceContextSubshape(context, image.get(), 3, 4, channels.get(), status);
  if (TF_GetCode(status) != TF_OK) return;
  TF_ShapeInferenceContextConcatenateShapes(context, batch.get(), channels.get(), rows.get(),
                                            status);
  if (TF_GetCode(status) != TF_OK) return;
  for (int i = 1; i < outputs; i++) {
    TF_ShapeInferenceContextSetOutput(context, i, rows.get(), status);
  }
}

// Height and width change by `change`. Shape functions of the C interface cannot read attributes, so
// each padding is an operation of its own.
template <int change>
void OtherSides(TF_ShapeInferenceContext *context, TF_Status *status) {
  Shape image(TF_NewShapeHandle()), whole(TF_NewShapeHandle());
  TF_ShapeInferenceContextGetInput(context, 0, image.get(), status);
  if (TF_GetCode(status) != TF_OK) return;
  TF_ShapeInferenceContextSubshape(context, image.get(), 0, 1, whole.get(), status);
  for (int axis = 1; axis <= 2 && TF_GetCode(status) == TF_OK; axis++) {
    TF_DimensionHandle *side = TF_NewDimensionHandle();
    TF_ShapeInferenceContextDim(context, image.get(), axis, side);
    const bool known = TF_DimensionHandleValueKnown(side) != 0;
    const int64_t size = known ? TF_DimensionHandleValue(side) + change : 0;
    TF_DeleteDimensionHandle(side);
    if (!known || size < 1) {
      TF_SetStatus(status, TF_INVALID_ARGUMENT, "the image's height and width must be known");
      return;
    }
    Shape one(TF_ShapeInferenceContextVectorFromSize(context, static_cast<size_t>(size)));
    TF_ShapeInferenceContextConcatenateShapes(context, whole.get(), one.get(), whole.get(), status);
  }
  if (TF_GetCode(status) != TF_OK) return;
  Shape channels(TF_NewShapeHandle());
  TF_ShapeInferenceContextSubshape(context, image.get(), 3, 4, channels.get(), status);
  if (TF_GetCode(status) != TF_OK) return;
  TF_ShapeInferenceContextConcatenateShapes(context, whole.get(), channels.get(), whole.get(),
                                            status);
  if (TF_GetCode(status) != TF_OK) return;
  TF_ShapeInferenceContextSetOutput(context, 0, whole.get(), status);
}

struct Definition {
  const char *name;
  std::vector<const char *> inputs;
  std::vector<const char *> outputs;
  std::vector<const char *> attributes;
  void (*shapes)(TF_ShapeInferenceContext *, TF_Status *);
  void (*compute_float)(void *, TF_OpKernelContext *);
  void (*compute_bfloat16)(void *, TF_OpKernelContext *);
};

bool Register(const Definition &definition, TF_Status *status) {
  TF_OpDefinitionBuilder *builder = TF_NewOpDefinitionBuilder(definition.name);
  TF_OpDefinitionBuilderAddAttr(builder, "T: {float, bfloat16}");
  for (const char *each : definition.attributes) TF_OpDefinitionBuilderAddAttr(builder, each);
  for (const char *each : definition.inputs) TF_OpDefinitionBuilderAddInput(builder, each);
  for (const char *each : definition.outputs) TF_OpDefinitionBuilderAddOutput(builder, each);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, definition.shapes);
  TF_RegisterOpDefinition(builder, status);
  if (TF_GetCode(status) != TF_OK) return false;
  const auto kernel = [&](TF_DataType type, void (*compute)(void *, TF_OpKernelContext *)) {
    TF_KernelBuilder *kernels =
        TF_NewKernelBuilder(definition.name, "CPU", CreateKernel, compute, DeleteKernel);
    TF_KernelBuilder_TypeConstraint(kernels, "T", type, status);
    if (TF_GetCode(status) == TF_OK) TF_RegisterKernelBuilder(definition.name, kernels, status);
    return TF_GetCode(status) == TF_OK;
  };
  return kernel(TF_FLOAT, definition.compute_float) &&
         kernel(TF_BFLOAT16, definition.compute_bfloat16);
}

template <int padding>
std::vector<Definition> Paddings(const char *name, const char *gradient) {
  return {
      {name,
       {"x: T"},
       {"y: T"},
       {},
       OtherSides<2 * padding>,
       Run<ComputePad<float, padding>>,
       Run<ComputePad<BFloat16, padding>>},
      {gradient,
       {"dy: T"},
       {"dx: T"},
       {},
       OtherSides<-2 * padding>,
       Run<ComputePadGradient<float, padding>>,
       Run<ComputePadGradient<BFloat16, padding>>},
  };
}

}  // namespace

std::string RegisterOperations() {
  static bool done = false;
  if (done) return "";
  done = true;
  std::vector<Definition> definitions = {
      {"JanusInstanceNorm",
       {"x: T"},
       {"y: T", "mean: float", "scale: float"},
       {"epsilon: float", "slope: float"},
       SameShape<0, 3>,
       Run<ComputeNorm<float>>,
       Run<ComputeNorm<BFloat16>>},
      {"JanusInstanceNormGrad",
       {"dy: T", "x: T", "mean: float", "scale: float"},
       {"dx: T"},
       {"slope: float"},
       SameShape<1, 1>,
       Run<ComputeNormGradient<float>>,
       Run<ComputeNormGradient<BFloat16>>},
      {"JanusAdd",
       {"a: T", "b: T"},
       {"sum: T"},
       {},
       FirstShape,
       Run<ComputeAdd<float>>,
       Run<ComputeAdd<BFloat16>>},
      {"JanusActivationGrad",
       {"dy: T", "y: T"},
       {"dx: T"},
       {"alpha: float"},
       FirstShape,
       Run<ComputeActivationGradient<float>>,
       Run<ComputeActivationGradient<BFloat16>>},
      {"JanusChannelSum",
       {"x: T"},
       {"sum: float"},
       {},
       LastSide,
       Run<ComputeChannelSum<float>>,
       Run<ComputeChannelSum<BFloat16>>},
  };
  for (const auto &each : Paddings<1>("JanusReflectPad1", "JanusReflectPad1Grad")) {
    definitions.push_back(each);
  }
  for (const auto &each : Paddings<3>("JanusReflectPad3", "JanusReflectPad3Grad")) {
    definitions.push_back(each);
  }
  Status status(TF_NewStatus());
  for (const auto &each : definitions) {
    if (!Register(each, status.get())) return std::string(each.name) + ": " + TF_Message(status.get());
  }
  return "";
}

}  // namespace janus
