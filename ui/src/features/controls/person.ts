/** What people call a person: the name, or where there is none the address. */
export function personName({
  firstName,
  lastName,
  email,
}: {
  firstName: string | null;
  lastName: string | null;
  email: string;
}): string {
  return [firstName, lastName].filter((part) => part !== null && part !== '').join(' ') || email;
}
