// Graphs for Node: operations are added one by one, TensorFlow infers their shapes, and a session
// runs them. Values are passed as typed arrays. A run takes place on a thread of libuv's pool, so that
// JavaScript continues meanwhile. A process may hold several graphs, which share no variables.
#include <node_api.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "operations.h"
#include "tensorflow/c/c_api.h"

namespace tensorflow {
// Of the framework library; its header needs more of TensorFlow's than the wheel's C headers.
bool IsMklEnabled();
}  // namespace tensorflow

namespace {

struct StatusDeleter {
  void operator()(TF_Status *status) const { TF_DeleteStatus(status); }
};
using Status = std::unique_ptr<TF_Status, StatusDeleter>;
Status NewStatus() { return Status(TF_NewStatus()); }

// Tensors of this addon that are not freed yet, those behind JavaScript's arrays included.
std::atomic<int64_t> live_tensors{0};

struct TensorDeleter {
  void operator()(TF_Tensor *tensor) const {
    TF_DeleteTensor(tensor);
    live_tensors--;
  }
};
using Tensor = std::unique_ptr<TF_Tensor, TensorDeleter>;

Tensor Owned(TF_Tensor *tensor) {
  if (tensor != nullptr) live_tensors++;
  return Tensor(tensor);
}

struct Graph {
  TF_Graph *graph = nullptr;
  TF_Session *session = nullptr;
  std::vector<TF_Operation *> operations;
  std::vector<TF_Output> outputs;

  void Close() {
    if (session != nullptr) {
      Status status = NewStatus();
      TF_CloseSession(session, status.get());
      TF_DeleteSession(session, status.get());
      session = nullptr;
    }
    if (graph != nullptr) {
      TF_DeleteGraph(graph);
      graph = nullptr;
    }
  }
  ~Graph() { Close(); }
};

bool Throw(napi_env env, const std::string &message) {
  napi_throw_error(env, nullptr, message.c_str());
  return false;
}

bool Check(napi_env env, TF_Status *status) {
  if (TF_GetCode(status) == TF_OK) return true;
  return Throw(env, TF_Message(status));
}

bool Pending(napi_env env) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  return pending;
}

// Readers of JavaScript values. A wrong type is a bug of the caller: they throw.

std::string StringOf(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) {
    Throw(env, "graph: expected a string");
    return "";
  }
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, &text[0], length + 1, &length);
  return text;
}

int64_t IntegerOf(napi_env env, napi_value value) {
  int64_t number = 0;
  if (napi_get_value_int64(env, value, &number) != napi_ok) {
    Throw(env, "graph: expected a whole number");
  }
  return number;
}

double NumberOf(napi_env env, napi_value value) {
  double number = 0;
  if (napi_get_value_double(env, value, &number) != napi_ok) {
    Throw(env, "graph: expected a number");
  }
  return number;
}

bool BooleanOf(napi_env env, napi_value value) {
  bool truth = false;
  if (napi_get_value_bool(env, value, &truth) != napi_ok) {
    Throw(env, "graph: expected a boolean");
  }
  return truth;
}

bool IsArray(napi_env env, napi_value value) {
  bool array = false;
  napi_is_array(env, value, &array);
  return array;
}

std::vector<napi_value> ElementsOf(napi_env env, napi_value array) {
  uint32_t length = 0;
  std::vector<napi_value> elements;
  if (napi_get_array_length(env, array, &length) != napi_ok) {
    Throw(env, "graph: expected an array");
    return elements;
  }
  for (uint32_t i = 0; i < length; i++) {
    napi_value element;
    napi_get_element(env, array, i, &element);
    elements.push_back(element);
  }
  return elements;
}

std::vector<int64_t> IntegersOf(napi_env env, napi_value array) {
  std::vector<int64_t> numbers;
  for (napi_value element : ElementsOf(env, array)) numbers.push_back(IntegerOf(env, element));
  return numbers;
}

