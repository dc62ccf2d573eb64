// Arguments of the kernels. A kernel is a single-threaded function over one tile of work. Ops call kernels through a
// KernelTable.
#pragma once

#include "kernels/types/activation.h"
#include "kernels/types/binary.h"
#include "kernels/types/depthwise.h"
#include "kernels/types/gemm.h"
#include "kernels/types/loss.h"
#include "kernels/types/normalization.h"
#include "kernels/types/optimizer.h"
#include "kernels/types/pool.h"
#include "kernels/types/reduction.h"
#include "kernels/types/sparse.h"
#include "kernels/types/tone.h"
#include "kernels/types/unary.h"
#include "kernels/types/winograd.h"
