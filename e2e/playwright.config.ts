import { defineConfig } from '@playwright/test';

// Headless Chromium is the whole browser: it loads pages of its own, for its address bar, beside each of ours. The last switch
// of a name counts, so what Playwright itself turns off stands here again.
const without = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'TcpPortRandomizationWin',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
];

export default defineConfig({
  testDir: 'tests',
  // Ends of what would not come, not measures: a machine that is busy with other things takes its time.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  // A worker has a browser, and a server for each of its files; most of the time one waits for the other.
  workers: 2,
  // The longest file comes first, so that nobody waits for it in the end.
  projects: [
    { name: 'scripts', testMatch: 'xss.spec.ts' },
    { name: 'pages', testIgnore: 'xss.spec.ts' },
  ],
  forbidOnly: process.env.CI !== undefined,
  // The gate asks once more, and names what only then passed as flaky: that is a bug to mend, of the page or the spec.
  retries: Number(process.env.E2E_RETRIES ?? 0),
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    // A colour on its way from one to the other has no contrast to look at.
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        `--disable-features=${without.join(',')}`,
      ],
    },
  },
});
