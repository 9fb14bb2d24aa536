/** Recipes to begin with, by what the other system is. */
export const STARTERS: readonly { value: string; label: string; recipe: string }[] = [
  {
    value: 'http',
    label: 'A web API',
    recipe: `collector: http
inputs:
  - name: baseUrl
    label: Address
    help: Where the system answers.
    example: https://api.example.com
    pattern: '^https?://.+'
  - name: token
    label: API token
    help: One that may only read is enough.
    secret: true
http:
  url: \${baseUrl}/users
  auth: {bearer: "\${token}"}
  # Uncomment the way in which the system gives the next page:
  # pages: {link: {}}
  # pages: {page: {parameter: page, size: {parameter: per_page, value: 100}}}
  items: .users
# What becomes a record. It needs an id that stays.
record: '{id: .id, email: .email}'
`,
  },
  {
    value: 'sql',
    label: 'A database',
    recipe: `collector: sql
inputs:
  - name: dsn
    label: Address of the database
    help: With a user who may only read.
    example: postgres://reader:password@db.example.com/app
    secret: true
sql:
  driver: postgres
  dsn: \${dsn}
  query: select id, email from users
# What becomes a record. It needs an id that stays.
record: '{id: .id, email: .email}'
`,
  },
];
