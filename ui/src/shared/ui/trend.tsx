import { VisuallyHidden } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { count, counted } from '@/shared/format/number';
import { dayInWords } from '@/shared/format/time';
import { type DayCounts, drawnSeries, type SeriesName, type SeriesWords, SERIES } from '@/shared/ui/trend-series';
import classes from '@/shared/ui/trend.module.css';

const Chart = lazy(() => import('@/shared/ui/trend-chart'));

const HEIGHT = 240;

/**
 * What was so on each day: stacked areas in the colours of the results, with
 * the rate of passing as a line where the days tell it. Each part can be taken
 * out, so that few failures among many passes are seen. Screen readers get the
 * days as a table.
 */
export function Trend({
  days,
  label,
  unit = 'record',
  height = HEIGHT,
  words = {},
}: {
  /** Oldest first. */
  days: readonly DayCounts[];
  /** What the picture shows: "Records by verdict on the last 90 days". */
  label: string;
  /** What is counted, in the singular. */
  unit?: string;
  height?: number;
  /** What the parts are called where they are not verdicts of records. */
  words?: SeriesWords;
}) {
  const [hidden, setHidden] = useState<readonly SeriesName[]>([]);
  const drawn = drawnSeries(days);
  if (days.length === 0) return null;
  return (
    <figure className={classes.figure} aria-label={label}>
      <div className={classes.legend} role="group" aria-label={`Parts of the picture: ${label}`}>
        {drawn.map((name) => (
          <button
            key={name}
            type="button"
            className={classes.part}
            data-series={name}
            aria-pressed={!hidden.includes(name)}
            title={hidden.includes(name) ? 'Show it' : 'Leave it out'}
            onClick={() => {
              setHidden(hidden.includes(name) ? hidden.filter((each) => each !== name) : [...hidden, name]);
            }}
          >
            <span className={classes.swatch} aria-hidden />
            {words[name] ?? SERIES[name].word}
          </button>
        ))}
      </div>
      <Suspense fallback={<div style={{ height }} />}>
        <Chart
          days={days}
          series={drawn.filter((name) => !hidden.includes(name))}
          label={label}
          unit={unit}
          words={words}
          height={height}
        />
      </Suspense>
      <VisuallyHidden>
        <table>
          <caption>{label}</caption>
          <thead>
            <tr>
              <th scope="col">Day</th>
              {drawn.map((name) => (
                <th key={name} scope="col">
                  {words[name] ?? SERIES[name].word}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr key={day.day}>
                <th scope="row">{dayInWords(day.day)}</th>
                {drawn.map((name) => (
                  <td key={name}>{SERIES[name].say(day[name])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </figure>
  );
}

/** Open findings by how long they are open: a bar for each span of ages, in proportion. */
export function AgeBars({
  ages,
  label,
  unit = 'finding',
}: {
  /** The spans in order, each in words as the server names it. */
  ages: readonly { label: string; count: number }[];
  label: string;
  unit?: string;
}) {
  const most = Math.max(1, ...ages.map((age) => age.count));
  return (
    <dl className={classes.ages} aria-label={label}>
      {ages.map((age) => (
        <div key={age.label} className={classes.age}>
          <dt>{age.label}</dt>
          <dd title={counted(age.count, unit)}>
            <span className={classes.bar} aria-hidden style={{ width: `${(100 * age.count) / most}%` }} />
            {count(age.count)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
