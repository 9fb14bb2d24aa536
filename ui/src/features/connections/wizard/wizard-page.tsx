import { IconCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Page } from '@/shared/ui/page';
import { type Step, STEP_WORDS, STEPS } from '@/features/connections/wizard/steps';
import classes from '@/features/connections/wizard/wizard.module.css';

/** The frame of the steps: where one is, what is done, and the way back. */
export function WizardPage({
  step,
  made,
  narrow,
  buttons,
  children,
}: {
  step: Step;
  /** Whether the connection exists: what made it is behind one then. */
  made: boolean;
  narrow: boolean;
  buttons: ReactNode;
  children: ReactNode;
}) {
  const now = STEPS.indexOf(step);
  return (
    <Page
      title="New connection"
      above={
        <Link to="/connections" activeOptions={{ exact: true }}>
          Connections
        </Link>
      }
    >
      <ol className={classes.steps} aria-label="Steps">
        {STEPS.map((each, at) => {
          const mark = (
            <>
              <span className={classes.mark}>
                {at < now ? <IconCheck size={13} stroke={2.6} aria-hidden /> : at + 1}
              </span>
              <span className={classes.word}>{STEP_WORDS[each]}</span>
            </>
          );
          const goes = at < now && (!made || each === 'key');
          return (
            <li key={each}>
              {goes ? (
                <Link
                  from="/connections/new"
                  to="."
                  search={(search) => ({ ...search, step: each })}
                  className={classes.step}
                  data-done
                >
                  {mark}
                </Link>
              ) : (
                <span
                  className={classes.step}
                  data-done={at < now || undefined}
                  aria-current={at === now ? 'step' : undefined}
                >
                  {mark}
                </span>
              )}
            </li>
          );
        })}
      </ol>
      <div className={narrow ? classes.form : classes.body}>
        {children}
        <div className={classes.buttons}>{buttons}</div>
      </div>
    </Page>
  );
}
