// What kernels take. Kernels are single-threaded functions over one tile of work; ops call them through a KernelTable.
#pragma once

#include "kernels/types/activation.h"
#include "kernels/types/depthwise.h"
#include "kernels/types/gemm.h"
#include "kernels/types/loss.h"
#include "kernels/types/normalization.h"
#include "kernels/types/optimizer.h"
#include "kernels/types/pool.h"
#include "kernels/types/sparse.h"
#include "kernels/types/tone.h"
#include "kernels/types/winograd.h"
