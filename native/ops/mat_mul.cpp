#include <algorithm>
#include <string>

#include "ops/activation.h"
#include "ops/op.h"
#include "runtime/error.h"
#include "targets/dispatch.h"

namespace convforge {
namespace {

// Matrices of an input, which lie one behind the other in each sample.
struct Matrices {
  int64_t rows = 0;  // as stored
  int64_t columns = 0;
  bool transposed = false;
  size_t count = 0;         // in a sample
  std::vector<int32_t> of;  // by product: the index of its matrix

  size_t floats() const { return static_cast<size_t>(rows * columns); }
  size_t sample_floats() const { return count * floats(); }
};

// Products of matrices, C = op(A) op(B) with op(A) [m][k] and op(B) [k][n].
class MatMulOp : public Op {
  static constexpr int64_t kMaxProducts = int64_t{1} << 20;  // in a sample; their matrices are listed
  static constexpr int kTaskRows = 64;                       // rows of C that a task computes

 public:
  MatMulOp(const NodeDescription& node, const std::vector<Shape>& inputs) : Op(node, inputs[0], {}) {
    node.expect_parameters({}, 0);
    if (inputs.size() != 2) {
      throw Error("INVALID_ARGUMENT", node.name + ": matMul takes two inputs, not " + std::to_string(inputs.size()),
                  node.name);
    }
    const Shape& a = inputs[0];
    const Shape& b = inputs[1];
    if (a.size() < 2 || b.size() < 2) {
      throw Error("SHAPE_MISMATCH",
                  node.name + ": matMul takes inputs of two axes or more, not " + to_string(a) + " and " + to_string(b),
                  node.name);
    }
    set_matrices(a_, a, node.flag("transposeA"));
    set_matrices(b_, b, node.flag("transposeB"));
    m_ = a_.transposed ? a_.columns : a_.rows;
    k_ = a_.transposed ? a_.rows : a_.columns;
    n_ = b_.transposed ? b_.rows : b_.columns;
    if (k_ != (b_.transposed ? b_.columns : b_.rows)) {
      throw Error("SHAPE_MISMATCH",
                  node.name + ": the matrices of " + to_string(a) + " and " + to_string(b) + " can't be multiplied",
                  node.name);
    }
    out = broadcast_leading(a, b);
    const int64_t products = checked_size(out, "leading axes", node.name);
    if (products > kMaxProducts) {
      throw Error("TOO_LARGE",
                  node.name + ": " + std::to_string(products) + " products a sample are more than " +
                      std::to_string(kMaxProducts),
                  node.name);
    }
    list_matrices(a_, a);
    list_matrices(b_, b);
    out.push_back(m_);
    out.push_back(n_);
    checked_size(out, "output", node.name);
  }

  void plan_forward(Plan& plan, OpBuffers& buffers, bool) const override {
    begin_pass(plan, "forward");
    const BufferId b = b_.transposed ? plan_transposes(plan, b_, buffers.inputs[1]) : buffers.inputs[1];
    plan.need_scratch(kGemmScratch);
    const size_t blocks = ceil_div(static_cast<size_t>(m_), kTaskRows);
    plan.stage(
        {buffers.in, b, buffers.out}, [=, this](const Step& s) { return static_cast<size_t>(s.n) * count() * blocks; },
        [=, this, a = buffers.in, c = buffers.out](const Step& s, size_t task, float* scratch) {
          const size_t product = task / blocks % count();
          const size_t sample = task / blocks / count();
          const int64_t first = static_cast<int64_t>(task % blocks) * kTaskRows;
          Gemm g = product_of(std::min<int64_t>(kTaskRows, m_ - first), n_, k_);
          g.a = at(s, a, a_, sample, product) + (a_.transposed ? first : first * k_);
          g.a_row = a_.transposed ? 1 : k_;
          g.a_depth = a_.transposed ? m_ : 1;
          g.b = at(s, b, b_, sample, product);
          g.c = s.at(c) + (sample * count() + product) * c_floats() + static_cast<size_t>(first * n_);
          g.scratch = scratch;
          kernels().gemm(g);
        });
  }

