import tseslint from 'typescript-eslint'

const ambient = ['Date', 'performance', 'crypto', 'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval',
  'queueMicrotask', 'process', 'Buffer', 'require', '__dirname', '__filename']
const inexactMath = ['random', 'log', 'log2', 'log10', 'log1p', 'exp', 'expm1', 'pow', 'sin', 'cos', 'tan', 'sinh', 'cosh', 'tanh', 'cbrt', 'hypot', 'atan2']

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'reports/out/', 'node_modules/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/no-unused-vars': 'error',
      'no-empty': 'error',
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // Below cli/ nothing ambient: no clock, no randomness, no timers, no Node (design D1, D3).
    files: ['sim/**/*.ts', 'strategies/**/*.ts', 'properties/**/*.ts', 'reports/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', ...ambient.map((name) => ({ name, message: 'Ambient state is forbidden below cli/; it comes from the host or is injected.' }))],
      'no-restricted-properties': ['error',
        ...inexactMath.map((property) => ({ object: 'Math', property, message: 'Its last bits are not specified (D1); use the tables in sim/kernel/distributions.ts.' })),
        { property: 'localeCompare', message: 'Depends on the locale (D1).' },
        { property: 'toLocaleString', message: 'Depends on the locale (D1).' }],
      'no-restricted-syntax': ['error',
        { selector: "BinaryExpression[operator='**']", message: 'Its last bits are not specified (D1).' },
        { selector: "Identifier[name='WeakRef']", message: 'Garbage collection is ambient state (D6).' }],
    },
  },
)
