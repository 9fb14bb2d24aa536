import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@/app/theme.css';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { router } from '@/app/router';
import { cssVariables, theme } from '@/app/theme';
import { newQueryClient } from '@/shared/api/live';
import { takeKeyFromAddress } from '@/shared/auth/key';

const queries = newQueryClient();
const takeKey = () => {
  if (takeKeyFromAddress(window.location, window.history)) queries.clear();
};
takeKey();
// The link can also be opened in a tab that already shows a page.
window.addEventListener('hashchange', takeKey);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element "root"');

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      colorSchemeManager={localStorageColorSchemeManager({ key: 'plumbline.color-scheme' })}
    >
      <Notifications position="bottom-right" limit={4} />
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
