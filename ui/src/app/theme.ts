import { type CSSVariablesResolver, createTheme } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'plumb',
  primaryShade: { light: 8, dark: 8 },
  colors: {
    dark: [
      '#dfe3e8',
      '#c3cad3',
      '#a2abb8',
      '#7b8592',
      '#464d57',
      '#343a43',
      '#242931',
      '#1a1d22',
      '#14161a',
      '#101215',
    ],
    plumb: [
      '#eef4fb',
      '#dce8f5',
      '#b8d1ea',
      '#9cc4ec',
      '#7fb0e2',
      '#5a97d3',
      '#3f80c1',
      '#316dab',
      '#2a5f97',
      '#24507f',
    ],
  },
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '650' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  // The head of a dialog is no banner of the page.
  components: { ModalHeader: { defaultProps: { role: 'presentation' } } },
});

// Mantine's own greys for secondary text are below the contrast of WCAG AA.
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f7f8fa',
    '--mantine-color-text': '#1a2027',
    '--mantine-color-dimmed': '#566070',
    '--mantine-color-placeholder': '#69727f',
    '--mantine-color-anchor': '#24507f',
    '--mantine-color-error': '#a8201a',
  },
  dark: {
    '--mantine-color-body': '#14161a',
    '--mantine-color-text': '#dfe3e8',
    '--mantine-color-dimmed': '#a2abb8',
    '--mantine-color-placeholder': '#98a1ad',
    '--mantine-color-anchor': '#9cc4ec',
    '--mantine-color-error': '#ff9d94',
  },
});
