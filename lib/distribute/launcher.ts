/**
 * The number of processes that mpirun, or srun, has started together. Undefined if none did. Open MPI, MPICH and
 * Slurm tell it in the environment.
 */
export function launchedRanks(env: NodeJS.ProcessEnv): number | undefined {
  const slurm = env.PMIX_RANK === undefined ? undefined : env.SLURM_STEP_NUM_TASKS;
  const text = env.OMPI_COMM_WORLD_SIZE ?? env.PMI_SIZE ?? slurm;
  const ranks = Number(text);
  return text !== undefined && Number.isInteger(ranks) && ranks >= 1 ? ranks : undefined;
}
