// Loads a library without the lines that it prints while it loads. TensorFlow's framework library logs
// before it reads its log level, so that no environment variable silences it. This addon is linked to
// nothing of TensorFlow's, or it would load it itself.
#include <dlfcn.h>
#include <fcntl.h>
#include <node_api.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

namespace {

constexpr int kStandardError = 2;

// Whether a line of absl's log only informs: "I0000 00:00:...", or the warning that precedes the first.
bool Informs(const std::string &line) {
  if (line.rfind("WARNING: All log messages before absl::InitializeLog()", 0) == 0) return true;
  if (line.size() < 6 || line[0] != 'I') return false;
  for (int i = 1; i < 5; i++) {
    if (line[i] < '0' || line[i] > '9') return false;
  }
  return line[5] == ' ';
}

// Prints what was caught, but for lines that only inform.
void PrintRest(int caught) {
  std::string text;
  char bytes[4096];
  lseek(caught, 0, SEEK_SET);
  for (ssize_t n; (n = read(caught, bytes, sizeof bytes)) > 0;) {
    text.append(bytes, static_cast<size_t>(n));
  }
  for (size_t from = 0; from < text.size();) {
    const size_t end = text.find('\n', from);
    const size_t to = end == std::string::npos ? text.size() : end + 1;
    const std::string line = text.substr(from, to - from);
    if (!Informs(line) && write(kStandardError, line.data(), line.size()) < 0) return;
    from = to;
  }
}

// openQuietly(path): loads a library and returns undefined, or the loader's message.
napi_value OpenQuietly(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value given;
  napi_get_cb_info(env, info, &count, &given, nullptr, nullptr);
  size_t length = 0;
  if (count < 1 || napi_get_value_string_utf8(env, given, nullptr, 0, &length) != napi_ok) {
    napi_throw_type_error(env, nullptr, "openQuietly needs a path");
    return nullptr;
  }
  std::string path(length + 1, '\0');
  napi_get_value_string_utf8(env, given, &path[0], length + 1, &length);
  const int caught = memfd_create("janus-load", MFD_CLOEXEC);
  const int kept = caught < 0 ? -1 : fcntl(kStandardError, F_DUPFD_CLOEXEC, 3);
  const bool catches = kept >= 0 && dup2(caught, kStandardError) >= 0;
  const bool loaded = dlopen(path.c_str(), RTLD_LAZY) != nullptr;
  const char *complaint = loaded ? nullptr : dlerror();
  if (catches) {
    dup2(kept, kStandardError);
    PrintRest(caught);
  }
  if (kept >= 0) close(kept);
  if (caught >= 0) close(caught);
  napi_value result = nullptr;
  if (complaint != nullptr) {
    napi_create_string_utf8(env, complaint, NAPI_AUTO_LENGTH, &result);
  } else {
    napi_get_undefined(env, &result);
  }
  return result;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "openQuietly", NAPI_AUTO_LENGTH, OpenQuietly, nullptr, &function);
  napi_set_named_property(env, exports, "openQuietly", function);
  return exports;
}
