// Rules for dependency-cruiser, made from rooms.json: imports of lib run one way, those of types alone
// included.
const { lib: rooms, main, cycles } = require('./rooms.json');

const pathOf = (path) => path.replaceAll('.', '\\.');
const oneOf = (paths) => `^(${paths.map(pathOf).join('|')})$`;

/** A pattern for the files of a room. */
function filesOf(room) {
  if (room === 'main') return oneOf(main);
  return room === '.' ? '^lib/[^/]+$' : `^lib/${room}/`;
}

const upwards = rooms.slice(0, -1).map((room, i) => ({
  name: `${room} imports from a room above it`,
  severity: 'error',
  from: { path: filesOf(room), pathNot: oneOf(main) },
  to: { path: rooms.slice(i + 1).map(filesOf) },
}));

const allowedCycles = cycles.map((files) => ({
  name: 'a cycle beyond those that rooms.json lists',
  severity: 'error',
  from: { path: oneOf(files) },
  to: { circular: true, via: { pathNot: oneOf(files) } },
}));

module.exports = {
  forbidden: [
    ...upwards,
    ...allowedCycles,
    {
      name: 'a cycle that rooms.json does not list',
      severity: 'error',
      from: { pathNot: oneOf(cycles.flat()) },
      to: { circular: true },
    },
    {
      name: 'a file is in no room',
      severity: 'error',
      from: {},
      to: { path: '^lib/', pathNot: rooms.map(filesOf) },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.mts'] },
  },
};
