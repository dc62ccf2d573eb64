// Channels in lanes, some vectors of them at a time.

// Channels from `first` on, kVecs vectors of `lanes` each: several, so that none waits for another.
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
