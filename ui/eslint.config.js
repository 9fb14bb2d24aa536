import { readdirSync } from 'node:fs';
import js from '@eslint/js';
import globals from 'globals';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const features = readdirSync(new URL('./src/features', import.meta.url));

// app -> features -> shared, and no feature knows another. Files of one folder
// name each other relatively; every other import goes through "@/".
const upward = { regex: '^\\.\\./', message: 'Leave a folder through "@/", so that the layer is visible.' };
const layer = (files, forbidden) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: [upward, { group: forbidden, message: 'app -> features -> shared; no feature imports another.' }] },
    ],
  },
});

export default tseslint.config(
  { ignores: ['dist', 'src/shared/api/schema.d.ts'] },
  js.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}', 'vite.config.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // The router signals "not found" and redirects by throwing its own objects.
      '@typescript-eslint/only-throw-error': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]',
          message: 'Everything shown is text: records come from outside.',
        },
      ],
    },
  },
  layer(['src/shared/**/*.{ts,tsx}'], ['@/features/*', '@/features/**', '@/app/*', '@/app/**']),
  ...features.map((name) =>
    layer(
      [`src/features/${name}/**/*.{ts,tsx}`],
      ['@/app/*', '@/app/**', ...features.filter((other) => other !== name).map((other) => `@/features/${other}/**`)],
    ),
  ),
  {
    files: ['src/**/index.{ts,tsx}'],
    rules: {
      'no-restricted-syntax': ['error', { selector: 'Program', message: 'No barrel files: import the file itself.' }],
    },
  },
  { files: ['public/**'], languageOptions: { globals: globals.browser } },
  { files: ['scripts/**', 'eslint.config.js'], languageOptions: { globals: globals.node } },
);
