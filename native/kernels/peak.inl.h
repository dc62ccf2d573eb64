// Measures the peak of a core. There are as many chains as in gemm, enough to hide the latency of a fused multiply-add.

void fma_peak(FmaPeak& p) {
  constexpr int kChains = kTileRows * kTileVecs;
  const Vec factor = broadcast(0.5f);
  const Vec one = broadcast(1.0f);
  Vec chains[kChains];
  CONVFORGE_UNROLL
  for (int i = 0; i < kChains; ++i) chains[i] = broadcast(static_cast<float>(i));
  for (size_t round = 0; round < p.rounds; ++round) {
    CONVFORGE_UNROLL
    for (int i = 0; i < kChains; ++i) chains[i] = fma(chains[i], factor, one);
  }
  Vec sum = zero();
  CONVFORGE_UNROLL
  for (int i = 0; i < kChains; ++i) sum = add(sum, chains[i]);
  float lanes[kLanes];
  store(lanes, sum);
  p.result = lanes[0];
  p.flops = 2.0 * kLanes * kChains * static_cast<double>(p.rounds);
}
