#pragma once

#include <cstddef>
#include <unordered_set>
#include <vector>

#include "plan/parameter.h"
#include "plan/plan.h"

namespace convforge {

// Plans the sums of gradients over the shards: in buckets, each as soon as its gradients are written. So they travel to
// other processes while earlier layers compute.
class GradientBuckets {
 public:
  // `parameters`: all of the program. They must outlive this object.
  GradientBuckets(Plan* plan, const std::vector<Parameter>& parameters) : plan_(plan), parameters_(parameters) {}

  // The stages after these don't write the parameters' gradients.
  void add(const std::vector<Parameter>& parameters);
  // Sums all that wasn't added, too.
  void finish();

 private:
  void sum();

  Plan* plan_;
  const std::vector<Parameter>& parameters_;
  std::unordered_set<size_t> added_;  // offsets
  std::vector<Parameter> bucket_;
  size_t floats_ = 0;  // of the bucket
};

}  // namespace convforge
