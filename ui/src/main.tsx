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
import { takeTokenFromAddress } from '@/shared/auth/token';

const queries = newQueryClient();
const takeToken = () => takeTokenFromAddress(window.location, window.history);
takeToken();
// A link that is opened in a tab that shows its page already only changes the fragment.
window.addEventListener('hashchange', takeToken);

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
