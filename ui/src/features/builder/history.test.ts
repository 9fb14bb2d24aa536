import { expect, it } from 'vitest';
import { begin, type Form, record, redo, undo } from '@/features/builder/history';

const form = (name: string): Form => ({ name, description: '', logic: {} });

it('takes edits back and does them again', () => {
  let history = record(record(begin(form('a')), form('b')), form('c'));
  history = undo(history);
  expect(history.present.name).toBe('b');
  history = undo(undo(history));
  expect(history.present.name).toBe('a');
  history = redo(redo(redo(history)));
  expect(history.present.name).toBe('c');
  expect(history.future).toEqual([]);
});

it('has one step for the letters of one field, and a new one after something else', () => {
  let history = begin(form(''));
  for (const name of ['x', 'xy', 'xyz']) history = record(history, form(name), 'name');
  history = record(history, form('other'), 'value');
  expect(undo(history).present.name).toBe('xyz');
  expect(undo(undo(history)).present.name).toBe('');
});

it('forgets what was undone once something else is done', () => {
  const history = record(undo(record(begin(form('a')), form('b'))), form('c'));
  expect(redo(history)).toBe(history);
  expect(undo(history).present.name).toBe('a');
});
