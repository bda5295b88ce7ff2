import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const arrows = {
  core: [],
  engine: ['core'],
  images: ['core'],
  faces: ['core', 'images'],
  data: ['core', 'images'],
  models: ['core', 'engine'],
  figures: ['core'],
  runs: ['core', 'engine', 'images', 'faces', 'data', 'models', 'figures'],
  notebook: ['core', 'data', 'figures', 'runs'],
  cli: ['core', 'engine', 'data', 'figures', 'runs'],
  report: ['core', 'figures'],
  playground: ['core', 'engine', 'images', 'models', 'figures', 'runs'],
};

const noTensorFlow = ['@tensorflow/*'];

const depConstraints = Object.entries(arrows).map(([name, imports]) => ({
  sourceTag: `scope:${name}`,
  onlyDependOnLibsWithTags: [name, ...imports].map((each) => `scope:${each}`),
  ...(['core', 'images', 'faces', 'data', 'figures', 'report'].includes(name)
    ? { bannedExternalImports: noTensorFlow }
    : {}),
}));

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.nx/**',
      'notebooks/**',
      'data/**',
      'runs/**',
      'report/**',
      'demo/**',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: ['vitest.config.ts', 'vitest.e2e.config.ts'],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: [], depConstraints },
      ],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/max-params': ['error', { max: 3 }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Use a seeded stream from @janus/core.' },
        { object: 'Date', property: 'now', message: 'Take a clock as an argument.' },
      ],
      'no-console': 'error',
      // tfjs's tensors are classes that its own operations return as interfaces.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    files: ['apps/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    // End-to-end tests read what the command wrote with whatever package reads it.
    files: ['apps/*/e2e/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    files: ['**/*.test.ts', '**/*.fixture.ts', '**/e2e/**/*.ts', 'vitest*.config.ts'],
    rules: {
      'max-lines': 'off',
      'no-restricted-exports': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
