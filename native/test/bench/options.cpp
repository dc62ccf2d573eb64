#include "test/bench/options.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <stdexcept>

namespace convforge::bench {

const char* const kHelp = R"(Measures one pass of one kernel beside the peak of fused multiply-adds, by turns.

  native_bench conv --input 64x32x32x64 --filters 64     batch x height x width x channels
      --kernel 3 --strides 1 --dilation 1 --groups 1     3x5 if height and width differ
      --padding same|valid --activation relu --pool 2    activation and max-pooling are fused
  native_bench depthwise --input 64x32x32x128            as conv, without --filters, --groups and --pool
  native_bench dense --input 128x1024 --units 1000 --activation relu
  native_bench pool --input 128x24x24x32 --kernel 2 --strides 2 --padding valid --mode max|average|sum
  native_bench gemm M N K                                rows, columns, depth; one thread
  native_bench lenet                                     products of the tutorial's LeNet, on every instruction set

Of all but the last two:
      --pass forward|kernel|input     the forward pass (default), the kernel gradient or the input gradient
      --algorithm auto|NAME           of a convolution; the planner's choice by default
      --threads 1
Of all but the last:
      --repeats 15 --milliseconds 20  the number of turns, and the least time of each

GFLOP/s count the direct algorithm's operations, so Winograd's and sparse algorithms may pass the peak.
CONVFORGE_ISA=scalar|avx2|avx512|neon chooses the instruction set.
)";

namespace {

[[noreturn]] void fail(const std::string& text) { throw std::invalid_argument(text); }

// "64x32x32x64" as numbers from 1 up.
std::vector<int64_t> sizes(const std::string& option, const std::string& text) {
  std::vector<int64_t> values;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (;; ++at) {
    int64_t value = 0;
    const auto [stop, error] = std::from_chars(at, end, value);
    if (error != std::errc() || value < 1 || value > INT32_MAX || (stop != end && *stop != 'x'))
      fail(option + " " + text + ": expected whole numbers from 1 up, with an x between them");
    values.push_back(value);
    at = stop;
    if (at == end) return values;
  }
}

std::vector<int64_t> sizes(const std::string& option, const std::string& text, size_t count, const char* meaning) {
  std::vector<int64_t> values = sizes(option, text);
  if (values.size() != count) fail(option + " " + text + ": expected " + meaning);
  return values;
}

int64_t one(const std::string& option, const std::string& text) { return sizes(option, text, 1, "one number")[0]; }

// "3" or "3x5", height first.
std::vector<int64_t> pair(const std::string& option, const std::string& text) {
  std::vector<int64_t> values = sizes(option, text);
  if (values.size() > 2) fail(option + " " + text + ": expected one number, or height x width");
  if (values.size() == 1) values.push_back(values[0]);
  return values;
}

std::string one_of(const std::string& option, const std::string& text, const std::vector<std::string>& words) {
  if (std::find(words.begin(), words.end(), text) != words.end()) return text;
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  fail(option + " " + text + ": expected one of " + list);
}

using Setter = std::function<void(Options&, const std::string& option, const std::string& text)>;

// By option.
const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> all = {
      {"--input",
       [](Options& o, auto& name, auto& text) {
         const bool dense = o.kind == "dense";
         o.input = sizes(name, text, dense ? 2 : 4, dense ? "batch x inputs" : "batch x height x width x channels");
       }},
      {"--filters", [](Options& o, auto& name, auto& text) { o.filters = one(name, text); }},
      {"--units", [](Options& o, auto& name, auto& text) { o.filters = one(name, text); }},
      {"--kernel", [](Options& o, auto& name, auto& text) { o.kernel = pair(name, text); }},
      {"--strides", [](Options& o, auto& name, auto& text) { o.strides = pair(name, text); }},
      {"--dilation", [](Options& o, auto& name, auto& text) { o.dilation = pair(name, text); }},
      {"--groups", [](Options& o, auto& name, auto& text) { o.groups = one(name, text); }},
      {"--padding",
       [](Options& o, auto& name, auto& text) {
         o.padding = one_of(name, text, {"same", "valid"});
       }},
      {"--activation", [](Options& o, auto&, auto& text) { o.activation = text; }},
      {"--pool", [](Options& o, auto& name, auto& text) { o.pool = pair(name, text); }},
      {"--mode",
       [](Options& o, auto& name, auto& text) {
         o.mode = one_of(name, text, {"max", "average", "sum"});
       }},
      {"--pass",
       [](Options& o, auto& name, auto& text) {
         o.pass = one_of(name, text, {"forward", "kernel", "input"});
       }},
      {"--algorithm", [](Options& o, auto&, auto& text) { o.algorithm = text; }},
      {"--threads", [](Options& o, auto& name, auto& text) { o.threads = static_cast<int>(one(name, text)); }},
      {"--repeats", [](Options& o, auto& name, auto& text) { o.repeats = static_cast<int>(one(name, text)); }},
      {"--milliseconds",
       [](Options& o, auto& name, auto& text) { o.milliseconds = static_cast<double>(one(name, text)); }},
  };
  return all;
}

