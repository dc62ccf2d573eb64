#pragma once

namespace convforge::bench {

// Prints, by instruction set, the share of a core's peak that gemm reaches on shapes of the tutorial's LeNet.
void measure_lenet();

}  // namespace convforge::bench