napi_value Property(napi_env env, napi_value object, const char *name) {
  napi_value value = nullptr;
  napi_get_named_property(env, object, name, &value);
  return value;
}

napi_value Integer(napi_env env, int64_t number) {
  napi_value value;
  napi_create_int64(env, number, &value);
  return value;
}

napi_value Shape(napi_env env, const std::vector<int64_t> &shape) {
  napi_value array;
  napi_create_array_with_length(env, shape.size(), &array);
  for (size_t i = 0; i < shape.size(); i++) {
    napi_set_element(env, array, static_cast<uint32_t>(i), Integer(env, shape[i]));
  }
  return array;
}

template <size_t count>
std::vector<napi_value> Arguments(napi_env env, napi_callback_info info) {
  size_t given = count;
  std::vector<napi_value> values(count);
  napi_get_cb_info(env, info, &given, values.data(), nullptr, nullptr);
  return values;
}

Graph *GraphOf(napi_env env, napi_value value) {
  void *pointer = nullptr;
  if (napi_get_value_external(env, value, &pointer) != napi_ok || pointer == nullptr) {
    Throw(env, "graph: the first argument must be a graph");
    return nullptr;
  }
  Graph *graph = static_cast<Graph *>(pointer);
  if (graph->graph == nullptr) {
    Throw(env, "graph: must be open, but was closed");
    return nullptr;
  }
  return graph;
}

// Copies a typed array into a tensor, since a run outlives the call that started it.
Tensor TensorOf(napi_env env, TF_DataType type, const std::vector<int64_t> &shape,
                napi_value typed_array) {
  napi_typedarray_type kind;
  size_t length = 0;
  void *data = nullptr;
  if (napi_get_typedarray_info(env, typed_array, &kind, &length, &data, nullptr, nullptr) !=
      napi_ok) {
    Throw(env, "graph: values must be a typed array");
    return nullptr;
  }
  size_t width = 1;
  switch (kind) {
    case napi_float32_array:
    case napi_int32_array:
    case napi_uint32_array:
      width = 4;
      break;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array:
      width = 8;
      break;
    case napi_int16_array:
    case napi_uint16_array:
      width = 2;
      break;
    default:
      break;
  }
  size_t elements = 1;
  for (int64_t side : shape) elements *= static_cast<size_t>(side);
  if (elements * TF_DataTypeSize(type) != length * width) {
    Throw(env, "graph: values must fit the shape, but there are " +
                   std::to_string(length * width) + " bytes for " + std::to_string(elements) +
                   " elements");
    return nullptr;
  }
  Tensor tensor = Owned(
      TF_AllocateTensor(type, shape.data(), static_cast<int>(shape.size()), length * width));
  // An empty array has no address, which memcpy must not be given even for 0 bytes.
  if (length > 0) std::memcpy(TF_TensorData(tensor.get()), data, length * width);
  return tensor;
}

void DeleteGraph(napi_env, void *data, void *) { delete static_cast<Graph *>(data); }

// create(config: Uint8Array): graph. `config` is a serialized ConfigProto, empty for the defaults.
napi_value Create(napi_env env, napi_callback_info info) {
  auto arguments = Arguments<1>(env, info);
  napi_typedarray_type kind;
  size_t length = 0;
  void *data = nullptr;
  if (napi_get_typedarray_info(env, arguments[0], &kind, &length, &data, nullptr, nullptr) !=
      napi_ok) {
    Throw(env, "graph: the configuration must be a typed array");
    return nullptr;
  }
  auto graph = std::make_unique<Graph>();
  graph->graph = TF_NewGraph();
  TF_SessionOptions *options = TF_NewSessionOptions();
  Status status = NewStatus();
  if (length > 0) TF_SetConfig(options, data, length, status.get());
  if (TF_GetCode(status.get()) == TF_OK) {
    graph->session = TF_NewSession(graph->graph, options, status.get());
  }
  TF_DeleteSessionOptions(options);
  if (!Check(env, status.get())) return nullptr;
  napi_value external;
  napi_create_external(env, graph.release(), DeleteGraph, nullptr, &external);
  return external;
}

