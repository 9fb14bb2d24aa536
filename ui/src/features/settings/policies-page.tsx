import { Button, Group, NumberInput, Stack, Switch, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { orNull, TextForm } from '@/features/settings/form';
import { SettingsFrame } from '@/features/settings/frame';
import type { Feature, SettingsChange } from '@/shared/api/settings';
import type { AuthState, Settings } from '@/shared/api/types';
import { errorAt, Notice } from '@/shared/ui/form-errors';
import { Panel } from '@/shared/ui/page';
import { Loaded } from '@/shared/ui/states';
import classes from '@/features/settings/settings.module.css';

type Save = (change: SettingsChange) => Promise<unknown>;

/** What is demanded of exclusions and of users of the API, and what is switched on. */
export function PoliciesPage({
  may,
  settings,
  auth,
  save,
  accept,
}: {
  may: (scope: string) => boolean;
  settings: { data: Settings | undefined; error: Error | null; refetch: () => unknown };
  auth: AuthState | undefined;
  save: Save;
  accept: () => Promise<unknown>;
}) {
  const readOnly = !may('settings-put');
  return (
    <SettingsFrame title="Policies" may={may}>
      <Loaded query={settings} label="the policies">
        {(data) => (
          <>
            <FeaturesPanel settings={data} readOnly={readOnly} save={save} />
            <ExclusionsPanel settings={data} readOnly={readOnly} save={save} />
            <TermsPanel settings={data} readOnly={readOnly} save={save} accept={accept} />
            {auth !== undefined && (
              <Panel title="Sign-in">
                <div className={classes.body}>
                  <Text size="sm">
                    Passwords have {auth.minimumPasswordLength} characters or more; common ones are refused. A session
                    ends after {auth.sessionIdleHours} hours without use, and after {auth.sessionDays} days in any case.
                    After several failures the next attempt has to wait.
                  </Text>
                </div>
              </Panel>
            )}
          </>
        )}
      </Loaded>
    </SettingsFrame>
  );
}

const FEATURES: Record<string, { label: string; help: string }> = {
  CUSTOM_CONNECTIONS_AND_TESTS: {
    label: 'Connections and tests of your own',
    help: 'Off: their pages and their part of the API answer 402. Nothing is deleted.',
  },
  CUSTOM_FRAMEWORKS: {
    label: 'Frameworks of your own',
    help: 'Off: none can be made, imported or changed. Nothing is deleted.',
  },
};

function FeaturesPanel({ settings, readOnly, save }: { settings: Settings; readOnly: boolean; save: Save }) {
  const saving = useMutation({ mutationFn: (disabledFeatures: Feature[]) => save({ disabledFeatures }) });
  const off = settings.disabledFeatures as Feature[];
  return (
    <Panel title="What is switched on">
      <Stack gap={12} className={classes.form ?? ''}>
        <Notice error={saving.error} fields={[]} />
        {(settings.features as Feature[]).map((feature) => (
          <Switch
            key={feature}
            label={FEATURES[feature]?.label ?? feature}
            description={FEATURES[feature]?.help}
            checked={!off.includes(feature)}
            disabled={readOnly || saving.isPending}
            onChange={(event) => {
              const others = off.filter((each) => each !== feature);
              saving.mutate(event.currentTarget.checked ? others : [...others, feature]);
            }}
          />
        ))}
      </Stack>
    </Panel>
  );
}

const EXCLUSIONS = ['exclusionMaxDays', 'exclusionWarningDays'] as const;

function ExclusionsPanel({ settings, readOnly, save }: { settings: Settings; readOnly: boolean; save: Save }) {
  const [required, setRequired] = useState(settings.exclusionExpiryRequired);
  const [longest, setLongest] = useState<number | string>(settings.exclusionMaxDays);
  const [warning, setWarning] = useState<number | string>(settings.exclusionWarningDays);
  const saving = useMutation({
    mutationFn: () =>
      save({
        exclusionExpiryRequired: required,
        exclusionMaxDays: Number(longest),
        exclusionWarningDays: Number(warning),
      }),
  });
  return (
    <Panel title="Exclusions">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <Stack gap={12}>
          <Notice error={saving.error} fields={EXCLUSIONS} />
          <Switch
            label="Every exclusion must have an end"
            checked={required}
            disabled={readOnly}
            onChange={(event) => {
              setRequired(event.currentTarget.checked);
            }}
          />
          <NumberInput
            label="Longest time, in days"
            min={1}
            max={3650}
            readOnly={readOnly}
            value={longest}
            error={errorAt(saving.error, EXCLUSIONS, 'exclusionMaxDays')}
            onChange={setLongest}
          />
          <NumberInput
            label="Warn this many days before the end"
            min={1}
            max={3650}
            readOnly={readOnly}
            value={warning}
            error={errorAt(saving.error, EXCLUSIONS, 'exclusionWarningDays')}
            onChange={setWarning}
          />
          {!readOnly && (
            <Group>
              <Button type="submit" size="xs" loading={saving.isPending}>
                Save
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Panel>
  );
}

const TERMS = [
  { name: 'termsVersion', label: 'Version', description: 'Empty: there are no terms.' },
  { name: 'termsText', label: 'Text', long: true },
];

function TermsPanel({
  settings,
  readOnly,
  save,
  accept,
}: {
  settings: Settings;
  readOnly: boolean;
  save: Save;
  accept: () => Promise<unknown>;
}) {
  const accepting = useMutation({ mutationFn: accept });
  return (
    <Panel title="Terms of the API">
      <div className={classes.form}>
        <Text size="sm" c="dimmed" mb={10}>
          While a version is not accepted, all of the API but these settings answers 412.
        </Text>
        <TextForm
          key={settings.termsVersion ?? ''}
          fields={TERMS}
          values={{ termsVersion: settings.termsVersion ?? '', termsText: settings.termsText ?? '' }}
          action="Save the terms"
          readOnly={readOnly}
          submit={(typed) => save({ termsVersion: orNull(typed.termsVersion), termsText: orNull(typed.termsText) })}
        />
        {!settings.termsAccepted && !readOnly && (
          <Group mt={12}>
            <Notice error={accepting.error} fields={[]} />
            <Button
              size="xs"
              loading={accepting.isPending}
              onClick={() => {
                accepting.mutate();
              }}
            >
              Accept version {settings.termsVersion}
            </Button>
          </Group>
        )}
      </div>
    </Panel>
  );
}
