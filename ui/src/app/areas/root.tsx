import { NotFound } from '@/app/not-found';
import { idOf, workspaceSearch } from '@/app/search';
import { Shell } from '@/app/shell';
import { SignInGate } from '@/app/sign-in-gate';
import { createRootRoute, createRoute, notFound, Outlet, retainSearchParams } from '@tanstack/react-router';

export const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  validateSearch: workspaceSearch,
  search: { middlewares: [retainSearchParams(['workspace'])] },
});

/** The parent of every page that reads data. */
export const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: () => (
    <SignInGate>
      <Outlet />
    </SignInGate>
  ),
});

/** Options of a route whose path names objects by these numeric ids. */
export function withIds<const Name extends string>(...names: Name[]) {
  type Ids = Record<Name, number>;
  type Texts = Record<Name, string>;
  return {
    params: {
      parse: (texts: Texts) => Object.fromEntries(names.map((name) => [name, idOf(texts[name])])) as Ids,
      stringify: (ids: Ids) => Object.fromEntries(names.map((name) => [name, String(ids[name])])) as Texts,
    },
    beforeLoad: ({ params }: { params: Ids }) => {
      if (names.some((name) => Number.isNaN(params[name]))) throw notFound();
    },
  };
}