// close(graph): frees the session, its variables and the operations.
napi_value Close(napi_env env, napi_callback_info info) {
  auto arguments = Arguments<1>(env, info);
  Graph *graph = GraphOf(env, arguments[0]);
  if (graph != nullptr) graph->Close();
  return nullptr;
}

void SetAttribute(napi_env env, TF_OperationDescription *description, napi_value attribute) {
  const std::string name = StringOf(env, Property(env, attribute, "name"));
  const int64_t type = IntegerOf(env, Property(env, attribute, "type"));
  napi_value value = Property(env, attribute, "value");
  if (Pending(env)) return;
  const bool list = IsArray(env, value);
  switch (type) {
    case TF_ATTR_STRING: {
      const std::string text = StringOf(env, value);
      TF_SetAttrString(description, name.c_str(), text.data(), text.size());
      break;
    }
    case TF_ATTR_INT: {
      if (list) {
        const auto numbers = IntegersOf(env, value);
        TF_SetAttrIntList(description, name.c_str(), numbers.data(),
                          static_cast<int>(numbers.size()));
      } else {
        TF_SetAttrInt(description, name.c_str(), IntegerOf(env, value));
      }
      break;
    }
    case TF_ATTR_FLOAT:
      TF_SetAttrFloat(description, name.c_str(), static_cast<float>(NumberOf(env, value)));
      break;
    case TF_ATTR_BOOL:
      TF_SetAttrBool(description, name.c_str(), BooleanOf(env, value) ? 1 : 0);
      break;
    case TF_ATTR_TYPE: {
      if (list) {
        std::vector<TF_DataType> types;
        for (int64_t each : IntegersOf(env, value)) types.push_back(static_cast<TF_DataType>(each));
        TF_SetAttrTypeList(description, name.c_str(), types.data(), static_cast<int>(types.size()));
      } else {
        TF_SetAttrType(description, name.c_str(), static_cast<TF_DataType>(IntegerOf(env, value)));
      }
      break;
    }
    case TF_ATTR_SHAPE: {
      const auto shape = IntegersOf(env, value);
      TF_SetAttrShape(description, name.c_str(), shape.data(), static_cast<int>(shape.size()));
      break;
    }
    default:
      Throw(env, "graph: attribute " + name + " has the unknown type " + std::to_string(type));
  }
}

// Registers an operation and returns {operation: its id, outputs: [{id, dtype, shape}]}. A size that
// TensorFlow cannot infer is -1.
napi_value Describe(napi_env env, Graph *graph, TF_Operation *operation) {
  napi_value result;
  napi_create_object(env, &result);
  graph->operations.push_back(operation);
  napi_set_named_property(env, result, "operation",
                          Integer(env, static_cast<int64_t>(graph->operations.size()) - 1));
  const int count = TF_OperationNumOutputs(operation);
  napi_value outputs;
  napi_create_array_with_length(env, count, &outputs);
  Status status = NewStatus();
  for (int i = 0; i < count; i++) {
    const TF_Output output{operation, i};
    const int rank = TF_GraphGetTensorNumDims(graph->graph, output, status.get());
    std::vector<int64_t> shape(rank < 0 ? 1 : rank, -1);
    if (rank > 0) {
      TF_GraphGetTensorShape(graph->graph, output, shape.data(), rank, status.get());
    }
    graph->outputs.push_back(output);
    napi_value each;
    napi_create_object(env, &each);
    napi_set_named_property(env, each, "id",
                            Integer(env, static_cast<int64_t>(graph->outputs.size()) - 1));
    napi_set_named_property(env, each, "dtype", Integer(env, TF_OperationOutputType(output)));
    napi_set_named_property(env, each, "shape", Shape(env, shape));
    napi_set_element(env, outputs, i, each);
  }
  napi_set_named_property(env, result, "outputs", outputs);
  return result;
}

