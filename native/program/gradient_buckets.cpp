#include "program/gradient_buckets.h"

#include <algorithm>

namespace convforge {
namespace {

// 1 MB. Smaller buckets cost more messages, larger ones begin to travel later.
constexpr size_t kBucketFloats = size_t{1} << 18;

}  // namespace

void GradientBuckets::add(const std::vector<Parameter>& parameters) {
  for (const Parameter& p : parameters) {
    if (!p.trainable || !added_.insert(p.offset).second) continue;
    bucket_.push_back(p);
    floats_ += p.stored;
  }
  if (floats_ >= kBucketFloats) sum();
}

void GradientBuckets::finish() {
  add(parameters_);
  sum();
}

// Adjacent parameters are summed together.
void GradientBuckets::sum() {
  if (bucket_.empty()) return;
  plan_->pass({.node = "shards", .kind = "gradient sum", .algorithm = "elementwise"});
  std::sort(bucket_.begin(), bucket_.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
  size_t begin = bucket_[0].offset;
  size_t end = begin;
  for (const Parameter& p : bucket_) {
    if (p.offset != end) {
      plan_->sum_gradients(begin, end - begin);
      begin = p.offset;
    }
    end = p.offset + p.stored;
  }
  plan_->sum_gradients(begin, end - begin);
  bucket_.clear();
  floats_ = 0;
}

}  // namespace convforge
