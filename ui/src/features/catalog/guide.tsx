import { Code } from '@mantine/core';
import { Fragment } from 'react';
import { guideBlocks, type Span } from '@/features/catalog/guide-text';
import classes from '@/features/catalog/catalog.module.css';

/** A set-up guide: its steps and paragraphs. */
export function Guide({ text }: { text: string }) {
  return (
    <div className={classes.guide}>
      {guideBlocks(text).map((block, at) =>
        'steps' in block ? (
          <ol key={at}>
            {block.steps.map((step, n) => (
              <li key={n}>
                <Line spans={step} />
              </li>
            ))}
          </ol>
        ) : (
          <p key={at}>
            <Line spans={block.line} />
          </p>
        ),
      )}
    </div>
  );
}

function Line({ spans }: { spans: Span[] }) {
  return spans.map(({ text, as }, at) => {
    if (as === 'code') return <Code key={at}>{text}</Code>;
    if (as === 'strong') return <strong key={at}>{text}</strong>;
    if (as === 'em') return <em key={at}>{text}</em>;
    return <Fragment key={at}>{text}</Fragment>;
  });
}