bool IsOutput(napi_env env, Graph *graph, int64_t id) {
  if (id >= 0 && id < static_cast<int64_t>(graph->outputs.size())) return true;
  return Throw(env, "graph: there is no tensor " + std::to_string(id));
}

bool IsOperation(napi_env env, Graph *graph, int64_t id) {
  if (id >= 0 && id < static_cast<int64_t>(graph->operations.size())) return true;
  return Throw(env, "graph: there is no operation " + std::to_string(id));
}

// add(graph, {type, name, inputs, attributes, after, device}): {operation, outputs}. An input that
// is an array of tensor ids is one list argument; `after` are operations that must run first.
napi_value Add(napi_env env, napi_callback_info info) {
  auto arguments = Arguments<2>(env, info);
  Graph *graph = GraphOf(env, arguments[0]);
  if (graph == nullptr) return nullptr;
  napi_value spec = arguments[1];
  const std::string type = StringOf(env, Property(env, spec, "type"));
  const std::string name = StringOf(env, Property(env, spec, "name"));
  const auto inputs = ElementsOf(env, Property(env, spec, "inputs"));
  const auto attributes = ElementsOf(env, Property(env, spec, "attributes"));
  const auto after = IntegersOf(env, Property(env, spec, "after"));
  const std::string device = StringOf(env, Property(env, spec, "device"));
  if (Pending(env)) return nullptr;
  // Checked before the description exists, which can only be finished, not dropped.
  std::vector<std::vector<TF_Output>> given;
  for (napi_value input : inputs) {
    const bool list = IsArray(env, input);
    const auto ids =
        list ? IntegersOf(env, input) : std::vector<int64_t>{IntegerOf(env, input)};
    std::vector<TF_Output> outputs;
    for (int64_t id : ids) {
      if (!IsOutput(env, graph, id)) return nullptr;
      outputs.push_back(graph->outputs[id]);
    }
    given.push_back(outputs);
  }
  for (int64_t id : after) {
    if (!IsOperation(env, graph, id)) return nullptr;
  }
  TF_OperationDescription *description =
      TF_NewOperation(graph->graph, type.c_str(), name.c_str());
  for (size_t i = 0; i < given.size(); i++) {
    if (IsArray(env, inputs[i])) {
      TF_AddInputList(description, given[i].data(), static_cast<int>(given[i].size()));
    } else {
      TF_AddInput(description, given[i][0]);
    }
  }
  for (int64_t id : after) TF_AddControlInput(description, graph->operations[id]);
  if (!device.empty()) TF_SetDevice(description, device.c_str());
  for (napi_value attribute : attributes) SetAttribute(env, description, attribute);
  Status status = NewStatus();
  TF_Operation *operation = TF_FinishOperation(description, status.get());
  if (Pending(env) || !Check(env, status.get())) return nullptr;
  return Describe(env, graph, operation);
}

// constant(graph, name, dtype, shape, values): {operation, outputs}
napi_value Constant(napi_env env, napi_callback_info info) {
  auto arguments = Arguments<5>(env, info);
  Graph *graph = GraphOf(env, arguments[0]);
  if (graph == nullptr) return nullptr;
  const std::string name = StringOf(env, arguments[1]);
  const auto type = static_cast<TF_DataType>(IntegerOf(env, arguments[2]));
  const auto shape = IntegersOf(env, arguments[3]);
  Tensor tensor = TensorOf(env, type, shape, arguments[4]);
  if (tensor == nullptr) return nullptr;
  TF_OperationDescription *description = TF_NewOperation(graph->graph, "Const", name.c_str());
  TF_SetAttrType(description, "dtype", type);
  Status status = NewStatus();
  TF_SetAttrTensor(description, "value", tensor.get(), status.get());
  Status finished = NewStatus();
  TF_Operation *operation = TF_FinishOperation(description, finished.get());
  if (!Check(env, status.get()) || !Check(env, finished.get())) return nullptr;
  return Describe(env, graph, operation);
}

