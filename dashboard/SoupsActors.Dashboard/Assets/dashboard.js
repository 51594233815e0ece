// The little that only the browser can do: the theme before the first paint, dialogs, titles, visibility, the clipboard.
window.soups = (() => {
  const key = 'soups-theme';
  const theme = () => localStorage.getItem(key) ?? 'system';
  const apply = () => { document.documentElement.dataset.theme = theme(); };
  apply();
  addEventListener('storage', apply);
  // A hidden tab need not be kept up to date. Told again until it is heard: a connection that was lost while the tab was
  // hidden comes back only a moment after the tab.
  let viewer, told = true;
  const tell = () => {
    const isVisible = !document.hidden;
    if (!viewer || told === isVisible) return;
    viewer.invokeMethodAsync('Show', isVisible).then(() => { told = isVisible; tell(); }, () => {});
    setTimeout(tell, 3000);
  };
  document.addEventListener('visibilitychange', tell);
  // Blazor would take the link for a navigation, which scrolls but leaves the keyboard where it was.
  addEventListener('click', event => {
    if (!event.target.closest?.('a.skip')) return;
    event.preventDefault();
    document.getElementById('main').focus();
  }, true);
  return {
    theme,
    setTheme(choice) {
      if (choice === 'system') localStorage.removeItem(key); else localStorage.setItem(key, choice);
      apply();
    },
    tellVisibility(page) { viewer = page; told = true; tell(); },
    setTitle(title) { document.title = title; },
    openDialog(dialog) { if (!dialog.open) dialog.showModal(); },
    closeDialog(dialog) { if (dialog.open) dialog.close(); },
    copy(text) { return navigator.clipboard.writeText(text); },
  };
})();
