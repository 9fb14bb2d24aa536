import { describe, expect, it } from 'vitest';
import { guideBlocks } from '@/features/catalog/guide-text';

describe('guideBlocks', () => {
  it('reads steps and paragraphs', () => {
    expect(guideBlocks('1. Open **Security**, then\n   go on.\n2. Run `az login`.\n\nA *last* word.\n')).toEqual([
      {
        steps: [
          [{ text: 'Open ' }, { text: 'Security', as: 'strong' }, { text: ', then go on.' }],
          [{ text: 'Run ' }, { text: 'az login', as: 'code' }, { text: '.' }],
        ],
      },
      { line: [{ text: 'A ' }, { text: 'last', as: 'em' }, { text: ' word.' }] },
    ]);
  });

  it('leaves alone what is no mark', () => {
    expect(guideBlocks('All * of <b>it</b>')).toEqual([{ line: [{ text: 'All * of <b>it</b>' }] }]);
  });

  it('takes the stars within code as they are', () => {
    expect(guideBlocks('Use `*.json` and `a*b`')).toEqual([
      { line: [{ text: 'Use ' }, { text: '*.json', as: 'code' }, { text: ' and ' }, { text: 'a*b', as: 'code' }] },
    ]);
  });
});
