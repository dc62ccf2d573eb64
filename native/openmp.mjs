// Prints 1 if the compiler of addons, CXX or c++, has OpenMP, else 0. Threads are std::thread's without it.
import { spawnSync } from 'node:child_process';

const [compiler, ...options] = (process.env.CXX || 'c++').split(' ');
const { status } = spawnSync(compiler, [...options, '-fopenmp', '-fsyntax-only', '-x', 'c++', '-'], {
  input: '#include <omp.h>\nint threads() { return omp_get_num_threads(); }\n',
  stdio: ['pipe', 'ignore', 'ignore'],
});
console.log(status === 0 ? 1 : 0);
