// The name of this machine's addon in prebuilds/, as node-gyp-build looks for it.
import { existsSync } from 'node:fs';
import os from 'node:os';

/** Such as linux-x64/convforge.glibc.node or darwin-arm64/convforge.node. */
export function prebuildName() {
  const libc = existsSync('/etc/alpine-release') ? '.musl' : '.glibc';
  return `${process.platform}-${os.arch()}/convforge${process.platform === 'linux' ? libc : ''}.node`;
}
