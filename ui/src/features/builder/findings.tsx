import { Button } from '@mantine/core';
import { useBuilder } from '@/features/builder/context';
import { Said } from '@/features/builder/said';
import classes from '@/features/builder/condition.module.css';

const SEVERITIES = ['error', 'warning', 'info'] as const;

/** How bad the worst is that the server says of a place. */
export function useSeverity(pointer: string): (typeof SEVERITIES)[number] | undefined {
  const list = useBuilder().findings.get(pointer) ?? [];
  return SEVERITIES.find((severity) => list.some((finding) => finding.severity === severity));
}

/** What the server says of a place, with its suggestion as a button. */
export function Findings({ pointer }: { pointer: string }) {
  const { findings, change } = useBuilder();
  const list = findings.get(pointer) ?? [];
  if (list.length === 0) return null;
  return (
    <ul className={classes.findings}>
      {list.map((finding, at) => (
        <li key={at} className={classes.finding} data-severity={finding.severity}>
          <span>
            <Said text={finding.message} />
          </span>
          {finding.fix !== undefined && (
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => {
                if (finding.fix !== undefined) change(finding.fix.tree);
              }}
            >
              {finding.fix.label}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
