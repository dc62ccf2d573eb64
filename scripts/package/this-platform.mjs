// This machine's prebuilt addon.
import { hostLibc, prebuildPath, TARGETS } from '../prebuild/targets.mjs';

/** Its path in prebuilds/, as node-gyp-build looks for it: linux-x64/convforge.glibc.node, darwin-arm64/convforge.node. */
export function prebuildName() {
  return prebuildPath({ platform: process.platform, arch: process.arch, libc: hostLibc() });
}

/** The name by which `npm run prebuild -- --only` makes it, or undefined if it makes none for this machine. */
export function prebuildTarget() {
  return TARGETS.find((target) => prebuildPath(target) === prebuildName())?.name;
}
