import { orNull, TextForm } from '@/features/settings/form';
import { SettingsFrame } from '@/features/settings/frame';
import type { CompanyChange } from '@/shared/api/settings';
import type { Company } from '@/shared/api/types';
import { Panel } from '@/shared/ui/page';
import { Loaded } from '@/shared/ui/states';
import classes from '@/features/settings/settings.module.css';

const FIELDS = [
  { name: 'name', label: 'Name', required: true },
  { name: 'legalName', label: 'Legal name', description: 'As it stands in contracts, if it is another one.' },
  { name: 'domain', label: 'Domain', description: 'Such as example.com.', required: true },
  { name: 'description', label: 'Description', long: true },
];

/** What is said of the organisation. */
export function OrganisationPage({
  may,
  company,
  save,
}: {
  may: (scope: string) => boolean;
  company: { data: Company | undefined; error: Error | null; refetch: () => unknown };
  save: (change: CompanyChange) => Promise<unknown>;
}) {
  return (
    <SettingsFrame title="Organisation" may={may}>
      <Loaded query={company} label="the organisation">
        {(data) => (
          <Panel title="About the organisation">
            <div className={classes.form}>
              <TextForm
                fields={FIELDS}
                values={{
                  name: data.name,
                  legalName: data.legalName ?? '',
                  domain: data.domain,
                  description: data.description ?? '',
                }}
                action="Save"
                readOnly={!may('company-settings-put')}
                submit={(typed) =>
                  save({
                    name: typed.name ?? '',
                    domain: typed.domain ?? '',
                    legalName: orNull(typed.legalName),
                    description: orNull(typed.description),
                  })
                }
              />
            </div>
          </Panel>
        )}
      </Loaded>
    </SettingsFrame>
  );
}
