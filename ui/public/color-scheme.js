// Runs before the first paint, so that a dark page never flashes white. A file
// of its own because the content security policy allows no inline script.
(() => {
  let wanted = 'auto';
  try {
    wanted = localStorage.getItem('plumbline.color-scheme') ?? 'auto';
  } catch {
    // Storage may be switched off; the system's scheme is then the one to take.
  }
  const dark = wanted === 'dark' || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
