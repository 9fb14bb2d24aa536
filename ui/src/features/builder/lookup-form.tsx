import { Button } from '@mantine/core';
import { AttributePicker } from '@/features/builder/attribute-picker';
import { ConditionAt } from '@/features/builder/conditions';
import { useBuilder } from '@/features/builder/context';
import { isItem, type Item, type Path, setMember, withMember } from '@/features/builder/logic';
import { ResourcePicker } from '@/features/builder/resource-picker';
import { recordPath, type Scope } from '@/features/builder/scope';
import { useRecordScope } from '@/features/builder/scope-of';
import classes from '@/features/builder/condition.module.css';

/** Where a value is looked up: the records of another resource, an attribute of theirs, and which of them count. */
export function LookupForm({ path, node }: { path: Path; node: Item }) {
  const { tree, change, resources } = useBuilder();
  const value: Item = isItem(node.value) ? node.value : {};
  const asked = resources.find(({ id, name }) => id === value.resource || name === value.resource);
  const scope = useRecordScope(asked);
  const lookup = typeof value.path === 'string' ? value.path : undefined;
  const set = (name: string, to: unknown) => {
    change(setMember(tree, path, 'value', withMember(value, name, to)));
  };
  // A lookup names the attribute by one path, where a condition has a fact and a path.
  const found = scope?.attributes.find(({ attribute }) => recordPath(attribute) === lookup);
  return (
    <div className={classes.nested}>
      <div className={classes.line}>
        <ResourcePicker
          resources={resources}
          value={typeof value.resource === 'number' || typeof value.resource === 'string' ? value.resource : undefined}
          label="Look it up in"
          onPick={(resource) => {
            const { where, ...rest } = value;
            const kept = where === undefined || resource.id === value.resource ? value : rest;
            change(setMember(tree, path, 'value', withMember(withoutPath(kept), 'resource', resource.id)));
          }}
        />
        {asked !== undefined && (
          <AttributePicker
            scope={scope}
            fact={lookup === undefined ? undefined : (found?.attribute.own.fact ?? lookup)}
            path={found?.attribute.own.path}
            label="Among the values of"
            placeholder="Among the values of…"
            onPick={({ attribute }) => {
              set('path', recordPath(attribute));
            }}
          />
        )}
        {asked !== undefined && lookup !== undefined && !isItem(value.where) && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => {
              set('where', { all: [{}] });
            }}
          >
            Only some of its records
          </Button>
        )}
      </div>
      {isItem(value.where) && <Where path={[...path, 'value', 'where']} scope={scope} />}
    </div>
  );
}

const withoutPath = (lookup: Item): Item =>
  Object.fromEntries(Object.entries(lookup).filter(([name]) => name !== 'path'));

function Where({ path, scope }: { path: Path; scope: Scope | undefined }) {
  return (
    <div className={classes.nested}>
      <div className={classes.nestedWord}>Only records of it where</div>
      <ConditionAt
        path={path}
        scope={scope === undefined ? undefined : { ...scope, key: `${scope.key} at ${path.join('/')}` }}
        root
      />
    </div>
  );
}
