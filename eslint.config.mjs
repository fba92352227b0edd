import eslint from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const onlyInExtension = {
  name: 'vscode',
  message: 'Only src/extension may import vscode (DESIGN: who may import whom).',
};

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      'tools/vscode-host/node_modules/',
      'test-results/',
      'demo-output/',
      'wasm/',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-console': 'error',
      'no-restricted-imports': ['error', { paths: [onlyInExtension] }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'No default exports: a thing has one name everywhere.',
        },
        {
          selector: 'ExportAllDeclaration',
          message: 'No barrels: import from where it is defined.',
        },
      ],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 25],
    },
  },
  {
    files: ['src/extension/**/*.ts', 'test/host/suite/**/*.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
  { files: ['test/**/*.ts', 'bench/**/*.ts'], rules: { 'max-lines': 'off', complexity: 'off' } },
  { files: ['vitest.config.mts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['**/*.mjs', 'scripts/**/*'],
    languageOptions: { globals: globals.node },
    rules: { 'no-console': 'off' },
  },
);