// The options that a kind of kernel takes.
const std::map<std::string, std::vector<std::string>>& options_by_kind() {
  static const std::map<std::string, std::vector<std::string>> all = {
      {"conv",
       {"--input", "--filters", "--kernel", "--strides", "--dilation", "--groups", "--padding", "--activation",
        "--pool", "--pass", "--algorithm", "--threads", "--repeats", "--milliseconds"}},
      {"depthwise",
       {"--input", "--kernel", "--strides", "--dilation", "--padding", "--activation", "--pass", "--algorithm",
        "--threads", "--repeats", "--milliseconds"}},
      {"dense", {"--input", "--units", "--activation", "--pass", "--threads", "--repeats", "--milliseconds"}},
      {"pool",
       {"--input", "--kernel", "--strides", "--padding", "--mode", "--pass", "--threads", "--repeats",
        "--milliseconds"}},
      {"gemm", {"--repeats", "--milliseconds"}},
  };
  return all;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += " " + word;
  return text;
}

void check(const Options& o) {
  if (o.input.empty()) fail(o.kind + ": --input is missing");
  if (o.filters == 0) fail(o.kind + (o.kind == "dense" ? ": --units is missing" : ": --filters is missing"));
  if (o.kind == "pool" && o.pass == "kernel") fail("--pass kernel: pooling has no kernel");
}

}  // namespace

Options parse(const std::vector<std::string>& arguments) {
  Options o;
  o.kind = arguments.at(0);
  const auto allowed = options_by_kind().find(o.kind);
  if (allowed == options_by_kind().end())
    fail(o.kind + ": expected conv, depthwise, dense, pool, gemm or lenet; --help tells more");
  if (o.kind == "pool") {
    o.kernel = o.strides = {2, 2};
    o.padding = "valid";
  }
  size_t at = 1;
  if (o.kind == "gemm") {
    if (arguments.size() < 4) fail("gemm: expected M N K, rows, columns and depth");
    for (; at <= 3; ++at) o.input.push_back(one("gemm", arguments[at]));
  }
  for (; at < arguments.size(); at += 2) {
    const std::string& name = arguments[at];
    if (std::find(allowed->second.begin(), allowed->second.end(), name) == allowed->second.end())
      fail(name + ": " + o.kind + " takes" + joined(allowed->second));
    if (at + 1 == arguments.size()) fail(name + ": a value is missing");
    setters().at(name)(o, name, arguments[at + 1]);
  }
  if (o.kind == "depthwise" && !o.input.empty()) o.filters = o.groups = o.input[3];
  if (o.kind == "gemm" || o.kind == "pool") o.filters = o.input.empty() ? 1 : o.input.back();
  check(o);
  return o;
}

}  // namespace convforge::bench
