import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'light-dark(#1c4f86, #9cc4ec)' },
  { tag: tags.string, color: 'light-dark(#1d6332, #96d3a5)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'light-dark(#8a4200, #f0b77e)' },
  { tag: [tags.separator, tags.brace, tags.squareBracket], color: 'var(--mantine-color-dimmed)' },
  { tag: tags.invalid, color: 'var(--pl-fail-text)' },
]);

// The base theme of the library knows no light-dark(): what it colours is coloured here.
const frame = EditorView.theme({
  '&': {
    backgroundColor: 'var(--pl-raised)',
    color: 'var(--mantine-color-text)',
    fontSize: '13px',
    border: '1px solid var(--pl-line)',
    borderRadius: 'var(--mantine-radius-sm)',
    maxHeight: '70vh',
  },
  '&.cm-focused': { outline: '2px solid var(--mantine-color-anchor)', outlineOffset: '1px' },
  '.cm-scroller': {
    fontFamily: 'var(--mantine-font-family-monospace)',
    lineHeight: '1.55',
    overflow: 'auto',
    minHeight: '220px',
    borderRadius: 'inherit',
  },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--mantine-color-text)' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'light-dark(#cfe1f7, #2c4563)',
  },
  '.cm-activeLine': { backgroundColor: 'light-dark(#0000000a, #ffffff0a)' },
  '.cm-gutters': {
    backgroundColor: 'var(--pl-sunken)',
    color: 'var(--mantine-color-dimmed)',
    borderRight: '1px solid var(--pl-line)',
  },
  '.cm-activeLineGutter': { backgroundColor: 'var(--pl-hover)', color: 'var(--mantine-color-text)' },
  '.cm-foldPlaceholder': {
    backgroundColor: 'var(--pl-hover)',
    border: '1px solid var(--pl-line)',
    color: 'var(--mantine-color-text)',
    padding: '0 6px',
  },
  '.cm-foldGutter span': { cursor: 'pointer' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'light-dark(#cdeed6, #234a30)', color: 'inherit' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--pl-fail-fill)', color: 'var(--pl-fail-text)' },
  '.cm-searchMatch': { backgroundColor: 'light-dark(#fdeea8, #594a12)' },
  '.cm-searchMatch.cm-searchMatch-selected': { backgroundColor: 'light-dark(#fbcf7a, #7d5c12)' },
  '.cm-panels': { backgroundColor: 'var(--pl-sunken)', color: 'var(--mantine-color-text)' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--pl-line)' },
  '.cm-panel.cm-search': { padding: '6px 30px 6px 8px', fontFamily: 'var(--mantine-font-family)' },
  '.cm-panel.cm-search label': { fontSize: '12px', display: 'inline-flex', alignItems: 'center', gap: '2px' },
  '.cm-textfield': {
    backgroundColor: 'var(--pl-raised)',
    color: 'var(--mantine-color-text)',
    border: '1px solid var(--mantine-color-dimmed)',
    borderRadius: '4px',
    fontSize: '13px',
    padding: '2px 6px',
    minHeight: '24px',
  },
  '.cm-button': {
    backgroundColor: 'var(--pl-raised)',
    backgroundImage: 'none',
    color: 'var(--mantine-color-text)',
    border: '1px solid var(--pl-line)',
    borderRadius: '4px',
    fontSize: '12px',
    minHeight: '24px',
    '&:active': { backgroundImage: 'none', backgroundColor: 'var(--pl-hover)' },
  },
  '.cm-panel.cm-search [name=close]': { color: 'var(--mantine-color-text)', fontSize: '18px', padding: '0 8px' },
  '.cm-tooltip': {
    backgroundColor: 'var(--pl-raised)',
    color: 'var(--mantine-color-text)',
    border: '1px solid var(--pl-line)',
    borderRadius: 'var(--mantine-radius-sm)',
    boxShadow: 'var(--mantine-shadow-md)',
    maxWidth: 'min(460px, 92vw)',
    fontFamily: 'var(--mantine-font-family)',
    fontSize: '13px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--mantine-font-family-monospace)',
    fontSize: '12.5px',
    maxHeight: '16em',
    maxWidth: 'min(460px, 92vw)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px', lineHeight: '1.5' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'light-dark(#dbe9f9, #24405f)',
    color: 'var(--mantine-color-text)',
  },
  '.cm-tooltip-autocomplete-disabled ul li[aria-selected]': { backgroundColor: 'var(--pl-hover)' },
  '.cm-completionDetail': {
    color: 'light-dark(#4a5361, #b4bcc8)',
    fontStyle: 'normal',
    fontFamily: 'var(--mantine-font-family)',
    marginLeft: '12px',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: 600 },
  '.cm-tooltip.cm-completionInfo': {
    padding: '6px 10px',
    whiteSpace: 'pre-line',
    width: 'max-content',
    maxWidth: '300px',
  },
  '.cm-tooltip-section:not(:first-child)': { borderTop: '1px solid var(--pl-line)' },
  '.cm-diagnostic': { padding: '6px 10px', whiteSpace: 'pre-wrap', borderLeft: '4px solid transparent' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--pl-fail)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--pl-error)' },
  '.cm-diagnostic-info': { borderLeftColor: 'var(--pl-ready)' },
  '.cm-diagnosticAction': {
    backgroundColor: 'var(--mantine-color-anchor)',
    color: 'light-dark(#ffffff, #10151b)',
    borderRadius: '4px',
    padding: '2px 8px',
    minHeight: '24px',
    cursor: 'pointer',
  },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--pl-fail)',
    textUnderlineOffset: '3px',
  },
  '.cm-lintRange-warning': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--pl-error)',
    textUnderlineOffset: '3px',
  },
  '.cm-lintRange-info': {
    backgroundImage: 'none',
    textDecoration: 'underline dotted var(--mantine-color-dimmed)',
    textUnderlineOffset: '3px',
  },
  '.cm-gutter-lint': { width: '16px' },
  '.cm-lint-marker': { content: '""', width: '9px', height: '9px', margin: '3px', borderRadius: '50%' },
  '.cm-lint-marker-error': { backgroundColor: 'var(--pl-fail)', borderRadius: '2px' },
  '.cm-lint-marker-warning': { backgroundColor: 'var(--pl-error)' },
  '.cm-lint-marker-info': { backgroundColor: 'var(--pl-ready)' },
  '.cm-diagnosticText code': { fontFamily: 'var(--mantine-font-family-monospace)', fontWeight: 600 },
  '.cm-help': { padding: '8px 10px', display: 'grid', gap: '6px' },
  '.cm-help code': { fontFamily: 'var(--mantine-font-family-monospace)', fontWeight: 600 },
});

/** How the editor looks, in the light and the dark scheme. */
export const look: Extension = [frame, syntaxHighlighting(colours)];
