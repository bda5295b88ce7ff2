// Operations of Janus for TensorFlow's registry: one pass over memory where TensorFlow makes several.
#pragma once

#include <string>

namespace janus {

// Registers them with TensorFlow, once per process; returns the error, or an empty string.
std::string RegisterOperations();

}  // namespace janus
