// Dot products of a vector with the rows of a packed matrix. Lanes hold columns and are added last, in an order that
// doesn't depend on the vector width. Contract: PanelDots in kernels/types/gemm.h.

constexpr int kPanelVecs = kPanel / kLanes;

template <int kRows>
void panel_dots_tile(const PanelDots& d, int row) {
  const float* x = d.x;
  const float* w = d.w + static_cast<ptrdiff_t>(row) * kPanel;
  Vec acc[kRows][kPanelVecs];
  CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
    CONVFORGE_UNROLL for (int v = 0; v < kPanelVecs; ++v) acc[r][v] = zero();
  }
  for (int p = 0; p < d.panels; ++p, x += d.x_panel, w += d.w_panel) {
    CONVFORGE_UNROLL for (int v = 0; v < kPanelVecs; ++v) {
      const Vec value = load(x + v * kLanes);
      CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) {
        const float* at = w + r * kPanel + v * kLanes;
        // Panels are far apart and their rows short, which defeats hardware prefetching.
        if (v * kLanes % 16 == 0) __builtin_prefetch(at + 2 * d.w_panel);
        acc[r][v] = fma(value, load(at), acc[r][v]);
      }
    }
  }
  CONVFORGE_UNROLL for (int r = 0; r < kRows; ++r) d.y[row + r] = reduce_sum(acc[r]);
}

void panel_dots(const PanelDots& d) {
  constexpr int kFit = kTileRows * kTileVecs / kPanelVecs;
  constexpr int kRows = kFit > 1 ? kFit : 1;
  int row = 0;
  for (; row + kRows <= d.rows; row += kRows) panel_dots_tile<kRows>(d, row);
  for (; row < d.rows; ++row) panel_dots_tile<1>(d, row);
}
