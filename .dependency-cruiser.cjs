/**
 * The one way through (docs/architecture.md): job and cluster enter, pods leave. A room may import only the rooms that
 * stand before it, so that a planner can never learn of GPUs and a model never of Kubernetes.
 */
const rooms = {
  api: [],
  charts: [],
  model: [],
  cluster: [],
  profile: [],
  cost: ['model', 'cluster', 'profile', 'planner'],
  planner: [],
  plan: ['charts', 'model', 'cluster', 'profile', 'cost', 'planner'],
  estimate: ['model', 'cluster', 'profile', 'cost', 'planner', 'plan'],
  operator: ['charts', 'model', 'cluster', 'profile', 'cost', 'planner', 'plan'],
  cli: ['charts', 'model', 'cluster', 'profile', 'cost', 'planner', 'plan', 'operator', 'estimate'],
};

/** Third-party packages that a room must not know. */
const strangers = {
  model: ['@kubernetes/client-node', 'highs'],
  cluster: ['highs'],
  profile: ['@kubernetes/client-node', 'highs'],
  cost: ['@kubernetes/client-node', 'highs'],
  planner: ['@kubernetes/client-node'],
  plan: ['highs'],
};

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    {
      name: 'no-dev-dependencies-in-src',
      severity: 'error',
      from: { path: '^src' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    ...Object.entries(rooms).map(([room, before]) => ({
      name: `one-way-${room}`,
      comment: `src/${room} may import only api${before.map((name) => `, ${name}`).join('')}`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: [room, 'api', ...before].map((name) => `^src/${name}/`) },
    })),
    ...Object.entries(strangers).map(([room, packages]) => ({
      name: `no-stranger-${room}`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: packages.map((name) => `node_modules/${name}/`), dependencyTypesNot: ['type-only'] },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
