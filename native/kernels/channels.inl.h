// Loops over channels, with channels in lanes.

constexpr int kCacheLineFloats = 16;

// kVecs vectors of channels from `first` on, `lanes` channels in each. Several independent vectors hide the latency of
// their operations.
template <int kVecs>
struct Channels {
  static constexpr int vecs = kVecs;
  int first;
  int lanes;
  bool whole;
};

template <typename Body>
CONVFORGE_INLINE void for_channels(int channels, Body body) {
  constexpr int kVecs = 4;
  int c = 0;
  for (; c + kVecs * kLanes <= channels; c += kVecs * kLanes) body(Channels<kVecs>{c, kLanes, true});
  for (; c + kLanes <= channels; c += kLanes) body(Channels<1>{c, kLanes, true});
  if (c < channels) body(Channels<1>{c, channels - c, false});
}