  void plan_backward(Plan& plan, const OpBuffers& buffers) const override {
    if (buffers.d_inputs[0] != kNoBuffer) plan_gradient_of_a(plan, buffers);
    if (buffers.d_inputs[1] != kNoBuffer) plan_gradient_of_b(plan, buffers);
  }

 private:
  static void set_matrices(Matrices& matrices, const Shape& shape, bool transposed) {
    matrices.rows = shape[shape.size() - 2];
    matrices.columns = shape.back();
    matrices.transposed = transposed;
    matrices.count = static_cast<size_t>(size_of(shape) / (matrices.rows * matrices.columns));
  }

  Shape broadcast_leading(const Shape& a, const Shape& b) const {
    Shape result(std::max(a.size(), b.size()) - 2);
    for (size_t i = 0; i < result.size(); ++i) {
      const int64_t x = leading_size(a, result.size(), i);
      const int64_t y = leading_size(b, result.size(), i);
      if (x != y && x != 1 && y != 1) {
        throw Error("SHAPE_MISMATCH",
                    name + ": the leading axes of " + to_string(a) + " and " + to_string(b) + " don't fit", name);
      }
      result[i] = x == 1 ? y : x;
    }
    return result;
  }

  // The size of leading axis `axis` of `rank`; axes that are missing in front have size 1.
  static int64_t leading_size(const Shape& shape, size_t rank, size_t axis) {
    const size_t missing = rank + 2 - shape.size();
    return axis < missing ? 1 : shape[axis - missing];
  }

  // Fills `of`, while `out` has the leading axes alone.
  void list_matrices(Matrices& matrices, const Shape& shape) const {
    for (int64_t product = 0; product < size_of(out); ++product) {
      int64_t rest = product;
      int64_t stride = 1;
      int64_t index = 0;
      for (size_t axis = out.size(); axis-- > 0;) {
        const int64_t size = leading_size(shape, out.size(), axis);
        if (size > 1) index += rest % out[axis] * stride;
        rest /= out[axis];
        stride *= size;
      }
      matrices.of.push_back(static_cast<int32_t>(index));
    }
  }

  size_t count() const { return a_.of.size(); }
  size_t c_floats() const { return static_cast<size_t>(m_ * n_); }

  static float* at(const Step& s, BufferId buffer, const Matrices& matrices, size_t sample, size_t product) {
    return s.at(buffer) + (sample * matrices.count + static_cast<size_t>(matrices.of[product])) * matrices.floats();
  }

  // A product whose right side and result are row-major. The caller adds the matrices.
  static Gemm product_of(int64_t m, int64_t n, int64_t depth) {
    Gemm g;
    g.m = static_cast<int>(m);
    g.n = static_cast<int>(n);
    g.depth = static_cast<int>(depth);
    g.b_depth = n;
    g.c_row = n;
    return g;
  }

  void begin_pass(Plan& plan, const char* kind) const {
    const double flops = 2.0 * static_cast<double>(m_) * static_cast<double>(k_) * static_cast<double>(n_);
    plan.pass({.node = name, .kind = kind, .algorithm = "direct", .flops = flops * static_cast<double>(count())});
  }

  // Plans a stage that transposes all matrices of a buffer. Returns the buffer of the transposed ones.
  BufferId plan_transposes(Plan& plan, const Matrices& matrices, BufferId from) const {
    return plan_transposes(plan, matrices.count, matrices.rows, matrices.columns, from);
  }

  static BufferId plan_transposes(Plan& plan, size_t count, int64_t rows, int64_t columns, BufferId from) {
    const size_t floats = static_cast<size_t>(rows * columns);
    const BufferId to = plan.workspace(count * floats);
    plan.stage(
        {from, to}, [count](const Step& s) { return static_cast<size_t>(s.n) * count; },
        [=](const Step& s, size_t task, float*) {
          kernels().transpose(s.at(from) + task * floats, static_cast<int>(rows), static_cast<int>(columns), columns,
                              s.at(to) + task * floats, rows);
        });
    return to;
  }

