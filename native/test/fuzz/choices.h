// Bytes of a fuzzer as choices.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace convforge::fuzz {

// Each choice takes a byte. When there are no more, the first alternative is chosen.
class Choices {
 public:
  Choices(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  uint8_t byte() { return at_ < size_ ? data_[at_++] : 0; }
  bool done() const { return at_ >= size_; }
  size_t below(size_t count) { return byte() % count; }
  double between(int low, int high) { return low + static_cast<int>(below(static_cast<size_t>(high - low + 1))); }
  bool flag() { return byte() % 2 == 1; }
  // True for one byte of 64.
  bool rarely() { return byte() >= 252; }

  std::string word(const std::vector<const char*>& words) { return words[below(words.size())]; }

  // A number that hardly anything takes.
  double hostile() {
    static const double kNumbers[] = {NAN,    -1,     0,      0.5,    -0.0,    1e-40,   1e9,
                                      0x1p31, 0x1p32, 0x1p53, 0x1p62, 1e300,   -0x1p31, -1e300,
                                      65536,  46341,  0x1p24, 2e38,   -1e-300, -32768,  INFINITY};
    return kNumbers[below(sizeof(kNumbers) / sizeof(*kNumbers))];
  }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

}  // namespace convforge::fuzz
