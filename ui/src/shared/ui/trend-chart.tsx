import '@mantine/charts/styles.css';
import { CompositeChart } from '@mantine/charts';
import { Paper } from '@mantine/core';
import { count, counted } from '@/shared/format/number';
import { dayInWords, shortDay } from '@/shared/format/time';
import { type DayCounts, type SeriesName, type SeriesWords, SERIES } from '@/shared/ui/trend-series';
import classes from '@/shared/ui/trend.module.css';

// Fewer days than these make no line.
const AREAS_FROM = 8;

/** The picture of a trend. It carries the chart library, so it is loaded by itself. */
export default function TrendChart({
  days,
  series,
  label,
  unit,
  height,
  words,
}: {
  days: readonly DayCounts[];
  series: readonly SeriesName[];
  label: string;
  unit: string;
  height: number;
  words: SeriesWords;
}) {
  const few = days.length < AREAS_FROM;
  const rate = series.includes('passRate');
  return (
    <CompositeChart
      h={height}
      data={[...days]}
      dataKey="day"
      className={classes.chart ?? ''}
      withDots={false}
      curveType="linear"
      connectNulls={false}
      strokeWidth={1.5}
      tickLine="none"
      gridAxis="x"
      strokeDasharray="2 4"
      gridColor="var(--pl-line)"
      textColor="var(--mantine-color-dimmed)"
      maxBarWidth={44}
      valueFormatter={count}
      xAxisProps={{ tickFormatter: shortDay, minTickGap: 36 }}
      yAxisProps={{ width: 56, allowDecimals: false, tickCount: 4 }}
      withRightYAxis={rate}
      rightYAxisProps={{
        width: 52,
        domain: [0, 100],
        ticks: [0, 50, 100],
        tickFormatter: (value: number) => `${value} %`,
      }}
      composedChartProps={{ title: label, margin: { top: 8, right: rate ? 0 : 8, left: 0, bottom: 0 } }}
      series={series.map((name) =>
        name === 'passRate'
          ? { name, color: SERIES[name].color, type: 'line', yAxisId: 'right' }
          : { name, color: SERIES[name].color, type: few ? 'bar' : 'area' },
      )}
      areaProps={{ stackId: 'counts', fillOpacity: 0.55 }}
      barProps={{ stackId: 'counts' }}
      lineProps={{ strokeWidth: 2, strokeDasharray: '5 3', dot: few }}
      tooltipProps={{
        content: ({ label: day, payload }) => (
          <Paper withBorder shadow="sm" className={classes.tip ?? ''}>
            <Tip
              day={String(day)}
              of={payload[0]?.payload as DayCounts | undefined}
              series={series}
              unit={unit}
              words={words}
            />
          </Paper>
        ),
      }}
    />
  );
}

function Tip({
  day,
  of,
  series,
  unit,
  words,
}: {
  day: string;
  of: DayCounts | undefined;
  series: readonly SeriesName[];
  unit: string;
  words: SeriesWords;
}) {
  if (of === undefined) return null;
  return (
    <>
      <strong>{dayInWords(day)}</strong>
      <dl>
        {[...series].reverse().map((name) => (
          <div key={name} data-series={name}>
            <dt>
              <span className={classes.swatch} aria-hidden />
              {words[name] ?? SERIES[name].word}
            </dt>
            <dd title={name === 'passRate' ? undefined : counted(of[name] ?? 0, unit)}>{SERIES[name].say(of[name])}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