  // Plans a stage that sums, for each matrix of `matrices`, the products that it is in: run(step, sample, product,
  // gradient, accumulate, scratch).
  template <typename Run>
  void plan_sums(Plan& plan, const Matrices& matrices, std::vector<BufferId> uses, BufferId gradient, Run run) const {
    plan.need_scratch(kGemmScratch);
    uses.push_back(gradient);
    plan.stage(
        std::move(uses), [](const Step& s) { return static_cast<size_t>(s.n); },
        [=, this, &matrices](const Step& s, size_t sample, float* scratch) {
          float* first = s.at(gradient) + sample * matrices.sample_floats();
          std::fill_n(first, matrices.sample_floats(), 0.0f);
          for (size_t product = 0; product < count(); ++product) {
            Gemm g = run(s, sample, product);
            g.c = at(s, gradient, matrices, sample, product);
            g.accumulate = true;
            g.scratch = scratch;
            kernels().gemm(g);
          }
        });
  }

  // dA = dC op(B)^T, or op(B) dC^T if A is stored transposed.
  void plan_gradient_of_a(Plan& plan, const OpBuffers& buffers) const {
    begin_pass(plan, "gradient of the first input");
    const BufferId b = buffers.inputs[1];
    const BufferId dc = buffers.d_out;
    if (a_.transposed) {
      const BufferId dc_t = plan_transposes(plan, count(), m_, n_, dc);
      plan_sums(plan, a_, {b, dc_t}, buffers.d_inputs[0], [=, this](const Step& s, size_t sample, size_t product) {
        Gemm g = product_of(k_, m_, n_);
        g.a = at(s, b, b_, sample, product);
        g.a_row = b_.transposed ? 1 : n_;
        g.a_depth = b_.transposed ? k_ : 1;
        g.b = s.at(dc_t) + (sample * count() + product) * c_floats();
        return g;
      });
      return;
    }
    const BufferId b_t = b_.transposed ? b : plan_transposes(plan, b_, b);
    plan_sums(plan, a_, {b_t, dc}, buffers.d_inputs[0], [=, this](const Step& s, size_t sample, size_t product) {
      Gemm g = product_of(m_, k_, n_);
      g.a = s.at(dc) + (sample * count() + product) * c_floats();
      g.a_row = n_;
      g.a_depth = 1;
      g.b = at(s, b_t, b_, sample, product);
      return g;
    });
  }

  // dB = op(A)^T dC, or dC^T op(A) if B is stored transposed.
  void plan_gradient_of_b(Plan& plan, const OpBuffers& buffers) const {
    begin_pass(plan, "gradient of the second input");
    const BufferId a = buffers.inputs[0];
    const BufferId dc = buffers.d_out;
    if (b_.transposed) {
      const BufferId rows = a_.transposed ? plan_transposes(plan, a_, a) : a;
      plan_sums(plan, b_, {rows, dc}, buffers.d_inputs[1], [=, this](const Step& s, size_t sample, size_t product) {
        Gemm g = product_of(n_, k_, m_);
        g.a = s.at(dc) + (sample * count() + product) * c_floats();
        g.a_row = 1;
        g.a_depth = n_;
        g.b = at(s, rows, a_, sample, product);
        return g;
      });
      return;
    }
    plan_sums(plan, b_, {a, dc}, buffers.d_inputs[1], [=, this](const Step& s, size_t sample, size_t product) {
      Gemm g = product_of(k_, n_, m_);
      g.a = at(s, a, a_, sample, product);
      g.a_row = a_.transposed ? m_ : 1;
      g.a_depth = a_.transposed ? 1 : k_;
      g.b = s.at(dc) + (sample * count() + product) * c_floats();
      return g;
    });
  }

  Matrices a_;
  Matrices b_;
  int64_t m_ = 0;
  int64_t n_ = 0;
  int64_t k_ = 0;
};

}  // namespace

std::unique_ptr<Op> make_matMul(const NodeDescription& node, const std::vector<Shape>& inputs) {
  return std::make_unique<MatMulOp>(node, inputs);
}

}  // namespace convforge
