// Every kernel body, for one target: included inside its region and unnamed namespace. The order follows their
// dependences; blank lines keep the formatter from sorting it.
#include "kernels/math.inl.h"

#include "kernels/elementwise.inl.h"

#include "kernels/activation.inl.h"

#include "kernels/unary.inl.h"

#include "kernels/binary.inl.h"

#include "kernels/softmax.inl.h"

#include "kernels/channels.inl.h"

#include "kernels/channel_normalization.inl.h"
#include "kernels/depthwise.inl.h"
#include "kernels/element_loss.inl.h"
#include "kernels/gemm.inl.h"
#include "kernels/loss.inl.h"
#include "kernels/norms.inl.h"
#include "kernels/optimizer.inl.h"
#include "kernels/packed_gemm.inl.h"
#include "kernels/panel_dots.inl.h"
#include "kernels/peak.inl.h"
#include "kernels/pool.inl.h"
#include "kernels/reduce.inl.h"
#include "kernels/row_normalization.inl.h"
#include "kernels/sparse.inl.h"
#include "kernels/taps.inl.h"
#include "kernels/tone.inl.h"
#include "kernels/transpose.inl.h"
#include "kernels/winograd.inl.h"