struct Run {
  Graph *graph = nullptr;
  napi_ref keep = nullptr;  // keeps the graph's JavaScript value alive during the run
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
  std::vector<TF_Output> feeds;
  std::vector<Tensor> values;
  std::vector<TF_Output> fetches;
  std::vector<Tensor> results;
  std::vector<const TF_Operation *> targets;
  Status status = NewStatus();

  void Execute() {
    std::vector<TF_Tensor *> given;
    for (auto &value : values) given.push_back(value.get());
    std::vector<TF_Tensor *> found(fetches.size(), nullptr);
    TF_SessionRun(graph->session, nullptr, feeds.data(), given.data(),
                  static_cast<int>(feeds.size()), fetches.data(), found.data(),
                  static_cast<int>(fetches.size()), targets.data(),
                  static_cast<int>(targets.size()), nullptr, status.get());
    for (TF_Tensor *tensor : found) results.push_back(Owned(tensor));
    values.clear();
  }
};

// Reads a run's arguments: (graph, feeds: [{id, dtype, shape, values}], fetches: ids, targets: ids).
std::unique_ptr<Run> ReadRun(napi_env env, const std::vector<napi_value> &arguments) {
  auto run = std::make_unique<Run>();
  run->graph = GraphOf(env, arguments[0]);
  if (run->graph == nullptr) return nullptr;
  for (napi_value feed : ElementsOf(env, arguments[1])) {
    const int64_t id = IntegerOf(env, Property(env, feed, "id"));
    const auto type = static_cast<TF_DataType>(IntegerOf(env, Property(env, feed, "dtype")));
    const auto shape = IntegersOf(env, Property(env, feed, "shape"));
    if (Pending(env) || !IsOutput(env, run->graph, id)) return nullptr;
    Tensor tensor = TensorOf(env, type, shape, Property(env, feed, "values"));
    if (tensor == nullptr) return nullptr;
    run->feeds.push_back(run->graph->outputs[id]);
    run->values.push_back(std::move(tensor));
  }
  for (int64_t id : IntegersOf(env, arguments[2])) {
    if (!IsOutput(env, run->graph, id)) return nullptr;
    run->fetches.push_back(run->graph->outputs[id]);
  }
  for (int64_t id : IntegersOf(env, arguments[3])) {
    if (!IsOperation(env, run->graph, id)) return nullptr;
    run->targets.push_back(run->graph->operations[id]);
  }
  if (Pending(env)) return nullptr;
  return run;
}

void DeleteTensor(napi_env, void *, void *tensor) {
  TensorDeleter()(static_cast<TF_Tensor *>(tensor));
}

// Returns a result as {dtype, shape, values}, where `values` is the tensor's own memory: bytes for a
// type that JavaScript has no typed array for.
napi_value ResultOf(napi_env env, Tensor tensor) {
  std::vector<int64_t> shape(TF_NumDims(tensor.get()));
  for (size_t i = 0; i < shape.size(); i++) {
    shape[i] = TF_Dim(tensor.get(), static_cast<int>(i));
  }
  const TF_DataType type = TF_TensorType(tensor.get());
  const size_t bytes = TF_TensorByteSize(tensor.get());
  napi_value buffer;
  TF_Tensor *owned = tensor.get();
  if (bytes > 0 && napi_create_external_arraybuffer(env, TF_TensorData(owned), bytes, DeleteTensor,
                                                    owned, &buffer) == napi_ok) {
    tensor.release();
  } else {
    void *copy = nullptr;
    napi_create_arraybuffer(env, bytes, &copy, &buffer);
    if (bytes > 0) std::memcpy(copy, TF_TensorData(owned), bytes);
  }
  napi_typedarray_type kind = napi_uint8_array;
  size_t width = 1;
  if (type == TF_FLOAT) kind = napi_float32_array, width = 4;
  if (type == TF_INT32) kind = napi_int32_array, width = 4;
  if (type == TF_INT64) kind = napi_bigint64_array, width = 8;
  napi_value values;
  napi_create_typedarray(env, kind, bytes / width, buffer, 0, &values);
  napi_value result;
  napi_create_object(env, &result);
  napi_set_named_property(env, result, "dtype", Integer(env, type));
  napi_set_named_property(env, result, "shape", Shape(env, shape));
  napi_set_named_property(env, result, "values", values);
  return result;
}

