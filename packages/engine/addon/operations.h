// Operations of Janus in TensorFlow's registry: one pass over memory where TensorFlow has several.
#pragma once

#include <string>

namespace janus {

// Registers them with TensorFlow, once a process; returns what went wrong, or nothing.
std::string RegisterOperations();

}  // namespace janus
