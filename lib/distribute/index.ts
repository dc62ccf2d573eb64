export { type Distribution, mpi, type MpiOptions } from './mpi.js';
