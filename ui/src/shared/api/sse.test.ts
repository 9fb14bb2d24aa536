import { describe, expect, it } from 'vitest';
import { EventParser } from '@/shared/api/sse';

const TEXT =
  'retry: 2000\n\nid: a.1\nevent: resync\ndata: {}\n\n: still here\n\nid: a.2\nevent: change\ndata: {"changes":[{"topic":"tests"}]}\n\nevent: end\ndata: {"reason":"stopping"}\n\n';
const MESSAGES = [
  { id: 'a.1', event: 'resync', data: '{}' },
  { id: 'a.2', event: 'change', data: '{"changes":[{"topic":"tests"}]}' },
  { id: null, event: 'end', data: '{"reason":"stopping"}' },
];

describe('EventParser', () => {
  it.each([1, 2, 3, 7, 1000])('reads pieces of %i characters', (size) => {
    const parser = new EventParser();
    const read = [];
    for (let at = 0; at < TEXT.length; at += size) read.push(...parser.read(TEXT.slice(at, at + size)));
    expect(read).toEqual(MESSAGES);
  });

  it('takes the line ends of a proxy', () => {
    expect(new EventParser().read(TEXT.replaceAll('\n', '\r\n'))).toEqual(MESSAGES);
  });

  it('keeps a message back until it is whole', () => {
    const parser = new EventParser();
    expect(parser.read('event: change\ndata: {}\n')).toEqual([]);
    expect(parser.read('\n')).toEqual([{ id: null, event: 'change', data: '{}' }]);
  });
});
