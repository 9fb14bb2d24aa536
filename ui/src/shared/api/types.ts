import type { paths } from '@/shared/api/schema';

/** The JSON body of the 200 reply of an operation. */
export type BodyOf<Operation> = Operation extends {
  responses: { 200: { content: { 'application/json': infer Body } } };
}
  ? Body
  : never;

type ItemOf<List> = List extends { data?: (infer Item)[] | null } ? Item : never;
type Get<Path extends keyof paths> = paths[Path] extends { get: infer Operation } ? BodyOf<Operation> : never;

type TestsPath = '/public/v2/workspaces/{workspaceId}/monitoring-tests';
type ResourcePath = '/public/v2/custom-connections/{connectionId}/resources/{resourceId}';
type RecordsPath = `${ResourcePath}/records`;

export type Me = Get<'/public/v2/me'>;
export type Posture = Get<'/public/v2/workspaces/{workspaceId}/posture'>;
export type FrameworkList = Get<'/public/v2/workspaces/{workspaceId}/frameworks'>;
export type EventList = Get<'/public/v2/events'>;
export type Company = Get<'/public/v2/company'>;
export type WorkspaceList = Get<'/public/v2/workspaces'>;
export type Workspace = ItemOf<WorkspaceList>;
export type ConnectionList = Get<'/public/v2/custom-connections'>;
export type Connection = ItemOf<ConnectionList>;
export type Resource = NonNullable<Connection['customResources']>[number];
export type SyncRunList = Get<'/public/v2/connections/{connectionId}/sync-runs'>;
export type SyncRun = ItemOf<SyncRunList>;
export type RecordList = Get<RecordsPath>;
export type EvidenceRecord = ItemOf<RecordList>;
export type TestList = Get<TestsPath>;
export type Test = ItemOf<TestList>;
export type TestDetail = Get<`${TestsPath}/{testId}`>;
export type FindingList = Get<`${TestsPath}/{testId}/failures`>;
export type Finding = ItemOf<FindingList>;
export type Cause = NonNullable<Finding['cause']>[number];
export type TestResult = Test['checkResultStatus'];
export type RecordVersion = ItemOf<Get<`${RecordsPath}/{recordId}/versions`>>;
export type RecordVerdicts = Get<`${RecordsPath}/{recordId}/verdicts`>;
export type SessionList = Get<`${ResourcePath}/sessions`>;
export type Session = ItemOf<SessionList>;
export type SchemaDetail = Get<`${ResourcePath}/schema`>;
export type Collection = Get<`${ResourcePath}/collection`>;
export type CollectionInput = Collection['inputs'][number];
export type CheckedRecipe = BodyOf<paths['/public/v2/recipes/check']['post']>;
export type RecipeInput = CheckedRecipe['inputs'][number];
export type Trial = Extract<BodyOf<paths[`${ResourcePath}/collection/actions`]['post']>, { more: boolean }>;
export type Attributes = Get<`${ResourcePath}/attributes`>;
export type Attribute = ItemOf<{ data: Attributes['attributes'] }>;
export type KeyList = Get<'/public/v2/api-keys'>;
export type ApiKey = ItemOf<KeyList>;
export type Inference = BodyOf<paths['/public/v2/schemas/infer']['post']>;
export type CheckedSchema = BodyOf<paths['/public/v2/schemas/check']['post']>;
export type SchemaOutcome = BodyOf<paths[`${ResourcePath}/schema`]['put']>;
export type AuthState = Get<'/public/v2/auth'>;
export type SignedIn = BodyOf<paths['/public/v2/auth/sign-in']['post']>;
export type LinkInfo = BodyOf<paths['/public/v2/auth/links']['post']>;
export type WebSessionList = Get<'/public/v2/auth/sessions'>;
export type WebSession = ItemOf<WebSessionList>;
export type UserList = Get<'/public/v2/users'>;
export type User = ItemOf<UserList>;
export type UserState = Exclude<User['state'], 'DELETED'>;
export type Grant = User['grants'][number];
export type RoleName = Grant['role'];
export type RoleList = Get<'/public/v2/roles'>;
export type Role = ItemOf<RoleList>;
export type Invited = BodyOf<paths['/public/v2/users/{userId}/actions']['post']>;
export type IssuedLink = NonNullable<Invited['link']>;
export type Settings = Get<'/public/v2/settings'>;