napi_value ResultsOf(napi_env env, Run *run) {
  napi_value results;
  napi_create_array_with_length(env, run->results.size(), &results);
  for (size_t i = 0; i < run->results.size(); i++) {
    napi_set_element(env, results, static_cast<uint32_t>(i),
                     ResultOf(env, std::move(run->results[i])));
  }
  return results;
}

// runSync(graph, feeds, fetches, targets): results
napi_value RunSync(napi_env env, napi_callback_info info) {
  auto run = ReadRun(env, Arguments<4>(env, info));
  if (run == nullptr) return nullptr;
  run->Execute();
  if (!Check(env, run->status.get())) return nullptr;
  return ResultsOf(env, run.get());
}

void ExecuteWork(napi_env, void *data) { static_cast<Run *>(data)->Execute(); }

void FinishWork(napi_env env, napi_status, void *data) {
  std::unique_ptr<Run> run(static_cast<Run *>(data));
  napi_delete_async_work(env, run->work);
  napi_delete_reference(env, run->keep);
  if (TF_GetCode(run->status.get()) == TF_OK) {
    napi_resolve_deferred(env, run->deferred, ResultsOf(env, run.get()));
    return;
  }
  napi_value message, error;
  napi_create_string_utf8(env, TF_Message(run->status.get()), NAPI_AUTO_LENGTH, &message);
  napi_create_error(env, nullptr, message, &error);
  napi_reject_deferred(env, run->deferred, error);
}

// run(graph, feeds, fetches, targets): Promise<results>
napi_value RunAsync(napi_env env, napi_callback_info info) {
  auto arguments = Arguments<4>(env, info);
  auto run = ReadRun(env, arguments);
  if (run == nullptr) return nullptr;
  napi_value promise, name;
  napi_create_promise(env, &run->deferred, &promise);
  napi_create_reference(env, arguments[0], 1, &run->keep);
  napi_create_string_utf8(env, "janus:run", NAPI_AUTO_LENGTH, &name);
  Run *pointer = run.release();
  napi_create_async_work(env, nullptr, name, ExecuteWork, FinishWork, pointer, &pointer->work);
  napi_queue_async_work(env, pointer->work);
  return promise;
}

// computesWithOneDnn(): boolean
napi_value ComputesWithOneDnn(napi_env env, napi_callback_info) {
  napi_value result;
  napi_get_boolean(env, tensorflow::IsMklEnabled(), &result);
  return result;
}

// liveTensors(): number
napi_value LiveTensors(napi_env env, napi_callback_info) { return Integer(env, live_tensors); }

}  // namespace

NAPI_MODULE_INIT() {
  const std::string failure = janus::RegisterOperations();
  if (!failure.empty()) Throw(env, "graph: TensorFlow must accept our operations, but refused " + failure);
  const struct {
    const char *name;
    napi_callback callback;
  } functions[] = {
      {"create", Create}, {"close", Close},     {"add", Add},
      {"run", RunAsync},  {"runSync", RunSync}, {"constant", Constant},
      {"liveTensors", LiveTensors},
      {"computesWithOneDnn", ComputesWithOneDnn},
  };
  for (const auto &each : functions) {
    napi_value function;
    napi_create_function(env, each.name, NAPI_AUTO_LENGTH, each.callback, nullptr, &function);
    napi_set_named_property(env, exports, each.name, function);
  }
  return exports;
}
