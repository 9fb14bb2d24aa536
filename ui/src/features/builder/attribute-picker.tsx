import { Combobox } from '@mantine/core';
import { factWords, findOffered, type Offered, samplesOf, type Scope, typeWords } from '@/features/builder/scope';
import { Picker } from '@/features/builder/picker';
import classes from '@/features/builder/picker.module.css';

const MOST_SHOWN = 150;
const NAMED = 'named';

/** Chooses an attribute out of those of a scope, by name, description or value. */
export function AttributePicker({
  scope,
  fact,
  path,
  label,
  onPick,
  onName,
  part,
  placeholder = 'Choose an attribute',
  error = false,
}: {
  scope: Scope | undefined;
  fact: string | undefined;
  path?: unknown;
  label: string;
  onPick: (offered: Offered) => void;
  /** Takes an attribute that is not among those that are known, by its name. */
  onName?: (fact: string) => void;
  /** What this is called when the focus returns to it. */
  part?: string;
  placeholder?: string;
  error?: boolean;
}) {
  const offered = scope?.attributes ?? [];
  const chosen = fact === undefined ? undefined : findOffered(offered, fact, path);
  const unknown = (found: readonly Offered[], typed: string) =>
    onName !== undefined && typed.trim() !== '' && !found.some(({ label: name }) => name === typed.trim());
  return (
    <Picker
      label={label}
      shown={fact === undefined ? undefined : (chosen?.label ?? factWords(fact, path))}
      placeholder={placeholder}
      search="Search attributes"
      part={part}
      first={part === 'attribute'}
      disabled={scope === undefined}
      error={error}
      onSubmit={(key, typed) => {
        const picked = offered.find((each) => each.key === key);
        if (picked !== undefined) onPick(picked);
        else if (key === NAMED) onName?.(typed);
      }}
      footer={(typed) => {
        const found = search(offered, typed);
        return (
          found.length > MOST_SHOWN && (
            <Combobox.Footer className={classes.footer ?? ''}>
              {MOST_SHOWN} of {found.length} attributes. Type to find the others.
            </Combobox.Footer>
          )
        );
      }}
    >
      {(typed) => {
        const found = search(offered, typed);
        return (
          <>
            {found.slice(0, MOST_SHOWN).map((each) => (
              <Combobox.Option
                key={each.key}
                value={each.key}
                active={each === chosen}
                className={classes.option ?? ''}
              >
                <AttributeOption offered={each} sample={scope?.sample ?? 0} flat={typed !== ''} />
              </Combobox.Option>
            ))}
            {unknown(found, typed) && (
              <Combobox.Option value={NAMED} className={classes.option ?? ''}>
                Use <bdi>“{typed.trim()}”</bdi>, which is not among the known ones
              </Combobox.Option>
            )}
            {found.length === 0 && !unknown(found, typed) && (
              <Combobox.Empty>{emptyWords(scope, typed)}</Combobox.Empty>
            )}
          </>
        );
      }}
    </Picker>
  );
}

function emptyWords(scope: Scope | undefined, typed: string): string {
  if (scope?.loading === true) return 'Loading the attributes';
  return typed === '' ? 'Nothing is known of the attributes yet: push a record first.' : 'No attribute is called that.';
}

function search(offered: readonly Offered[], typed: string): readonly Offered[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return offered;
  return offered.filter((each) => {
    const text =
      `${each.label} ${each.attribute.title ?? ''} ${each.attribute.description ?? ''} ${samplesOf(each.attribute)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function AttributeOption({ offered, sample, flat }: { offered: Offered; sample: number; flat: boolean }) {
  const { attribute, label, depth } = offered;
  const samples = samplesOf(attribute);
  const name = attribute.name === '' ? label : attribute.name;
  const share =
    sample === 0 || attribute.present === sample ? undefined : Math.floor((attribute.present / sample) * 100);
  return (
    <span className={classes.entry} data-depth={flat ? undefined : Math.min(depth, 6)}>
      <span className={classes.entryHead}>
        <bdi className={classes.entryName}>{flat ? label : name}</bdi>
        <span className={classes.entryType}>{typeWords(attribute)}</span>
      </span>
      {(samples !== '' || share !== undefined) && (
        <span className={classes.entrySamples}>
          <bdi>{samples}</bdi>
          {share !== undefined && <span className={classes.share}>in {share} %</span>}
        </span>
      )}
    </span>
  );
}
